import Domain
import Postgres

/// What settings would do, and what they did.
public struct SamplingReports: Sendable {
  private let pool: ConnectionPool
  public init(pool: ConnectionPool) { self.pool = pool }

  private static let reading = TransactionOptions(isolation: .repeatableRead, readOnly: true, statementTimeoutMilliseconds: 10_000)

  /// What `policy` would keep of the last day: of one environment, or with nil of those that follow the project. The latest traces are
  /// asked by the rules and the hash that writers use. Payloads that today's settings have dropped are not among the bytes.
  public func preview(
    _ policy: SamplingPolicy, of project: ProjectID, environment: String?, now: Timestamp, scope: AccessScope
  ) async throws -> SamplingPreview {
    try await pool.transaction(Self.reading) { c in
      guard let proposed = try Self.proposed(policy, project, environment, scope, c) else { throw SamplingRefusal.unknownProject }
      let keys = try Self.traces(of: project, environment, proposed, since: now.adding(seconds: -86_400), c)
      try c.looksUpByKey()
      var preview = SamplingPreview()
      preview.isCut = keys.count > SamplingPreview.tracesMax
      let asked = Array(keys.prefix(SamplingPreview.tracesMax))
      preview.traces = Int64(asked.count)
      let evidence = try c.samplingEvidence(of: asked, asksForScores: policy.keep.scored)
      var kept: Set<TraceKey> = []
      for key in asked {
        guard let known = evidence[key], let reason = proposed.reason(.payloads, known) else { continue }
        preview.kept[reason, default: 0] += 1
        kept.insert(key)
      }
      for (key, bytes) in try Self.payloadBytes(asked, c) {
        preview.payloadBytes += bytes
        if kept.contains(key) { preview.payloadBytesKept += bytes }
      }
      try Self.addSpans(Array(asked.prefix(SamplingPreview.spanTracesMax)), evidence, proposed, to: &preview, c)
      return preview
    }
  }

  /// The project's settings with this policy in its place; nil when the project is out of reach.
  private static func proposed(
    _ policy: SamplingPolicy, _ project: ProjectID, _ environment: String?, _ scope: AccessScope, _ c: Connection
  ) throws -> ProjectSampling? {
    let sql: SQL = """
      select o.secret from projects p join organisations o on o.id = p.organisation_id
      where p.id = \(project) and p.organisation_id = \(scope.organisation) and \(scope.traceCondition("p.id"))
      """
    guard let secret = try c.first(sql, { try $0.bytes(0) }) else { return nil }
    var sampling = try SettingsInForce.readAll([project], c)[project] ?? ProjectSampling(secret: secret)
    if let environment { sampling.environments[environment] = policy } else { sampling.standard = policy }
    return sampling
  }

  /// Latest first, one more than are looked at.
  private static func traces(
    of project: ProjectID, _ environment: String?, _ sampling: ProjectSampling, since: Timestamp, _ c: Connection
  ) throws -> [TraceKey] {
    let own = sampling.environments.keys.filter(\.isStorable).sorted()
    let fits: SQL = environment.map { "coalesce(t.environment, 'default') = \($0)" } ?? "coalesce(t.environment, 'default') <> all(\(own))"
    let sql: SQL = """
      select t.trace_id from traces t where t.project_id = \(project) and t.started_at >= \(since) and \(fits)
      order by t.started_at desc, t.trace_id limit \(SamplingPreview.tracesMax + 1)
      """
    return try c.query(sql.named("PreviewedTraces").uncached()) { TraceKey(project: project, trace: try $0.traceID(0)) }
  }

  private static func payloadBytes(_ keys: [TraceKey], _ c: Connection) throws -> [(TraceKey, Int64)] {
    guard let project = keys.first?.project else { return [] }
    let sql: SQL = """
      select p.trace_id, sum(octet_length(p.data))::bigint from payloads p
      where p.project_id = \(project) and p.trace_id = any(\(PostgresValue.uuids(keys.map { $0.trace.uuid })))
        and p.written_on >= current_date - 2
      group by 1
      """
    return try c.query(sql.named("PreviewedBytes").uncached()) { (TraceKey(project: project, trace: try $0.traceID(0)), try $0.int64(1)) }
  }

  private static func addSpans(
    _ keys: [TraceKey], _ evidence: [TraceKey: SamplingEvidence], _ proposed: ProjectSampling, to preview: inout SamplingPreview, _ c: Connection
  ) throws {
    guard let project = keys.first?.project else { return }
    let list = ObservationColumns.list("o")
    let sql: SQL = """
      select \(unescaped: list)
      from unnest(\(PostgresValue.uuids(keys.map { $0.trace.uuid }))) as k(trace_id)
      join traces t on t.project_id = \(project) and t.trace_id = k.trace_id
      join observations o on o.project_id = t.project_id and o.trace_id = t.trace_id
        and o.started_at >= t.first_started_at and o.started_at <= t.last_started_at
      order by o.trace_id
      """
    var rows: [Observation] = []
    func end() {
      guard let trace = rows.first?.facts.trace else { return }
      let known = evidence[TraceKey(project: project, trace: trace)]
      let isSampled = known.map { proposed.reason(.spans, $0) == nil } ?? false
      preview.spans += Int64(rows.count)
      preview.calls += Int64(rows.count { $0.decision.isCall })
      preview.spansOmitted += Int64(
        SpanOmission.omitted(of: rows) { proposed.noise.matches($0) ? .noise : isSampled ? .sampled : nil }.count)
      rows = []
    }
    try c.stream(sql.named("PreviewedSpans").uncached()) { row in
      let next = try ObservationColumns.read(row)
      if next.facts.trace != rows.first?.facts.trace { end() }
      rows.append(next)
    }
    end()
  }

