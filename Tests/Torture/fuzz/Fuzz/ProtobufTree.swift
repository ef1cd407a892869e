/// A protobuf message without its schema: whatever can be read as a message is one.
struct ProtobufTree {
  enum Value {
    case number(UInt64)
    case fixed([UInt8])
    case bytes([UInt8])
    case message([Field])
  }
  struct Field {
    var tag: UInt64
    var value: Value
  }

  /// The message with one to three changes; nil when it can't be read.
  static func mutated(_ input: [UInt8], _ random: inout SplitMix) -> [UInt8]? {
    guard var fields = read(input[...], depth: 0) else { return nil }
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      var all: [Field] = []
      collect(fields, &all)
      guard let donor = all.randomElement(using: &random) else { return nil }
      var place = Int.random(in: 0..<all.count, using: &random)
      change(&fields, &place, donor, &random)
    }
    return written(fields)
  }

  private static func collect(_ fields: [Field], _ all: inout [Field]) {
    for field in fields {
      all.append(field)
      if case .message(let inner) = field.value { collect(inner, &all) }
    }
  }

  private static func change(_ fields: inout [Field], _ place: inout Int, _ donor: Field, _ random: inout SplitMix) {
    for i in fields.indices {
      if place == 0 {
        edit(&fields, i, donor, &random)
        place = -1
        return
      }
      place -= 1
      if case .message(var inner) = fields[i].value {
        change(&inner, &place, donor, &random)
        fields[i].value = .message(inner)
        if place < 0 { return }
      }
    }
  }

  private static let numbers: [UInt64] = [
    0, 1, 2, 127, 128, 255, 1 << 31, 1 << 32, 1 << 53, 1 << 62, (1 << 63) - 1, 1 << 63, .max - 1, .max, 1_795_000_000_000_000_000,
    9_223_372_036_854_775_000,
  ]
  private static let doubles: [Double] = [0, -0.0, .nan, .infinity, -.infinity, 1e308, 5e-324, -1, 0.1, 1e18, 9.3e18, 1.9e19]

  private static func edit(_ fields: inout [Field], _ i: Int, _ donor: Field, _ random: inout SplitMix) {
    switch Int.random(in: 0..<8, using: &random) {
    case 0: fields.remove(at: i)
    case 1: fields.insert(fields[i], at: i)
    case 2: fields.insert(donor, at: i)
    case 3: fields[i].value = donor.value
    case 4: fields.append(contentsOf: repeatElement(donor, count: Int.random(in: 1...8, using: &random)))
    case 5: fields[i].value = .message([fields[i]])
    default: fields[i].value = editedLeaf(fields[i].value, &random)
    }
  }

  private static func editedLeaf(_ value: Value, _ random: inout SplitMix) -> Value {
    switch value {
    case .number: return .number(numbers.randomElement(using: &random) ?? 0)
    case .fixed(let bytes):
      let number = random.next() % 2 == 0 ? numbers.randomElement(using: &random) : doubles.randomElement(using: &random)?.bitPattern
      return .fixed(withUnsafeBytes(of: (number ?? 0).littleEndian) { Array($0.prefix(bytes.count)) })
    case .bytes(let bytes): return .bytes(mutatedPiece(bytes))
    case .message(let fields): return .message(fields.shuffled(using: &random))
    }
  }

  private static func read(_ input: ArraySlice<UInt8>, depth: Int) -> [Field]? {
    var rest = input
    var fields: [Field] = []
    while !rest.isEmpty {
      guard let tag = varint(&rest), tag >= 8, tag < 1 << 20 else { return nil }
      switch tag & 7 {
      case 0:
        guard let number = varint(&rest) else { return nil }
        fields.append(Field(tag: tag, value: .number(number)))
      case 1, 5:
        let length = tag & 7 == 1 ? 8 : 4
        guard rest.count >= length else { return nil }
        fields.append(Field(tag: tag, value: .fixed(Array(rest.prefix(length)))))
        rest = rest.dropFirst(length)
      case 2:
        guard let length = varint(&rest), length <= UInt64(rest.count) else { return nil }
        let content = rest.prefix(Int(length))
        rest = rest.dropFirst(Int(length))
        let inner = depth < 70 && !content.isEmpty ? read(content, depth: depth + 1) : nil
        fields.append(Field(tag: tag, value: inner.map { .message($0) } ?? .bytes(Array(content))))
      default: return nil
      }
    }
    return fields
  }

  private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }

  private static func written(_ fields: [Field]) -> [UInt8] {
    var bytes: [UInt8] = []
    for field in fields {
      switch field.value {
      case .number(let number):
        append(field.tag & ~7, &bytes)
        append(number, &bytes)
      case .fixed(let content):
        append(field.tag & ~7 | (content.count == 8 ? 1 : 5), &bytes)
        bytes += content
      case .bytes(let content): append(content, field.tag, &bytes)
      case .message(let inner): append(written(inner), field.tag, &bytes)
      }
    }
    return bytes
  }

  private static func append(_ content: [UInt8], _ tag: UInt64, _ bytes: inout [UInt8]) {
    append(tag & ~7 | 2, &bytes)
    append(UInt64(content.count), &bytes)
    bytes += content
  }

  private static func append(_ number: UInt64, _ bytes: inout [UInt8]) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
