import Domain
import Postgres

/// Reads bodies: only the blocks that are needed, each from the one partition its id names.
public struct PayloadReader: Sendable {
  private let pool: ConnectionPool

  public init(pool: ConnectionPool) { self.pool = pool }

  /// The bodies behind `parts`, oldest first. A body whose block has been dropped by retention is missing, not an
  /// error; one that sampling has dropped is told in `sampled`.
  public func bodies(of parts: [StoredPart], project: ProjectID, trace: TraceID) async throws -> Bodies {
    if parts.isEmpty { return Bodies() }
    return try await pool.run { try $0.bodies(of: parts, project: project, trace: trace) }
  }
}

extension Connection {
  /// As `PayloadReader.bodies`.
  func bodies(of parts: [StoredPart], project: ProjectID, trace: TraceID) throws -> Bodies {
    let wanted = Set(parts.map { BlockID(rawValue: $0.block) })
    let blocks = try inflatedBlocks(wanted, project, trace)
    var bodies = Bodies()
    if blocks.count < wanted.count {
      bodies.sampled = try SampledPayload.read(wanted.subtracting(blocks.keys), isPartly: !blocks.isEmpty, project, trace, self)
    }
    for part in parts.sorted(by: { $0.stamp < $1.stamp }) {
      guard let text = blocks[BlockID(rawValue: part.block)].flatMap({ slice(part, of: $0) }) else { continue }
      switch part.kind {
      case .input: bodies.input = text
      case .output: bodies.output = text
      case .metadata: bodies.metadata.append(text)
      case .attributes: bodies.attributes.append(text)
      }
    }
    return bodies
  }

  func slice(_ part: StoredPart, of block: [UInt8]) -> String? {
    let from = Int(part.offset)
    let to = from + Int(part.length)
    guard from >= 0, from <= to, to <= block.count else { return nil }
    return String(decoding: block[from..<to], as: UTF8.self)
  }

  func inflatedBlocks(_ ids: Set<BlockID>, _ project: ProjectID, _ trace: TraceID) throws -> [BlockID: [UInt8]]
  {
    var blocks = try inflatedBlocks(ids, project, trace) { "retention_days in (\(unescaped: String($0.retention.rawValue)), 0) and" }
    let missing = ids.subtracting(blocks.keys)
    // Moved to another class since, or gone: a block keeps the id that it was written with.
    if !missing.isEmpty { blocks.merge(try inflatedBlocks(missing, project, trace) { _ in "" }) { first, _ in first } }
    return blocks
  }

  private func inflatedBlocks(_ ids: Set<BlockID>, _ project: ProjectID, _ trace: TraceID, class condition: (BlockPlace) -> SQL) throws
    -> [BlockID: [UInt8]]
  {
    let zstd = Zstd()
    var blocks: [BlockID: [UInt8]] = [:]
    for (place, wanted) in Dictionary(grouping: ids, by: { BlockPlace(retention: $0.retention, day: $0.writtenOn) }) {
      // Literals, so that the planner keeps one partition.
      let sql: SQL = """
        select block_id, data from payloads
        where \(condition(place)) written_on = date \(unescaped: "'\(UTCDay(place.day).iso)'")
          and project_id = \(project) and trace_id = \(trace) and block_id = any(\(wanted.map(\.rawValue)))
        """
      try stream(sql.named("PayloadBlocks")) { row in
        let id = BlockID(rawValue: try row.int64(0))
        try row.withBytes(1) { blocks[id] = zstd.decompress($0) }
      }
    }
    return blocks
  }
}

/// The partition that a block's id names.
private struct BlockPlace: Hashable {
  var retention: RetentionClass
  var day: Int32
}
