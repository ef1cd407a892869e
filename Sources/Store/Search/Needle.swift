import Glibc

/// A byte string to look for: the C library's `memchr` finds its rarest byte, the rest is compared there.
struct Needle: Sendable, Hashable {
  let bytes: [UInt8]
  /// Of the byte that is rarest in folded text.
  private let anchor: Int

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    anchor = bytes.indices.min { Self.frequency[Int(bytes[$0])] < Self.frequency[Int(bytes[$1])] } ?? 0
  }

  /// Rough ranks: blanks and vowels are everywhere, ends of UTF-8 sequences tell more than their beginnings.
  private static let frequency: [UInt8] = {
    var ranks = [UInt8](repeating: 10, count: 256)
    for (rank, byte) in " etaoinsrhldcum\":,gpfywb.v0k1".utf8.enumerated() { ranks[Int(byte)] = UInt8(80 - rank) }
    for lead in 0xC2...0xF4 { ranks[lead] = 90 }
    return ranks
  }()

  /// The first place from `from` on; nil when it isn't there, or the needle is empty.
  func place(in text: UnsafeBufferPointer<UInt8>, from: Int) -> Int? {
    guard let start = text.baseAddress, !bytes.isEmpty, from >= 0 else { return nil }
    return bytes.withUnsafeBufferPointer { needle -> Int? in
      guard let sought = needle.baseAddress else { return nil }
      var at = from &+ anchor
      // The anchor stands at most where the rest still fits.
      let last = text.count - (needle.count - anchor)
      while at <= last {
        guard let found = memchr(start + at, Int32(needle[anchor]), last - at + 1) else { return nil }
        let place = UnsafeRawPointer(found) - UnsafeRawPointer(start) - anchor
        if memcmp(start + place, sought, needle.count) == 0 { return place }
        at = place + anchor + 1
      }
      return nil
    }
  }
}
