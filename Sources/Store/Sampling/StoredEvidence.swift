import Domain
import Postgres

extension Connection {
  /// What keep rules look at, of traces that are stored. Those that are gone have none.
  func samplingEvidence(of keys: [TraceKey], asksForScores: Bool) throws -> [TraceKey: SamplingEvidence] {
    if keys.isEmpty { return [:] }
    var found: [TraceKey: SamplingEvidence] = [:]
    var first: Timestamp?, last: Timestamp?
    let projects = PostgresValue.int32s(keys.map { $0.project.rawValue }), traces = PostgresValue.uuids(keys.map { $0.trace.uuid })
    let sql: SQL = """
      select t.project_id, t.trace_id, t.environment, t.errors, case when t.costed > 0 then t.cost_pico end, t.duration_us, t.user_id, t.tags,
        t.first_started_at, t.last_started_at
      from unnest(\(projects), \(traces)) as k(project_id, trace_id)
      join traces t on t.project_id = k.project_id and t.trace_id = k.trace_id
      """
    try stream(sql.named("SampledTraces").uncached()) { row in
      let key = TraceKey(project: try row.id(0), trace: try row.traceID(1))
      var evidence = SamplingEvidence(trace: key.trace, environments: Set([try row.stringOrNil(2)].compactMap { $0 }))
      evidence.hasError = try row.int32(3) > 0
      evidence.cost = try row.numericIntegerOrNil(4).map { USD(pico: $0) }
      evidence.durationMicroseconds = try row.int64OrNil(5)
      evidence.users = Set([try row.stringOrNil(6)].compactMap { $0 })
      evidence.tags = Set(try row.strings(7))
      if let start = try row.timestampOrNil(8) { first = min(first ?? start, start) }
      if let start = try row.timestampOrNil(9) { last = max(last ?? start, start) }
      found[key] = evidence
    }
    if let first, let last { try addRows(projects, traces, first, last, to: &found) }
    if asksForScores { for key in try scored(keys) { found[key]?.isScored = true } }
    return found
  }

  private func addRows(
    _ projects: PostgresValue, _ traces: PostgresValue, _ first: Timestamp, _ last: Timestamp, to found: inout [TraceKey: SamplingEvidence]
  ) throws {
    let sql: SQL = """
      select o.project_id, o.trace_id, array_agg(distinct o.environment), coalesce(array_agg(distinct o.user_id) filter (where o.user_id is not null), '{}'),
        coalesce(array_agg(distinct o.endpoint) filter (where o.endpoint is not null), '{}')
      from unnest(\(projects), \(traces)) as k(project_id, trace_id)
      join observations o on o.project_id = k.project_id and o.trace_id = k.trace_id
        and o.started_at >= \(first) and o.started_at <= \(last) and o.is_arrived
      group by 1, 2
      """
    try stream(sql.named("SampledRows").uncached()) { row in
      let key = TraceKey(project: try row.id(0), trace: try row.traceID(1))
      found[key]?.environments = Set(try row.strings(2))
      found[key]?.users.formUnion(try row.strings(3))
      found[key]?.endpoints.formUnion(try row.strings(4))
    }
  }

  /// Those of the traces that were judged.
  func scored(_ keys: [TraceKey]) throws -> Set<TraceKey> {
    let sql: SQL = """
      select k.project_id, k.trace_id
      from unnest(\(PostgresValue.int32s(keys.map { $0.project.rawValue })), \(PostgresValue.uuids(keys.map { $0.trace.uuid })))
        as k(project_id, trace_id)
      where exists (select from scores s where s.project_id = k.project_id and s.trace_id = k.trace_id)
      """
    return Set(try query(sql.named("ScoredTraces")) { TraceKey(project: try $0.id(0), trace: try $0.traceID(1)) })
  }

  /// Rows are known by key: a plan that reads whole tables is never right, however small they looked.
  func looksUpByKey() throws {
    try execute(
      """
      select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)
      """)
  }
}
