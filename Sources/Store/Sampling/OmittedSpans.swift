import Domain
import Postgres

/// Column `omitted_spans.data`: the evidence of spans that are no rows of `observations`, complete, so that what comes later is decided
/// as if they were.
///
/// *Shape:* one zstd frame. Version 1, then per span: reason, id, time of receipt, a bit for each field that is set (4 bytes), the fields
/// in the order of `Part`; texts and bytes with their length before them as a varint. A plain span takes 40 to 50 bytes compressed,
/// 65 with its share of the row, where a row of `observations` and its index entries take 330.
enum OmittedSpans {
  private static let version: UInt8 = 1

  /// Bit positions are stored: new parts come last.
  private enum Part: UInt32, CaseIterable {
    case parent, startedAt, endedAt, firstTokenAt, key, kind, level, externalID, name, statusMessage, requestModel, responseModel, provider
    case serviceTier, region, responseID, prompt, environment, service, release, version, user, session, endpointHint, serverRoute, scope
    case declared, stamps, parts

    var bit: UInt32 { 1 << rawValue }
  }

  /// *Errors:* `ValueOutOfRange` when it can't be compressed.
  static func encode(_ rows: [(row: Observation, reason: SpanOmission.Reason)], _ zstd: Zstd) throws -> [UInt8] {
    var bytes = [version]
    for (row, reason) in rows { append(row, reason, to: &bytes) }
    guard let frame = zstd.compress(bytes) else { throw ValueOutOfRange(field: "omitted spans") }
    return frame
  }

  private static func append(_ row: Observation, _ reason: SpanOmission.Reason, to bytes: inout [UInt8]) {
    var fields: [UInt8] = []
    var present: UInt32 = 0
    for part in Part.allCases where append(part, of: row.facts, to: &fields) { present |= part.bit }
    bytes.append(reason.rawValue)
    append(row.facts.id.rawValue, to: &bytes)
    append(row.receivedAt.microseconds, to: &bytes)
    withUnsafeBytes(of: present.bigEndian) { bytes.append(contentsOf: $0) }
    bytes += fields
  }

  /// Whether there was anything.
  private static func append(_ part: Part, of facts: ObservationFacts, to bytes: inout [UInt8]) -> Bool {
    switch part {
    case .parent: append(facts.parent?.signed, to: &bytes)
    case .startedAt: append(facts.startedAt?.microseconds, to: &bytes)
    case .endedAt: append(facts.endedAt?.microseconds, to: &bytes)
    case .firstTokenAt: append(facts.firstTokenAt?.microseconds, to: &bytes)
    case .key: append(facts.key.map { Int64($0.rawValue) }, to: &bytes)
    case .kind: append((facts.kind?.code).map(Int64.init), to: &bytes)
    case .level: append((facts.level?.code).map(Int64.init), to: &bytes)
    case .declared: append(StoredValues.encode(facts.declared), to: &bytes)
    case .stamps: append(facts.stamps.isEmpty ? nil : facts.stamps.bytes, to: &bytes)
    case .parts: append(StoredParts.encode(facts.parts, facts.notes), to: &bytes)
    default: append(text(part).flatMap { facts[keyPath: $0] }.map { Array($0.utf8) }, to: &bytes)
    }
  }

  private static func text(_ part: Part) -> WritableKeyPath<ObservationFacts, String?>? {
    switch part {
    case .externalID: \.externalID
    case .name: \.name
    case .statusMessage: \.statusMessage
    case .requestModel: \.requestModel
    case .responseModel: \.responseModel
    case .provider: \.provider
    case .serviceTier: \.serviceTier
    case .region: \.region
    case .responseID: \.responseID
    case .prompt: \.prompt
    case .environment: \.environment
    case .service: \.service
    case .release: \.release
    case .version: \.version
    case .user: \.user
    case .session: \.session
    case .endpointHint: \.endpointHint
    case .serverRoute: \.serverRoute
    case .scope: \.scope
    default: nil
    }
  }

