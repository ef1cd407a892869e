import Domain

/// What a price file says, with what of it was not understood.
public struct PriceImport: Sendable, Hashable {
  /// All ids are 0.
  public var agreements: PriceAgreements
  /// In the file's order. Each was skipped, and the rest read.
  public var problems: [PriceFileProblem]

  public init(agreements: PriceAgreements = PriceAgreements(), problems: [PriceFileProblem] = []) {
    self.agreements = agreements
    self.problems = problems
  }

  mutating func skip(_ place: String, _ message: String) {
    problems.append(PriceFileProblem(place: place, message: message))
  }

  /// Takes the listing unless it could never price a call; says why.
  mutating func add(_ listing: PriceListing, at place: String) {
    do throws(PriceEntryFault) {
      var sound = listing
      sound.pattern = try PriceEntryRules.pattern(listing.pattern)
      sound.prices = try PriceEntryRules.prices(listing.prices)
      try PriceEntryRules.dates(listing.dates)
      try PriceEntryRules.conditions(listing.conditions)
      sound.provider = try PriceEntryRules.provider(listing.provider)
      sound.source = try PriceEntryRules.text(listing.source, "source", most: PriceEntryRules.longestSource)
      agreements.listings.append(sound)
    } catch {
      skip(place, error.message)
    }
  }
}

/// An entry of a file that was skipped, or an entry that a format cannot hold.
public struct PriceFileProblem: Sendable, Hashable {
  /// "line 12", "listing 3", "openai/gpt-4o".
  public let place: String
  public let message: String

  public init(place: String, message: String) {
    self.place = place
    self.message = message
  }
}

/// What stands beside the entries of a file that names neither.
public struct PriceImportDefaults: Sendable, Hashable {
  /// For entries without a source of their own: the file's name.
  public var source: String
  public var checkedAt: Timestamp?

  public init(source: String = "imported file", checkedAt: Timestamp? = nil) {
    self.source = source
    self.checkedAt = checkedAt
  }
}

struct PriceEntryFault: Error {
  let message: String
  init(_ message: String) { self.message = message }
}

/// What every entry of every format must hold.
enum PriceEntryRules {
  static let longestPattern = 500
  static let longestProvider = 100
  static let longestValue = 300
  static let longestSource = 1000
  /// What the rows of calls can hold: 2001-09-09 to 2200-01-01.
  private static let sensible = Timestamp(microseconds: 1_000_000_000_000_000)..<Timestamp(microseconds: 7_258_118_400_000_000)

  static func pattern(_ pattern: NamePattern) throws(PriceEntryFault) -> NamePattern {
    let text = pattern.kind == .regex ? pattern.text : lowercased(pattern.text)
    if text.isEmpty { throw PriceEntryFault("the pattern is empty") }
    if text.utf8.contains(0) { throw PriceEntryFault("the pattern has a zero byte") }
    if text.utf8.count > longestPattern { throw PriceEntryFault("the pattern is longer than \(longestPattern) bytes") }
    let sound = NamePattern(pattern.kind, text)
    if let problem = sound.problem { throw PriceEntryFault("the pattern cannot be used: \(problem.message)") }
    return sound
  }

  /// Prices as they are stored: plain decimals, no exponents.
  static func prices(_ prices: [String: String]) throws(PriceEntryFault) -> [String: String] {
    if prices.isEmpty { throw PriceEntryFault("no price is given") }
    var sound: [String: String] = [:]
    for (key, text) in prices.sorted(by: { $0.key < $1.key }) {
      guard let unit = PriceUnit(rawValue: key) else { throw PriceEntryFault("no such unit: \(key)") }
      guard let plain = priceText(text), UnitPrice(unit: unit, text: plain) != nil else {
        throw PriceEntryFault("\(key) is no price: \(shortened(text))")
      }
      sound[key] = plain
    }
    return sound
  }

  /// "1.25 >200000:2.5" with each number as a plain decimal.
  static func priceText(_ text: String) -> String? {
    var words: [String] = []
    for word in text.split(separator: " ") {
      let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard let last = parts.last, let number = PlainDecimal.text(String(last)) else { return nil }
      words.append(parts.count == 1 ? number : "\(parts[0]):\(number)")
    }
    return words.isEmpty ? nil : words.joined(separator: " ")
  }

  static func dates(_ dates: DatedRange) throws(PriceEntryFault) {
    if let from = dates.from, let to = dates.to, to <= from { throw PriceEntryFault("it ends before it begins") }
    for time in [dates.from, dates.to] {
      if let time, !sensible.contains(time) { throw PriceEntryFault("its dates are not from 2001-09-09 to 2200-01-01") }
    }
  }

  static func provider(_ sent: String?) throws(PriceEntryFault) -> String? {
    guard let sent else { return nil }
    let name = lowercased(sent)
    return name.isEmpty ? nil : try text(name, "provider", most: longestProvider)
  }

  /// As sent, if a row can hold it.
  static func text(_ text: String, _ field: String, most: Int) throws(PriceEntryFault) -> String {
    guard text.utf8.contains(where: { $0 > 32 }), text.utf8.count <= most, !text.utf8.contains(0) else {
      throw PriceEntryFault("the \(field) is not 1 to \(most) bytes of text")
    }
    return text
  }

  /// A listing under a condition that no call can meet would never price one.
  static func conditions(_ conditions: [String: String]) throws(PriceEntryFault) {
    for (key, value) in conditions.sorted(by: { $0.key < $1.key }) {
      guard PriceConditions.knownKeys.contains(key) else {
        throw PriceEntryFault("no evidence of a call is called \(shortened(key))")
      }
      _ = try text(value, "condition \(key)", most: longestValue)
    }
  }