  /// What was dropped and kept on each of the last `days` UTC days.
  public func activity(_ project: ProjectID, days: Int32 = 8, now: Timestamp, scope: AccessScope) async throws -> SamplingActivity {
    let first = UTCDay(now).adding(1 - max(1, days))
    return try await pool.transaction(Self.reading) { c in
      let reach: SQL = """
        exists (select from projects p where p.id = \(project) and p.organisation_id = \(scope.organisation) and \(scope.traceCondition("p.id")))
        """
      var found: [String: SamplingActivity.Day] = [:]
      let sweeps: SQL = """
        select to_char(slot at time zone 'UTC', 'YYYY-MM-DD'), rule, sum(traces)::bigint, sum(blocks)::bigint, sum(bytes)::bigint
        from sampling_sweeps where project_id = \(project) and slot >= \(first.start) and \(reach) group by 1, 2
        """
      try c.stream(sweeps.uncached()) { row in
        let name = try row.string(0)
        var day = found[name] ?? SamplingActivity.Day(day: name)
        let rule = SweepRule(rawValue: try row.int16(1)) ?? .dropped
        if let reason = rule.reason {
          day.payloadsKept[reason, default: 0] += try row.int64(2)
        } else {
          // Blocks of spans that were left out are no traces' payloads.
          if rule == .dropped { day.payloadsDropped += try row.int64(2) }
          day.bytesDropped += try row.int64(4)
        }
        found[name] = day
      }
      let spans: SQL = """
        select to_char(day, 'YYYY-MM-DD'), sum(sampled)::bigint, sum(noise)::bigint from (
          select project_id, day, sampled, noise from omitted_spans_day union all select project_id, day, sampled, noise from omitted_span_changes
        ) s where project_id = \(project) and day >= date '1970-01-01' + \(first.number) and \(reach) group by 1
        """
      try c.stream(spans.uncached()) { row in
        let name = try row.string(0)
        var day = found[name] ?? SamplingActivity.Day(day: name)
        (day.spansSampled, day.spansNoise) = (try row.int64(1), try row.int64(2))
        found[name] = day
      }
      let held = try c.first("select count(*) from payloads where retention_days = 0 and project_id = \(project) and \(reach)") { try $0.int64(0) }
      return SamplingActivity(days: found.values.sorted { $0.day > $1.day }, held: held ?? 0)
    }
  }

  /// Instrumentation scopes of the latest 20,000 spans of the last day, the most spans first.
  public func scopes(_ project: ProjectID, now: Timestamp, scope: AccessScope) async throws -> [ScopeTraffic] {
    let sql: SQL = """
      select s.scope, count(*), count(*) filter (where s.is_call), count(*) filter (where s.kind in (2, 10)) from (
        select o.scope, o.is_call, o.kind from observations o join projects p on p.id = o.project_id
        where o.project_id = \(project) and p.organisation_id = \(scope.organisation) and \(scope.traceCondition("p.id"))
          and o.started_at >= \(now.adding(seconds: -86_400)) and o.started_at < \(now.adding(seconds: 86_400)) and o.is_arrived
        order by o.started_at desc limit 20000
      ) s where s.scope is not null group by 1 order by 2 desc, 1 limit 200
      """
    return try await pool.transaction(Self.reading) { c in
      try c.query(sql.named("ScopeTraffic").uncached()) { row in
        ScopeTraffic(scope: try row.string(0), spans: try row.int64(1), calls: try row.int64(2), plain: try row.int64(3))
      }
    }
  }
}

/// Adds up what each commit counted of omitted spans, and removes what tells of payloads that would be gone by now anyway.
public struct OmittedSpanSums: Sendable {
  private let pool: ConnectionPool
  public init(pool: ConnectionPool) { self.pool = pool }

  /// Any number of processes may run it.
  public func add() async throws {
    let sql: SQL = """
      with gone as (delete from omitted_span_changes returning project_id, day, sampled, noise)
      insert into omitted_spans_day as s (project_id, day, sampled, noise)
      select project_id, day, sum(sampled), sum(noise) from gone group by 1, 2 order by 1, 2
      on conflict (project_id, day) do update set sampled = s.sampled + excluded.sampled, noise = s.noise + excluded.noise
      """
    try await pool.transaction { c in
      guard try AdvisoryLock.tryTake(AdvisoryLock.sampling, c) else { return }
      try c.execute(sql.named("AddOmitted"))
      try c.execute("delete from sampling_sweeps where slot < now() - interval '402 days'")
    }
  }
}
