import Domain

/// Column `parts`: where the bodies of an observation or a trace lie, and what content rules did to them (`StoredNotes`).
///
/// *Shape:* version 1, then per part: one byte (kind in the low 3 bits, 8 same block as the part before, 16 same
/// stamp as the part before), block (8 bytes) and stamp (time 8, rank 1, hash 8) unless repeated, offset and length
/// as varints. Three bodies of one message take about 40 bytes. Then, only where content rules did anything, a zero byte, at which readers
/// that know no notes stop, and the notes.
enum StoredParts {
  private static let version: UInt8 = 1
  private static let sameBlock: UInt8 = 8
  private static let sameStamp: UInt8 = 16

  /// The column's value; nil for a row that has neither.
  static func encode(_ parts: [StoredPart], _ notes: ContentNotes) -> [UInt8]? {
    if notes.isEmpty { return parts.isEmpty ? nil : encode(parts) }
    return encode(parts) + [0] + StoredNotes.encode(notes, after: parts.last?.stamp)
  }

  static func encode(_ parts: [StoredPart]) -> [UInt8] {
    var bytes = [version]
    bytes.reserveCapacity(26 + parts.count * 8)
    var last: StoredPart?
    for part in parts {
      var head = part.kind.rawValue
      if last?.block == part.block { head |= sameBlock }
      if last?.stamp == part.stamp { head |= sameStamp }
      bytes.append(head)
      if head & sameBlock == 0 { append(UInt64(bitPattern: part.block), to: &bytes) }
      if head & sameStamp == 0 {
        append(part.stamp, to: &bytes)
      }
      appendVarint(UInt32(bitPattern: part.offset), to: &bytes)
      appendVarint(UInt32(bitPattern: part.length), to: &bytes)
      last = part
    }
    return bytes
  }

  /// Stops at the first thing it can't read: bodies are lost then, never the row.
  static func decode(_ bytes: [UInt8]) -> [StoredPart] { read(bytes).parts }

  /// Both; what can't be read of the notes is not there.
  static func decodeAll(_ bytes: [UInt8]) -> (parts: [StoredPart], notes: ContentNotes) {
    var (parts, rest, isNoted) = read(bytes)
    return (parts, isNoted ? StoredNotes.decode(&rest, after: parts.last?.stamp) : ContentNotes())
  }

  private static func read(_ bytes: [UInt8]) -> (parts: [StoredPart], rest: Reader, isNoted: Bool) {
    guard bytes.first == version else { return ([], Reader(rest: []), false) }
    var reader = Reader(rest: bytes[1...])
    var parts: [StoredPart] = []
    while let head = reader.byte() {
      if head == 0 { return (parts, reader, true) }
      guard let kind = BodyKind(rawValue: head & 7), let part = reader.part(kind, head, parts.last) else { break }
      parts.append(part)
    }
    return (parts, reader, false)
  }

  static func append(_ stamp: Stamp, to bytes: inout [UInt8]) {
    append(UInt64(bitPattern: stamp.time), to: &bytes)
    bytes.append(stamp.rank)
    append(stamp.hash, to: &bytes)
  }

  private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
    for shift in stride(from: UInt64(56), through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  static func appendVarint(_ value: UInt32, to bytes: inout [UInt8]) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  struct Reader {
    var rest: ArraySlice<UInt8>

    mutating func byte() -> UInt8? { rest.popFirst() }

    /// That many bytes as text.
    mutating func text(_ count: Int) -> String? {
      guard rest.count >= count else { return nil }
      defer { rest = rest.dropFirst(count) }
      return String(decoding: rest.prefix(count), as: UTF8.self)
    }

    mutating func part(_ kind: BodyKind, _ head: UInt8, _ last: StoredPart?) -> StoredPart? {
      let block = head & sameBlock != 0 ? last?.block : number().map { Int64(bitPattern: $0) }
      let stamp = head & sameStamp != 0 ? last?.stamp : stamp()
      guard let block, let stamp, let offset = varint(), let length = varint() else { return nil }
      return StoredPart(kind: kind, block: block, offset: offset, length: length, stamp: stamp)
    }

    mutating func stamp() -> Stamp? {
      guard let time = number(), let rank = byte(), let hash = number() else { return nil }
      return Stamp(time: Int64(bitPattern: time), rank: rank, hash: hash)
    }

    private mutating func number() -> UInt64? {
      guard rest.count >= 8 else { return nil }
      defer { rest = rest.dropFirst(8) }
      return rest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func varint() -> Int32? {
      var value: UInt32 = 0
      for shift in stride(from: UInt32(0), to: 35, by: 7) {
        guard let next = byte() else { return nil }
        value |= UInt32(next & 0x7F) << shift
        if next & 0x80 == 0 { return Int32(bitPattern: value) }
      }
      return nil
    }
  }
}
