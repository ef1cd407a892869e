/// Which pieces the texts of a payload block have: a Bloom filter with one bit a piece, made while the block is put
/// together. It may say yes wrongly, never no.
///
/// The size follows the number of different pieces: the smallest power of two, 8 bytes to 4 KB, that is at most 45 %
/// full. Bodies of one trace from one request (10 spans, 17 KB) take 256 to 512 bytes.
struct BlockSignature: Sendable {
  static let bytesMax = Grams.places / 8
  private static let bytesMin = 8

  /// One bit a place; empty until something was added.
  private var words: [UInt64] = []

  /// Takes one part. Parts don't run into each other: no piece holds the end of one and the beginning of the next.
  mutating func add(_ text: UnsafeBufferPointer<UInt8>) {
    if words.isEmpty { words = [UInt64](repeating: 0, count: Grams.places / 64) }
    words.withUnsafeMutableBufferPointer { words in
      Grams.scan(text) { place, bit in words[place &>> 6] |= bit &<< UInt64(place & 63) }
    }
  }

  /// As stored: bit n of the filter is bit n mod 8 of byte n / 8, PostgreSQL's `get_bit`.
  func bytes() -> [UInt8] {
    var folded = words.isEmpty ? [0] : words
    while folded.count * 8 > Self.bytesMin {
      let half = folded.count / 2
      let smaller = (0..<half).map { folded[$0] | folded[$0 + half] }
      let ones = smaller.reduce(0) { $0 + $1.nonzeroBitCount }
      if ones * 20 > half * 64 * 9 { break }
      folded = smaller
    }
    return folded.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64($0 * 8)) } }
  }

  /// The places that a text sets, without repeats, far ones first: neighbours share letters, so that they tell less.
  static func places(of text: [UInt8]) -> [Int] {
    var places: [Int] = []
    text.withUnsafeBufferPointer { text in
      Grams.scan(text) { place, bit in if bit == 1 { places.append(place) } }
    }
    var seen: Set<Int> = []
    return (0..<4).flatMap { first in stride(from: first, to: places.count, by: 4).map { places[$0] } }
      .filter { seen.insert($0).inserted }
  }

  /// Whether a stored signature has all of `places`; what the database asks with `get_bit`.
  static func has(_ places: [Int], in bytes: [UInt8]) -> Bool {
    let last = bytes.count * 8 - 1
    return last >= 0 && places.allSatisfy { bytes[($0 & last) / 8] >> UInt8($0 & last & 7) & 1 == 1 }
  }
}
