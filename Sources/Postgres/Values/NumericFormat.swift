/// numeric in binary: digit groups of base 10,000 with the weight of the first one (numeric_send in numeric.c).
enum NumericFormat {
  static let scaleMax = 38
  private static let negative: UInt16 = 0x4000
  private static let notFinite: ClosedRange<UInt16> = 0xC000...0xFFFF

  /// 10^0 … 10^38.
  static let powersOfTen: [UInt128] = {
    var powers: [UInt128] = [1]
    for index in 0..<scaleMax { powers.append(powers[index] * 10) }
    return powers
  }()

  static func encode(unscaled: Int128, scale: Int, into buffer: WireBuffer) {
    precondition((0...scaleMax).contains(scale), "numeric scale out of 0...38")
    // Least significant group first; 10 groups hold 39 digits on either side of the point.
    withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 24) { groups in
      var used = 0
      let divided = unscaled.magnitude.quotientAndRemainder(dividingBy: powersOfTen[scale])
      used = appendFraction(divided.remainder, scale: scale, to: groups)
      let fractionGroups = used
      used = appendGroups(divided.quotient, to: groups, at: used)
      var last = 0
      while last < used, groups[last] == 0 { last += 1 }
      while used > last, groups[used - 1] == 0 { used -= 1 }
      buffer.append(Int16(used - last))
      buffer.append(Int16(used == last ? 0 : used - fractionGroups - 1))
      buffer.append(unscaled < 0 ? negative : 0)
      buffer.append(Int16(scale))
      for index in stride(from: used - 1, through: last, by: -1) { buffer.append(groups[index]) }
    }
  }

  /// The last group is padded on the right when the scale is no multiple of four.
  private static func appendFraction(_ value: UInt128, scale: Int, to groups: UnsafeMutableBufferPointer<UInt16>) -> Int
  {
    guard scale > 0 else { return 0 }
    var rest = value
    var used = 0
    let odd = scale % 4
    if odd > 0 {
      let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: powersOfTen[odd])
      groups[0] = UInt16(remainder * powersOfTen[4 - odd])
      rest = quotient
      used = 1
    }
    let end = (scale + 3) / 4
    while used < end {
      let (quotient, remainder) = divide(rest)
      groups[used] = remainder
      rest = quotient
      used += 1
    }
    return used
  }

  private static func appendGroups(_ value: UInt128, to groups: UnsafeMutableBufferPointer<UInt16>, at start: Int)
    -> Int
  {
    var rest = value
    var used = start
    while rest > 0 {
      let (quotient, remainder) = divide(rest)
      groups[used] = remainder
      rest = quotient
      used += 1
    }
    return used
  }

  /// 64-bit division is several times faster and nearly always enough.
  private static func divide(_ value: UInt128) -> (UInt128, UInt16) {
    if let small = UInt64(exactly: value) { return (UInt128(small / 10_000), UInt16(small % 10_000)) }
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: 10_000)
    return (quotient, UInt16(remainder))
  }

  private struct Header {
    var groups: Int
    var weight: Int
    var isNegative: Bool
    var scale: Int
    var special: UInt16?
  }

  private static func header(_ reader: inout WireReader) throws -> Header {
    let groups = Int(try reader.integer(Int16.self))
    let weight = Int(try reader.integer(Int16.self))
    let sign = try reader.integer(UInt16.self)
    let scale = Int(try reader.integer(Int16.self))
    return Header(
      groups: groups, weight: weight, isNegative: sign == negative, scale: scale,
      special: notFinite.contains(sign) ? sign : nil)
  }

  /// The value × 10^scale, exactly. Throws if digits would be lost, if it does not fit, for NaN and infinities.
  static func decode(_ bytes: UnsafeRawBufferPointer, scale: Int) throws -> Int128 {
    var reader = WireReader(bytes)
    let header = try header(&reader)
    guard header.special == nil else { throw CellProblem.outOfRange }
    var magnitude: UInt128 = 0
    for index in 0..<max(0, header.groups) {
      let group = UInt128(try reader.integer(UInt16.self))
      guard group > 0 else { continue }
      let exponent = 4 * (header.weight - index) + scale
      let part: UInt128
      if exponent >= 0 {
        guard exponent <= scaleMax else { throw CellProblem.outOfRange }
        let (product, overflow) = group.multipliedReportingOverflow(by: powersOfTen[exponent])
        guard !overflow else { throw CellProblem.outOfRange }
        part = product
      } else {
        guard exponent > -4, group % powersOfTen[-exponent] == 0 else { throw CellProblem.fraction }
        part = group / powersOfTen[-exponent]
      }
      let (sum, overflow) = magnitude.addingReportingOverflow(part)
      guard !overflow else { throw CellProblem.outOfRange }
      magnitude = sum
    }
    return try signed(magnitude, isNegative: header.isNegative)
  }

  private static func signed(_ magnitude: UInt128, isNegative: Bool) throws -> Int128 {
    if !isNegative {
      guard let value = Int128(exactly: magnitude) else { throw CellProblem.outOfRange }
      return value
    }
    if magnitude == Int128.min.magnitude { return .min }
    guard let value = Int128(exactly: magnitude) else { throw CellProblem.outOfRange }
    return -value
  }

  /// The decimal text as PostgreSQL prints it.
  static func text(_ bytes: UnsafeRawBufferPointer) throws -> String {
    var reader = WireReader(bytes)
    let header = try header(&reader)
    switch header.special {
    case 0xD000: return "Infinity"
    case 0xF000: return "-Infinity"
    case .some: return "NaN"
    case nil: break
    }
    var groups: [UInt16] = []
    for _ in 0..<max(0, header.groups) { groups.append(try reader.integer(UInt16.self)) }
    func group(_ position: Int) -> String {  // position 0 holds the digits before the point
      let index = header.weight - position
      let value = groups.indices.contains(index) ? groups[index] : 0
      let digits = String(value)
      return String(repeating: "0", count: 4 - min(4, digits.count)) + digits
    }
    var whole = ""
    for position in stride(from: max(0, header.weight), through: 0, by: -1) { whole += group(position) }
    whole = String(whole.drop { $0 == "0" })
    if whole.isEmpty { whole = "0" }
    var text = (header.isNegative ? "-" : "") + whole
    if header.scale > 0 {
      var fraction = ""
      for position in 1...((header.scale + 3) / 4) { fraction += group(-position) }
      text += "." + fraction.prefix(header.scale)
    }
    return text
  }
}