  private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
  }

  @discardableResult
  private static func append(_ value: Int64?, to bytes: inout [UInt8]) -> Bool {
    guard let value else { return false }
    append(UInt64(bitPattern: value), to: &bytes)
    return true
  }

  private static func append(_ value: [UInt8]?, to bytes: inout [UInt8]) -> Bool {
    guard let value else { return false }
    var rest = UInt64(value.count)
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
    bytes += value
    return true
  }

  // MARK: Reading

  /// Rows without decisions. *Errors:* `RowDamaged`: deciding without what was left out could move a total.
  static func decode(_ frame: UnsafeRawBufferPointer, of key: TraceKey, _ zstd: Zstd) throws
    -> [(row: Observation, reason: SpanOmission.Reason)]
  {
    guard let bytes = zstd.decompress(frame), bytes.first == version else { throw RowDamaged(table: "omitted_spans") }
    var reader = Reader(bytes: bytes, at: 1)
    var rows: [(row: Observation, reason: SpanOmission.Reason)] = []
    while reader.at < bytes.count {
      guard let row = reader.row(of: key) else { throw RowDamaged(table: "omitted_spans") }
      rows.append(row)
    }
    return rows
  }

  private struct Reader {
    let bytes: [UInt8]
    var at: Int

    mutating func row(of key: TraceKey) -> (row: Observation, reason: SpanOmission.Reason)? {
      guard at < bytes.count, let reason = SpanOmission.Reason(rawValue: bytes[at]) else { return nil }
      at += 1
      guard let id = number(), let receivedAt = number(), let present = number(bytes: 4) else { return nil }
      var facts = ObservationFacts(project: key.project, trace: key.trace, id: ObservationID(id))
      for part in Part.allCases where UInt32(truncatingIfNeeded: present) & part.bit != 0 {
        guard read(part, into: &facts) else { return nil }
      }
      let received = Timestamp(microseconds: Int64(bitPattern: receivedAt))
      return (TraceChanger.filed(facts, receivedAt: received), reason)
    }

    private mutating func read(_ part: Part, into facts: inout ObservationFacts) -> Bool {
      if part.rawValue <= Part.level.rawValue {
        guard let value = number() else { return false }
        set(part, Int64(bitPattern: value), on: &facts)
        return true
      }
      guard let slice = slice() else { return false }
      switch part {
      case .declared: facts.declared = StoredValues.decode(Array(slice))
      case .stamps: facts.stamps = Stamps(bytes: Array(slice)) ?? Stamps()
      case .parts: (facts.parts, facts.notes) = StoredParts.decodeAll(Array(slice))
      default:
        if let path = OmittedSpans.text(part) { facts[keyPath: path] = String(decoding: slice, as: UTF8.self) }
      }
      return true
    }

    private func set(_ part: Part, _ value: Int64, on facts: inout ObservationFacts) {
      switch part {
      case .parent: facts.parent = ObservationID(signed: value)
      case .startedAt: facts.startedAt = Timestamp(microseconds: value)
      case .endedAt: facts.endedAt = Timestamp(microseconds: value)
      case .firstTokenAt: facts.firstTokenAt = Timestamp(microseconds: value)
      case .key: facts.key = KeyID(Int32(truncatingIfNeeded: value))
      case .kind: facts.kind = ObservationKind(code: Int16(truncatingIfNeeded: value))
      case .level: facts.level = ObservationLevel(code: Int16(truncatingIfNeeded: value))
      default: break
      }
    }

    private mutating func number(bytes count: Int = 8) -> UInt64? {
      guard at + count <= bytes.count else { return nil }
      defer { at += count }
      return bytes[at..<at + count].reduce(0) { $0 << 8 | UInt64($1) }
    }

    private mutating func slice() -> ArraySlice<UInt8>? {
      var length = 0
      for shift in stride(from: 0, to: 35, by: 7) {
        guard at < bytes.count else { return nil }
        let next = bytes[at]
        at += 1
        length |= Int(next & 0x7F) << shift
        if next & 0x80 == 0 {
          guard length <= bytes.count - at else { return nil }
          defer { at += length }
          return bytes[at..<at + length]
        }
      }
      return nil
    }
  }
}

/// A stored value that nothing here has written.
struct RowDamaged: Error, Sendable, CustomStringConvertible {
  var table: String
  var description: String { "A row of \(table) can't be read." }
}
