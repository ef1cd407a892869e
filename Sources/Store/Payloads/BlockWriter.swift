import Domain
import Postgres

/// A compressed block on its way into `payloads`.
struct PayloadBlock: Sendable {
  var key: TraceKey
  var id: BlockID
  /// One zstd frame.
  var data: [UInt8]
  var inflatedBytes: Int
  /// What a search asks before it reads the block.
  var signature: [UInt8]
  /// Starts of what has bodies in it.
  var started: ClosedRange<Timestamp>
  /// It holds bodies of something that has others in an earlier block.
  var continues: Bool
  /// It waits for sampling to decide.
  var isHeld: Bool

  /// Column `retention_days`.
  var storedClass: Int16 { isHeld ? 0 : id.retention.rawValue }
}

/// Collects the bodies of one trace from one group and compresses them together.
struct BlockWriter {
  /// Beyond this a block is closed and another begun: a reader inflates a whole block for one body.
  static let blockBytesMax = 8 << 20

  enum Fate: Sendable { case kept, held, ofOmittedSpans }

  private let key: TraceKey
  private let fate: Fate
  private let zstd: Zstd
  private let writtenAt: Timestamp
  private let retention: RetentionClass
  private var id: BlockID
  private var bytes: [UInt8] = []
  private var signature = BlockSignature()
  private var started: ClosedRange<Timestamp>?
  private var continues = false
  private(set) var blocks: [PayloadBlock] = []

  init(key: TraceKey, writtenAt: Timestamp, retention: RetentionClass, zstd: Zstd, fate: Fate = .kept) {
    self.key = key
    self.fate = fate
    self.zstd = zstd
    self.writtenAt = writtenAt
    self.retention = retention
    self.id = BlockID(writtenAt: writtenAt, retention: retention, ofOmittedSpans: fate == .ofOmittedSpans)
  }

  /// Takes bodies of what started at `startedAt` into the block; returns `parts` and where these lie, in the order that
  /// merging gives.
  /// *Errors:* `ValueOutOfRange` when a body can't be compressed or is larger than 1 GiB.
  mutating func stored(_ bodies: [BodyPart], _ known: [StoredPart], at startedAt: Timestamp) throws -> [StoredPart] {
    if bodies.isEmpty { return known }
    var parts = known
    for body in bodies {
      let length = body.text.utf8.count
      guard length < 1 << 30 else { throw ValueOutOfRange(field: "body") }
      if !bytes.isEmpty, bytes.count + length > Self.blockBytesMax { try closeBlock() }
      parts.append(
        StoredPart(
          kind: body.kind, block: id.rawValue, offset: Int32(bytes.count), length: Int32(length), stamp: body.stamp))
      bytes.append(contentsOf: body.text.utf8)
      continues = continues || parts[0].block != id.rawValue
      started = started.map { min($0.lowerBound, startedAt)...max($0.upperBound, startedAt) } ?? startedAt...startedAt
      bytes.withUnsafeBufferPointer { signature.add(UnsafeBufferPointer(rebasing: $0[($0.count - length)...])) }
      // Parts must not run into each other for who reads the block as one text.
      bytes.append(0)
    }
    return parts.sorted { ($0.kind.rawValue, $0.stamp) < ($1.kind.rawValue, $1.stamp) }
  }

  /// Call once, after the last body.
  mutating func finish() throws -> [PayloadBlock] {
    if !bytes.isEmpty { try closeBlock() }
    return blocks
  }

  private mutating func closeBlock() throws {
    guard let data = zstd.compress(bytes) else { throw ValueOutOfRange(field: "body") }
    blocks.append(
      PayloadBlock(
        key: key, id: id, data: data, inflatedBytes: bytes.count, signature: signature.bytes(),
        started: started ?? writtenAt...writtenAt, continues: continues, isHeld: fate != .kept))
    bytes = []
    signature = BlockSignature()
    started = nil
    continues = false
    let used = Set(blocks.map(\.id))
    while used.contains(id) { id = BlockID(writtenAt: writtenAt, retention: retention, ofOmittedSpans: fate == .ofOmittedSpans) }
  }
}

extension Connection {
  func write(_ blocks: [PayloadBlock]) throws {
    if blocks.isEmpty { return }
    let columns = ["project_id", "trace_id", "block_id", "written_on", "retention_days", "data"]
    try copyIn(table: "payloads", columns: columns) { w in
      for block in blocks {
        try w.row {
          $0.int32(block.key.project.rawValue)
          $0.uuid(block.key.trace.uuid)
          $0.int64(block.id.rawValue)
          $0.date(days: block.id.writtenOn)
          $0.int16(block.storedClass)
          $0.bytea(block.data)
        }
      }
    }
    try writeSignatures(of: blocks)
  }
}
