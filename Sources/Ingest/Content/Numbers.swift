/// Numbers of payment cards: issuer's prefix, its lengths, and Luhn's check digit. *Source:* ISO/IEC 7812; prefixes of the issuers.
enum CardNumber {
  /// Digits alone, or in fours (fours, six and five at American Express) with blanks or hyphens between. At a digit with no letter or
  /// digit before it; its first run of digits ends at `firstEnd`.
  static func find(_ text: UnsafeBufferPointer<UInt8>, at start: Int, firstEnd: Int) -> Range<Int>? {
    let before = text.at(start - 1)
    guard before != UInt8(ascii: "."), before != UInt8(ascii: "-") || !text.isWord(start - 2) else { return nil }
    var digits: [UInt8] = []
    let end: Int
    switch firstEnd - start {
    case 13...19:
      digits = text[start..<firstEnd].map { $0 - 48 }
      end = firstEnd
    case 4:
      guard let last = grouped(text, start, &digits) else { return nil }
      end = last
    default: return nil
    }
    let after = text.at(end)
    let isLonger = text.isWord(end) || (after == UInt8(ascii: ".") || after == UInt8(ascii: "-")) && text.isWord(end + 1)
    return !isLonger && isIssued(digits) && passesLuhn(digits) ? start..<end : nil
  }

  private static func grouped(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ digits: inout [UInt8]) -> Int? {
    let separator = text.at(start + 4)
    guard separator == UInt8(ascii: " ") || separator == UInt8(ascii: "-") else { return nil }
    func run(_ i: Int) -> Int {
      var end = i
      while end < text.count, end - i < 8, Letters.isDigit(text[end]) { end += 1 }
      return end - i
    }
    let isAmex = run(start + 5) == 6
    let sizes = isAmex ? [4, 6, 5] : [4, 4, 4, 4]
    var i = start
    for (k, size) in sizes.enumerated() {
      if k > 0 {
        guard text.at(i) == separator else { return nil }
        i += 1
      }
      guard run(i) == size else { return nil }
      digits += text[i..<i + size].map { $0 - 48 }
      i += size
    }
    guard !isAmex, text.at(i) == separator, run(i + 1) == 3 else { return i }
    let longer = digits + text[i + 1..<i + 4].map { $0 - 48 }
    guard !(isIssued(digits) && passesLuhn(digits)) else { return i }
    digits = longer
    return i + 4
  }

  /// Numbers of machines (nanoseconds, snowflake ids) begin with 1, which no card does.
  private static func isIssued(_ digits: [UInt8]) -> Bool {
    guard digits.count >= 13 else { return false }
    let n = digits.count
    let two = Int(digits[0]) * 10 + Int(digits[1]), four = two * 100 + Int(digits[2]) * 10 + Int(digits[3])
    let three = four / 10
    switch two {
    case 40...49: return n == 16 || n == 13 || n == 19
    case 51...55: return n == 16
    case 34, 37: return n == 15
    case 62: return (16...19).contains(n)
    case 50, 56...59, 63, 67: return (13...19).contains(n)
    case 36, 38, 39: return (14...19).contains(n)
    case 65: return (16...19).contains(n)
    default: break
    }
    if (2221...2720).contains(four) { return n == 16 }
    if (3528...3589).contains(four) { return (16...19).contains(n) }
    if (300...305).contains(three) { return (14...19).contains(n) }
    return (644...649).contains(three) || four == 6011 ? (16...19).contains(n) : false
  }

  private static func passesLuhn(_ digits: [UInt8]) -> Bool {
    var sum = 0
    for (i, digit) in digits.reversed().enumerated() {
      let doubled = Int(digit) * (i % 2 + 1)
      sum += doubled > 9 ? doubled - 9 : doubled
    }
    return sum % 10 == 0 && digits.contains { $0 != digits[0] }
  }
}

/// International numbers of bank accounts. *Source:* ISO 13616; lengths from SWIFT's IBAN registry.
enum BankAccount {
  private static let lengths: [String: Int] = [
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29, "BY": 28, "CH": 21, "CR": 22,
    "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22,
    "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30,
    "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20, "MR": 27,
    "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33,
    "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29,
    "VA": 22, "VG": 24, "XK": 20,
  ]

  /// The two check digits stand at `digits`, the letters of the country before; blanks or hyphens after every fourth character.
  static func find(_ text: UnsafeBufferPointer<UInt8>, digitsAt digits: Int, from: Int) -> Range<Int>? {
    let start = digits - 2
    guard start >= from, start >= 0, text.isDigit(digits + 1), Letters.isLetter(text[start]), Letters.isLetter(text[start + 1]),
      !text.isWord(start - 1)
    else { return nil }
    let country = String(decoding: [text[start] & 0xDF, text[start + 1] & 0xDF], as: UTF8.self)
    guard let length = lengths[country] else { return nil }
    var i = start, taken = 0, number: [UInt8] = []
    while taken < length {
      if taken > 0, taken % 4 == 0, text.at(i) == UInt8(ascii: " ") || text.at(i) == UInt8(ascii: "-") { i += 1 }
      guard text.isWord(i) else { return nil }
      number.append(text[i])
      taken += 1
      i += 1
    }
    return !text.isWord(i) && remainder97(number) == 1 ? start..<i : nil
  }

