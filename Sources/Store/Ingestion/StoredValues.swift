import Domain

/// Column `declared`: values of declared keys with their stamps.
///
/// *Shape:* version 1, then per entry: key and value, each with its length in two bytes before it, and the stamp (time 8,
/// rank 1, hash 8).
enum StoredValues {
  private static let version: UInt8 = 1

  /// nil when there is nothing to store.
  static func encode(_ values: DeclaredValues) -> [UInt8]? {
    if values.isEmpty { return nil }
    var bytes = [version]
    for entry in values.entries {
      append(entry.key, to: &bytes)
      append(entry.value, to: &bytes)
      append(UInt64(bitPattern: entry.stamp.time), to: &bytes)
      bytes.append(entry.stamp.rank)
      append(entry.stamp.hash, to: &bytes)
    }
    return bytes
  }

  /// Stops at the first thing it can't read.
  static func decode(_ bytes: [UInt8]) -> DeclaredValues {
    var values = DeclaredValues()
    guard bytes.first == version else { return values }
    var rest = bytes[1...]
    while !rest.isEmpty {
      guard let key = text(&rest), let value = text(&rest), let time = number(&rest), let rank = rest.popFirst(),
        let hash = number(&rest)
      else { break }
      values.say(key, value, Stamp(time: Int64(bitPattern: time), rank: rank, hash: hash))
    }
    return values
  }

  private static func append(_ text: String, to bytes: inout [UInt8]) {
    let utf8 = Array(text.utf8.prefix(Int(UInt16.max)))
    bytes.append(UInt8(utf8.count >> 8))
    bytes.append(UInt8(utf8.count & 0xFF))
    bytes += utf8
  }

  private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
    for shift in stride(from: UInt64(56), through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
  }

  private static func text(_ rest: inout ArraySlice<UInt8>) -> String? {
    guard let high = rest.popFirst(), let low = rest.popFirst() else { return nil }
    let count = Int(high) << 8 | Int(low)
    guard rest.count >= count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return String(decoding: rest.prefix(count), as: UTF8.self)
  }

  private static func number(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
    guard rest.count >= 8 else { return nil }
    defer { rest = rest.dropFirst(8) }
    return rest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }
}
