import Domain

/// What content rules did to a row's bodies, behind its parts.
///
/// *Shape:* per note one byte (level in the low 2 bits, 4 by the key's policy, 8 same stamp as what stands before, 16 something left out,
/// 32 something masked), the stamp unless it is the same (17 bytes), a byte of bits by field, the count of masked entries and for each
/// a byte (field in the low 3 bits, kind in the high 5; 31 with its name behind) and its count as a varint. A masked message: 2 to 8 bytes.
enum StoredNotes {
  private static let byKey: UInt8 = 4
  private static let sameStamp: UInt8 = 8
  private static let hasLeftOut: UInt8 = 16
  private static let hasMasked: UInt8 = 32
  /// Stored by position: new kinds come last.
  private static let kinds: [MaskKind] = [.email, .phone, .iban, .card, .apiKey, .ip]
  private static let named: UInt8 = 31
  /// Of one message; what is beyond is masked all the same, only not counted.
  private static let entriesMax = 255

  static func encode(_ notes: ContentNotes, after stamp: Stamp?) -> [UInt8] {
    var bytes: [UInt8] = []
    var last = stamp
    for note in notes.entries {
      var head = UInt8(truncatingIfNeeded: note.level.rawValue) & 3 | (note.isByKey ? byKey : 0)
      if last == note.stamp { head |= sameStamp }
      if !note.leftOut.isEmpty { head |= hasLeftOut }
      if !note.masked.isEmpty { head |= hasMasked }
      bytes.append(head)
      if last != note.stamp { StoredParts.append(note.stamp, to: &bytes) }
      if !note.leftOut.isEmpty { bytes.append(note.leftOut.reduce(0) { $0 | 1 << $1.rawValue }) }
      if !note.masked.isEmpty { append(note.masked.prefix(entriesMax), to: &bytes) }
      last = note.stamp
    }
    return bytes
  }

  private static func append(_ masked: ArraySlice<ContentNote.Masked>, to bytes: inout [UInt8]) {
    bytes.append(UInt8(truncatingIfNeeded: masked.count))
    for entry in masked {
      let kind = MaskKind.named(entry.what).flatMap { kinds.firstIndex(of: $0) }
      bytes.append(entry.field.rawValue & 7 | (kind.map { UInt8(truncatingIfNeeded: $0) } ?? named) << 3)
      if kind == nil {
        let name = entry.what.utf8.prefix(255)
        bytes.append(UInt8(truncatingIfNeeded: name.count))
        bytes.append(contentsOf: name)
      }
      StoredParts.appendVarint(UInt32(bitPattern: entry.count), to: &bytes)
    }
  }

  static func decode(_ reader: inout StoredParts.Reader, after stamp: Stamp?) -> ContentNotes {
    var notes: [ContentNote] = []
    var last = stamp
    while let head = reader.byte() {
      guard let stamp = head & sameStamp != 0 ? last : reader.stamp(), let level = ContentLevel(rawValue: Int16(head & 3)) else { break }
      var note = ContentNote(stamp: stamp, level: level, isByKey: head & byKey != 0)
      if head & hasLeftOut != 0 {
        guard let bits = reader.byte() else { break }
        note.leftOut = Set(ContentField.allCases.filter { bits & 1 << $0.rawValue != 0 })
      }
      if head & hasMasked != 0 {
        guard let masked = masked(&reader) else { break }
        note.masked = masked
      }
      notes.append(note)
      last = stamp
    }
    return ContentNotes(notes)
  }

  private static func masked(_ reader: inout StoredParts.Reader) -> [ContentNote.Masked]? {
    guard let count = reader.byte() else { return nil }
    var masked: [ContentNote.Masked] = []
    for _ in 0..<count {
      guard let head = reader.byte(), let field = ContentField(rawValue: head & 7) else { return nil }
      var what = Int(head >> 3) < kinds.count ? kinds[Int(head >> 3)].mark : nil
      if head >> 3 == named {
        guard let length = reader.byte() else { return nil }
        what = reader.text(Int(length))
      }
      guard let what, let count = reader.varint() else { return nil }
      masked.append(ContentNote.Masked(field, what, count))
    }
    return masked
  }
}
