/// Reads the protobuf wire format in place. Every length is checked against the message it stands in; offsets count
/// from the start of the body, for error messages.
struct ProtobufReader {
  let bytes: UnsafeRawBufferPointer
  private(set) var offset: Int
  let end: Int

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    offset = 0
    end = bytes.count
  }

  private init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    self.bytes = bytes
    offset = range.lowerBound
    end = range.upperBound
  }

  /// What is left of this message.
  var rest: UnsafeRawBufferPointer { bytes.part(offset..<end) }

  /// The next field's tag, field number << 3 | wire type; nil at the end of the message.
  @inline(__always)
  mutating func tag() throws(WireError) -> UInt64? {
    guard offset < end else { return nil }
    let at = offset
    let tag = try varint()
    guard tag >= 8, tag <= UInt64(UInt32.max) else { throw .malformed("impossible field number", at: at) }
    return tag
  }

  @inline(__always)
  mutating func varint() throws(WireError) -> UInt64 {
    guard offset < end else { throw .truncated("a number", at: offset) }
    let first = bytes[offset]
    if first < 0x80 {
      offset &+= 1
      return UInt64(first)
    }
    return try longVarint()
  }

  private mutating func longVarint() throws(WireError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while shift < 64 {
      guard offset < end else { throw .truncated("a number", at: offset) }
      let byte = bytes[offset]
      offset &+= 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift &+= 7
    }
    throw .malformed("a number of more than ten bytes", at: offset)
  }

  @inline(__always)
  mutating func fixed64() throws(WireError) -> UInt64 {
    guard end &- offset >= 8 else { throw .truncated("a number", at: offset) }
    defer { offset &+= 8 }
    return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  mutating func fixed32() throws(WireError) -> UInt32 {
    guard end &- offset >= 4 else { throw .truncated("a number", at: offset) }
    defer { offset &+= 4 }
    return UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// A length-delimited field's content, as a reader of its own.
  @inline(__always)
  mutating func message() throws(WireError) -> ProtobufReader {
    let length = try varint()
    guard length <= UInt64(end &- offset) else { throw .truncated("a field", at: offset) }
    let start = offset
    offset &+= Int(length)
    return ProtobufReader(bytes, start..<offset)
  }

  /// Skips the value of an unknown field.
  mutating func skip(_ tag: UInt64) throws(WireError) {
    try skip(tag, depth: 0)
  }

  private mutating func skip(_ tag: UInt64, depth: Int) throws(WireError) {
    switch tag & 7 {
    case 0: _ = try varint()
    case 1: _ = try fixed64()
    case 2: _ = try message()
    case 3: try skipGroup(tag, depth: depth + 1)
    case 5: _ = try fixed32()
    case 4: throw .malformed("end of a group that was not begun", at: offset)
    default: throw .malformed("unknown wire type", at: offset)
    }
  }

  private mutating func skipGroup(_ start: UInt64, depth: Int) throws(WireError) {
    guard depth <= AnyValue.depthMax else { throw .tooDeep(AnyValue.depthMax, at: offset) }
    while let tag = try tag() {
      if tag & 7 == 4 {
        guard tag == start &+ 1 else { throw .malformed("end of another group", at: offset) }
        return
      }
      try skip(tag, depth: depth)
    }
    throw .truncated("a group", at: offset)
  }
}