  private static func remainder97(_ number: [UInt8]) -> Int {
    (number[4...] + number[..<4]).reduce(0) { rest, byte in
      let value = Letters.isDigit(byte) ? Int(byte - 48) : Int((byte & 0xDF) - 55)
      return (rest * (value > 9 ? 100 : 10) + value) % 97
    }
  }
}

/// Telephone numbers in forms that nothing else is written in: "+49 170 1234567", "(415) 555-0132", "415-555-0132", "0170 1234567",
/// "01 23 45 67 89". Bare runs of digits are left: they are ids far more often.
enum PhoneNumber {
  static func find(_ text: UnsafeBufferPointer<UInt8>, at start: Int) -> Range<Int>? {
    guard !text.isWord(start - 1) else { return nil }
    switch text[start] {
    case UInt8(ascii: "+"): return international(text, start)
    case UInt8(ascii: "("): return american(text, start)
    case UInt8(ascii: "0"): return trunk(text, start)
    default: return american(text, start)
    }
  }

  /// "+" and 8 to 15 digits, of which the first is none of 0. *Source:* ITU-T E.164.
  private static func international(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Range<Int>? {
    guard text.at(start + 1) &- 49 < 9 else { return nil }
    var i = start + 1, digits = 0, end = i
    while i < text.count {
      let first = i
      while text.isDigit(i) { i += 1 }
      guard i > first, digits + i - first <= 15 else { break }
      digits += i - first
      end = i
      let afterDigits = i
      while i < text.count, i - afterDigits < 2, " -./()".utf8.contains(text[i]) { i += 1 }
      guard i > afterDigits else { break }
    }
    return digits >= 8 && !text.isWord(end) ? start..<end : nil
  }

  /// Three, three and four digits. With blanks alone between them they could be any numbers.
  private static func american(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Range<Int>? {
    let before = text.at(start - 1)
    guard before != UInt8(ascii: "-"), before != UInt8(ascii: ".") else { return nil }
    let isBracketed = text[start] == UInt8(ascii: "(")
    var i = start + (isBracketed ? 1 : 0)
    guard run(text, i) == 3, text[i] >= UInt8(ascii: "2") else { return nil }
    i += 3
    if isBracketed {
      guard text.at(i) == UInt8(ascii: ")") else { return nil }
      i += 1
    }
    let first = text.at(i)
    if isSeparator(first) { i += 1 } else if !isBracketed { return nil }
    guard run(text, i) == 3 else { return nil }
    i += 3
    let second = text.at(i)
    guard isSeparator(second), isBracketed || second != UInt8(ascii: " "), run(text, i + 1) == 4 else { return nil }
    i += 5
    return text.isWord(i) || (text.at(i) == UInt8(ascii: "-") && text.isWord(i + 1)) ? nil : start..<i
  }

  private static func isSeparator(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: " ")
  }

  /// "0170 1234567", "030/1234567", "0049 170 …", "01 23 45 67 89": 9 to 15 digits that begin with 0.
  private static func trunk(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Range<Int>? {
    let before = text.at(start - 1)
    guard before != UInt8(ascii: "."), before != UInt8(ascii: "-"), before != UInt8(ascii: ":") || !text.isWord(start - 2),
      before != UInt8(ascii: " ") || !text.isDigit(start - 2)
    else { return nil }
    var sizes: [Int] = [], i = start, end = start, digits = 0
    while sizes.count < 6 {
      let size = run(text, i)
      guard size > 0, digits + size <= 15 else { break }
      sizes.append(size)
      digits += size
      end = i + size
      let separator = text.at(end)
      guard separator == UInt8(ascii: " ") || separator == UInt8(ascii: "-") || sizes.count == 1 && separator == UInt8(ascii: "/") else { break }
      i = end + 1
    }
    guard digits >= 9, sizes.count >= 2, !text.isWord(end) else { return nil }
    let isInPairs = sizes == [2, 2, 2, 2, 2] && text.at(start + 1) != UInt8(ascii: "0")
    return isInPairs || (2...5).contains(sizes[0]) && sizes[1] >= 3 ? start..<end : nil
  }

  private static func run(_ text: UnsafeBufferPointer<UInt8>, _ i: Int) -> Int {
    var end = i
    while text.isDigit(end), end - i < 16 { end += 1 }
    return end - i
  }
}
