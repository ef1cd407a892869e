import Domain
import Postgres

/// Reads candidates' blocks one after the other and says which hold what is asked, as one text each.
enum CandidateBlocks {
  private struct Place: Hashable {
    var retention: RetentionClass
    var day: Int32
  }

  /// Indexes of the candidates that pass. A block that retention has dropped holds nothing. Memory: one block.
  static func passing(_ candidates: ArraySlice<SearchCandidate>, _ matcher: TextMatcher, _ c: Connection) throws
    -> Set<Int>
  {
    // Rows are known by key; a plan that reads a partition is never right.
    try c.execute(
      """
      select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
        set_config('enable_mergejoin', 'off', true)
      """)
    let zstd = Zstd()
    var passing: Set<Int> = []
    let places = Dictionary(grouping: candidates.indices) {
      Place(retention: candidates[$0].block.retention, day: candidates[$0].block.writtenOn)
    }
    for (place, indexes) in places {
      try c.stream(statement(place, indexes, candidates)) { row in
        let index = Int(try row.int32(0))
        let inflated = try row.withBytes(1) { zstd.decompress($0) } ?? nil
        guard let inflated, candidates.indices.contains(index) else { return }
        let found = inflated.withUnsafeBufferPointer { matcher.termsPossible(in: $0) }
        if candidates[index].continues ? found != 0 : found == matcher.all { passing.insert(index) }
      }
    }
    return passing
  }

  private static func statement(_ place: Place, _ indexes: [Int], _ candidates: ArraySlice<SearchCandidate>) -> SQL {
    // Literals, so that the planner keeps one partition.
    let sql: SQL = """
      select k.place, p.data
      from unnest(\(PostgresValue.int32s(indexes.map { Int32(truncatingIfNeeded: $0) })),
        \(PostgresValue.int32s(indexes.map { candidates[$0].key.project.rawValue })),
        \(PostgresValue.uuids(indexes.map { candidates[$0].key.trace.uuid })),
        \(PostgresValue.int64s(indexes.map { candidates[$0].block.rawValue })))
        as k(place, project_id, trace_id, block_id)
      join payloads p on p.project_id = k.project_id and p.trace_id = k.trace_id and p.block_id = k.block_id
        and p.retention_days in (\(unescaped: String(place.retention.rawValue)), 0)
        and p.written_on = date \(unescaped: "'\(UTCDay(place.day).iso)'")
      """
    return sql.named("CandidateBlocks").uncached()
  }
}
