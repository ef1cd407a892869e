/// Writes the few small messages that replies need.
struct ProtobufWriter {
  private(set) var bytes: [UInt8] = []

  mutating func varint(field: UInt64, _ value: UInt64) {
    raw(field << 3)
    raw(value)
  }

  /// Leaves an empty string out, as proto3 does.
  mutating func string(field: UInt64, _ text: String) {
    if !text.isEmpty { bytes(field: field, Array(text.utf8)) }
  }

  mutating func bytes(field: UInt64, _ content: [UInt8]) {
    raw(field << 3 | 2)
    raw(UInt64(content.count))
    bytes += content
  }

  private mutating func raw(_ value: UInt64) {
    var value = value
    while value >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: value))
  }
}
