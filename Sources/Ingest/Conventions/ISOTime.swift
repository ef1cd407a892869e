import Domain

/// ISO 8601 date and time with `Z` or an offset, as SDKs write it; read without a formatter because every generation
/// has some.
enum ISOTime {
  /// "2026-11-22T13:43:53.956234Z", "2026-11-22 13:43:53+01:00". Digits beyond microseconds are cut. A text without
  /// offset counts as UTC. nil for anything else.
  static func parse(_ text: String) -> Timestamp? {
    var reader = Reader(bytes: Array(text.utf8))
    guard let year = reader.number(4), reader.take("-"), let month = reader.number(2), reader.take("-"),
      let day = reader.number(2), reader.take("T") || reader.take("t") || reader.take(" "), let hour = reader.number(2),
      reader.take(":"), let minute = reader.number(2)
    else { return nil }
    var second = 0
    if reader.take(":") {
      guard let sent = reader.number(2) else { return nil }
      second = sent
    }
    let fraction = reader.take(".") || reader.take(",") ? reader.microseconds() : 0
    guard let fraction, let offset = reader.offsetSeconds(), reader.isAtEnd, (1...12).contains(month),
      (1...31).contains(day), hour < 24, minute < 60, second <= 60
    else { return nil }
    let days = daysSinceEpoch(year: year, month: month, day: day)
    let seconds = days * 86_400 + Int64(hour * 3600 + minute * 60 + second) - Int64(offset)
    return Timestamp(microseconds: seconds * 1_000_000 + Int64(fraction))
  }

  /// Proleptic Gregorian calendar; years 0 to 9999, so nothing overflows.
  private static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int64 {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return Int64(era * 146_097 + dayOfEra - 719_468)
  }

  private struct Reader {
    let bytes: [UInt8]
    var at = 0

    var isAtEnd: Bool { at == bytes.count }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard at < bytes.count, bytes[at] == UInt8(ascii: character) else { return false }
      at += 1
      return true
    }

    mutating func number(_ digits: Int) -> Int? {
      guard at + digits <= bytes.count else { return nil }
      var value = 0
      for byte in bytes[at..<at + digits] {
        guard (48...57).contains(byte) else { return nil }
        value = value * 10 + Int(byte - 48)
      }
      at += digits
      return value
    }

    mutating func microseconds() -> Int? {
      var value = 0, digits = 0
      while at < bytes.count, (48...57).contains(bytes[at]) {
        if digits < 6 { value = value * 10 + Int(bytes[at] - 48) }
        digits += 1
        at += 1
      }
      for _ in 0..<max(0, 6 - digits) { value *= 10 }
      return digits == 0 ? nil : value
    }

    mutating func offsetSeconds() -> Int? {
      if isAtEnd || take("Z") || take("z") { return 0 }
      let sign = take("+") ? 1 : take("-") ? -1 : 0
      guard sign != 0, let hours = number(2) else { return nil }
      _ = take(":")
      let minutes = isAtEnd ? 0 : number(2)
      return minutes.map { sign * (hours * 3600 + $0 * 60) }
    }
  }
}
