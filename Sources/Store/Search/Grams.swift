/// The pieces of a text that signatures remember: four letters or digits in a row, case-folded, and two ideographs,
/// kana or hangul in a row, because words of those scripts are short and stand without blanks.
///
/// Whatever a text contains, the pieces of it are among the pieces of the text. Four, not three: in the prose of a
/// trace (17 KB) nearly every three letters of an absent word stand somewhere (27 % of the blocks pass by mistake, 7 %
/// with four, at equal size), and pieces with blanks and punctuation only take room. Figures: Sources/ARCHITECTURE.md.
enum Grams {
  /// Places of a signature before it is folded to its size.
  static let placeBits: UInt64 = 15
  static let places = 1 << 15

  /// 0 ends a run, 255 asks for a closer look, else the folded letter or digit.
  private static let classes: [UInt8] = (0...255).map { byte in
    switch UInt8(byte) {
    case 48...57, 97...122: UInt8(byte)
    case 65...90: UInt8(byte) + 32
    case TextScalars.backslash, 128...255: 255
    default: 0
    }
  }

  /// Calls `emit` with the place of each piece and 1, or with some place and 0, which means nothing: a branch a letter
  /// costs more.
  @inline(__always)
  static func scan(_ text: UnsafeBufferPointer<UInt8>, _ emit: (Int, UInt64) -> Void) {
    classes.withUnsafeBufferPointer { classes in
      CaseFolding.basicPlane.withUnsafeBufferPointer { folding in
        scan(text, classes, folding, emit)
      }
    }
  }

  @inline(__always)
  private static func scan(
    _ text: UnsafeBufferPointer<UInt8>, _ classes: UnsafeBufferPointer<UInt8>,
    _ folding: UnsafeBufferPointer<UInt16>, _ emit: (Int, UInt64) -> Void
  ) {
    var window: UInt64 = 0
    var run: UInt64 = 0
    var wide: UInt64 = 0
    var wideEnd = -1
    var at = 0
    while at < text.count {
      let letter = classes[Int(text[at])]
      if letter != 255 {
        window = window << 16 | UInt64(letter)
        run = letter == 0 ? 0 : run &+ 1
        emit(place(window), run >= 4 ? 1 : 0)
        at &+= 1
        continue
      }
      let (scalar, next) = self.scalar(text, at, folding)
      if isWide(scalar) {
        if wideEnd == at { emit(place(wide << 32 | UInt64(scalar) | 1 << 63), 1) }
        wide = UInt64(scalar)
        wideEnd = next
        run = 0
      } else if isLetter(scalar, classes) {
        // 16 bits a letter; those beyond share them with others, which only makes a signature less exact.
        window = window << 16 | UInt64((scalar ^ scalar >> 16 &* 0x9E37) & 0xFFFF)
        run = run &+ 1
        emit(place(window), run >= 4 ? 1 : 0)
      } else {
        run = 0
      }
      at = next
    }
  }

  @inline(__always)
  private static func place(_ window: UInt64) -> Int {
    Int(truncatingIfNeeded: (window &* 0x9E37_79B9_7F4A_7C15) >> (64 - placeBits))
  }

  /// Folded; a blank for an escape that writes no scalar.
  @inline(__always)
  private static func scalar(
    _ text: UnsafeBufferPointer<UInt8>, _ at: Int, _ folding: UnsafeBufferPointer<UInt16>
  ) -> (UInt32, Int) {
    if text[at] == TextScalars.backslash {
      let (scalar, next) = TextScalars.escaped(text, at)
      return (scalar.map { TextScalars.folded($0, folding) } ?? 32, next)
    }
    let (scalar, next) = TextScalars.multibyte(text, at)
    return (TextScalars.folded(scalar, folding), next)
  }

  private static func isLetter(_ scalar: UInt32, _ classes: UnsafeBufferPointer<UInt8>) -> Bool {
    switch scalar {
    case 0..<0x80: classes[Int(scalar)] != 0 && classes[Int(scalar)] != 255
    case 0x80...0xBF: scalar == 0xAA || scalar == 0xBA
    case 0xD7, 0xF7, 0x1680, 0x2000...0x206F, 0x3000...0x303F, TextScalars.replacement: false
    default: true
    }
  }

  @inline(__always)
  private static func isWide(_ scalar: UInt32) -> Bool {
    guard scalar >= 0x3005 else { return false }
    switch scalar {
    case 0x3005...0x3007, 0x3040...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xAC00...0xD7AF, 0xF900...0xFAFF,
      0x20000...0x3FFFF:
      return true
    default: return false
    }
  }
}