  static func factor(_ text: String) throws(PriceEntryFault) -> String {
    guard let plain = PlainDecimal.text(text), let value = DecimalText.scaled(plain, scaleDigits: 9),
      (0...100_000_000_000).contains(value), (plain.split(separator: ".").dropFirst().first?.count ?? 0) <= 9
    else { throw PriceEntryFault("no factor from 0 to 100 with at most 9 decimal places: \(shortened(text))") }
    return plain
  }

  static func shortened(_ text: String) -> String { text.utf8.count <= 60 ? "\"\(text)\"" : "\"\(text.prefix(50))…\"" }
}

/// Decimal numbers moved by powers of ten as text: nothing is lost on the way.
enum PlainDecimal {
  /// `text` × 10^`shift` without exponent, leading or trailing zeros: "1e-06" by 6 is "1". nil when it is no number, is
  /// negative, or has more than 60 digits.
  static func text(_ text: String, shift: Int = 0) -> String? {
    let halves = text.split(omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
    guard halves.count <= 2, let mantissa = halves.first else { return nil }
    var exponent = shift
    if halves.count == 2 {
      guard let written = Int(halves[1]), (-99...99).contains(written) else { return nil }
      exponent += written
    }
    let parts = mantissa.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2 else { return nil }
    let fraction = parts.count == 2 ? parts[1] : ""
    var digits = Array((parts[0] + fraction).utf8)
    guard !digits.isEmpty, digits.count <= 60, digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return placed(&digits, exponent - fraction.utf8.count)
  }

  /// The digits with the point `exponent` places after the last.
  private static func placed(_ digits: inout [UInt8], _ exponent: Int) -> String? {
    guard abs(exponent) <= 60 + digits.count else { return nil }
    if exponent > 0 { digits += [UInt8](repeating: 48, count: exponent) }
    let places = max(0, -exponent)
    if digits.count <= places { digits = [UInt8](repeating: 48, count: places - digits.count + 1) + digits }
    let whole = digits[..<(digits.count - places)].drop { $0 == 48 }
    var fraction = digits[(digits.count - places)...]
    while fraction.last == 48 { fraction.removeLast() }
    let head = whole.isEmpty ? "0" : String(decoding: whole, as: UTF8.self)
    return fraction.isEmpty ? head : "\(head).\(String(decoding: fraction, as: UTF8.self))"
  }
}

/// Times in price files: a day, which is its midnight UTC, or an RFC 3339 time in UTC.
enum FileTime {
  static func read(_ text: String) throws(PriceEntryFault) -> Timestamp {
    guard let time = Timestamp(day: text) ?? timestamp(text) else {
      throw PriceEntryFault(
        "no day such as 2026-01-31 and no time such as 2026-01-31T12:00:00Z: \(PriceEntryRules.shortened(text))")
    }
    return time
  }

  /// Shortest form that reads back to the same microsecond.
  static func text(_ time: Timestamp) -> String {
    let (day, clock) = time.microseconds.flooredDivision(by: 86_400_000_000)
    let date = civil(day)
    if clock == 0 { return date }
    let seconds = clock / 1_000_000
    let hours = padded(seconds / 3600, 2)
    let minutes = padded(seconds / 60 % 60, 2)
    let rest = padded(seconds % 60, 2)
    let fraction = clock % 1_000_000 == 0 ? "" : "." + padded(clock % 1_000_000, 6)
    return "\(date)T\(hours):\(minutes):\(rest)\(fraction)Z"
  }

  private static func timestamp(_ text: String) -> Timestamp? {
    let bytes = Array(text.utf8)
    guard (20...27).contains(bytes.count), bytes[10] == UInt8(ascii: "T"), bytes.last == UInt8(ascii: "Z"),
      bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
      let day = Timestamp(day: String(decoding: bytes[..<10], as: UTF8.self)),
      let hours = number(bytes[11..<13]), let minutes = number(bytes[14..<16]), let seconds = number(bytes[17..<19]),
      hours < 24, minutes < 60, seconds < 60
    else { return nil }
    var micros: Int64 = 0
    if bytes.count > 20 {
      let digits = bytes[20..<(bytes.count - 1)]
      guard bytes[19] == UInt8(ascii: "."), !digits.isEmpty, let value = number(digits) else { return nil }
      micros = (digits.count..<6).reduce(value) { v, _ in v * 10 }
    }
    return day.adding(microseconds: (hours * 3600 + minutes * 60 + seconds) * 1_000_000 + micros)
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
    digits.allSatisfy { (48...57).contains($0) } ? Int64(String(decoding: digits, as: UTF8.self)) : nil
  }

  /// "2026-01-31" of a day number since 1970, with March as the first month so that the leap day comes last.
  private static func civil(_ day: Int64) -> String {
    let (era, dayOfEra) = (day + 719_468).flooredDivision(by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let m = (5 * dayOfYear + 2) / 153
    let month = m < 10 ? m + 3 : m - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfYear - (153 * m + 2) / 5 + 1, 2))"
  }

  private static func padded(_ value: Int64, _ width: Int) -> String {
    let text = "\(value)"
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }
}

extension Int64 {
  fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (q, r) = quotientAndRemainder(dividingBy: divisor)
    return r < 0 ? (q - 1, r + divisor) : (q, r)
  }
}
