import Domain

/// A value found in a text.
struct Found: Equatable {
  var range: Range<Int>
  var kind: MaskKind
}

/// Finds values of all kinds in one pass: a table says which bytes can tell of a value ("@", a digit, ":" …), and only there is looked
/// closer, forwards and back. Every look is short, so that time grows with length alone.
struct MaskScan {
  private let text: UnsafeBufferPointer<UInt8>
  private let kinds: KindSet
  private var found: [Found] = []
  /// Values do not overlap: nothing is looked for before it.
  private var taken = 0

  static func run(_ text: UnsafeBufferPointer<UInt8>, _ kinds: KindSet) -> [Found] {
    var scan = MaskScan(text: text, kinds: kinds)
    scan.run()
    return scan.found
  }

  private init(text: UnsafeBufferPointer<UInt8>, kinds: KindSet) {
    self.text = text
    self.kinds = kinds
  }

  private mutating func run() {
    Self.marks.withUnsafeBufferPointer { marks in
      var i = 0
      while i < text.count {
        guard marks[Int(text[i])] else {
          i += 1
          continue
        }
        if let next = look(i) { i = max(next, i + 1) } else { i += 1 }
      }
    }
  }

  /// Where to go on; nil: with the next byte.
  private mutating func look(_ i: Int) -> Int? {
    switch text[i] {
    case UInt8(ascii: "@"): return take(.email, EmailAddress.find(text, at: i, from: taken))
    case UInt8(ascii: "%"):
      guard text.at(i + 1) == UInt8(ascii: "4"), text.at(i + 2) == UInt8(ascii: "0") else { return nil }
      return take(.email, EmailAddress.find(text, at: i, width: 3, from: taken))
    case UInt8(ascii: ":"): return take(.ip, InternetAddress.version6(text, at: i, from: taken))
    case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "A"): return take(.apiKey, SecretKey.find(text, at: i, from: taken))
    case UInt8(ascii: "+"), UInt8(ascii: "("): return take(.phone, PhoneNumber.find(text, at: i))
    default: return digits(i)
    }
  }

  /// At a digit: the whole run is passed when nothing begins with it.
  private mutating func digits(_ i: Int) -> Int? {
    var end = i + 1
    while end < text.count, Letters.isDigit(text[end]) { end += 1 }
    if text.isWord(i - 1) {
      // "DE89 …" stands behind letters; nothing else does.
      return take(.iban, BankAccount.find(text, digitsAt: i, from: taken)) ?? end
    }
    // Most numbers are none of these by their length alone: lists of them are passed twice as fast.
    let count = end - i
    if count <= 3, text.at(end) == UInt8(ascii: "."), let next = take(.ip, InternetAddress.version4(text, at: i)) { return next }
    if count == 4 || count >= 13, let next = take(.card, CardNumber.find(text, at: i, firstEnd: end)) { return next }
    if count == 3 || text[i] == UInt8(ascii: "0") && (2...5).contains(count) { return take(.phone, PhoneNumber.find(text, at: i)) ?? end }
    return end
  }

  private mutating func take(_ kind: MaskKind, _ range: Range<Int>?) -> Int? {
    guard let range, kinds.contains(kind), range.lowerBound >= taken else { return nil }
    found.append(Found(range: range, kind: kind))
    taken = range.upperBound
    return range.upperBound
  }

  private static let marks: [Bool] = (0..<256).map { byte in
    (48...57).contains(byte) || "@%:-_A+(".utf8.contains(UInt8(byte))
  }
}

/// `Set<MaskKind>` as bits.
struct KindSet {
  private var bits: UInt8 = 0

  init(_ kinds: Set<MaskKind>) { for kind in kinds { bits |= Self.bit(kind) } }
  @inline(__always) func contains(_ kind: MaskKind) -> Bool { bits & Self.bit(kind) != 0 }
  var isEmpty: Bool { bits == 0 }

  @inline(__always) private static func bit(_ kind: MaskKind) -> UInt8 {
    switch kind {
    case .email: 1
    case .phone: 2
    case .iban: 4
    case .card: 8
    case .apiKey: 16
    case .ip: 32
    }
  }
}
