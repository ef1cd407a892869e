import Domain
import Postgres

/// One trace with its observations, scores and owners.
public struct TraceDetailQuery: Sendable {
  let pool: ConnectionPool
  /// A longer trace is cut here; its totals on the trace are still of all.
  public static let observationsMax = 20_000

  public init(pool: ConnectionPool) { self.pool = pool }

  /// nil when the project or the trace doesn't exist or is out of reach. `trace` is the sender's id or its 32 hex
  /// digits.
  ///
  /// *Shape:* observations that have arrived, by start, no bodies. Without the grant for content, status messages,
  /// comments, metadata and texts of scores are left out; users are named as the scope says. *Cost:* the partitions between the trace's first and last
  /// start.
  public func run(project slug: String, trace: String, scope: AccessScope) async throws -> TraceDetail? {
    guard slug.isStorable else { return nil }
    return try await run(where: "p.slug = \(slug)", trace, scope)
  }

  /// The same by the project's id.
  public func run(project: ProjectID, trace: String, scope: AccessScope) async throws -> TraceDetail? {
    try await run(where: "p.id = \(project)", trace, scope)
  }

  /// The projects in reach that hold a trace of this id, by name; more than one when two got the same trace.
  public func find(trace: String, scope: AccessScope) async throws -> [Project] {
    let sql: SQL = """
      select p.id, p.slug, p.name, p.team_id from projects p join traces t on t.project_id = p.id
      where p.organisation_id = \(scope.organisation) and \(scope.traceCondition("p.id"))
        and t.trace_id = \(TraceID.named(trace).id) and t.started_at is not null
      order by p.name, p.id
      """
    return try await pool.run { c in try c.query(sql, Project.init(row:)) }
  }

  private func run(where project: SQL, _ trace: String, _ scope: AccessScope) async throws -> TraceDetail? {
    try await pool.transaction(TransactionOptions(isolation: .repeatableRead, readOnly: true)) { c in
      guard let place = try TracePlace.find(project, trace, scope, c) else { return nil }
      let users = try UserTelling.read(scope, c)
      let observations = try place.observations(c, limit: Self.observationsMax).map(users.told)
      let sql: SQL = """
        select \(unescaped: TraceItem.columns)
        from traces t join projects p on p.id = t.project_id
        where t.project_id = \(place.project) and t.trace_id = \(place.trace)
        """
      guard let item = try c.first(sql.named("TraceDetail"), { users.told(try TraceItem(row: $0)) }) else { return nil }
      var detail = TraceDetail(
        item: item, observations: observations, scores: try Score.ofTrace(place.project, place.trace, c),
        teams: try Self.owners(of: observations, c), hasInput: place.parts.contains { $0.kind == .input },
        hasOutput: place.parts.contains { $0.kind == .output })
      detail.omitted = place.omitted
      detail.notes = place.notes
      return scope.readsContent(of: place.project) ? detail : detail.withoutContent
    }
  }

  private static func owners(of observations: [Observation], _ c: Connection) throws -> [TeamID: Team] {
    let ids = Set(observations.compactMap(\.decision.team)).sorted()
    if ids.isEmpty { return [:] }
    let teams = try c.query("\(Team.select) where id = any(\(ids))", Team.init(row:))
    return Dictionary(teams.map { ($0.id, $0) }) { first, _ in first }
  }
}

/// Where a trace's rows lie.
struct TracePlace: Sendable {
  var project: ProjectID
  var trace: TraceID
  var firstStartedAt: Timestamp?
  var lastStartedAt: Timestamp?
  var parts: [StoredPart]
  var notes = ContentNotes()
  var omitted = OmittedCounts()

  /// nil when the project or the trace doesn't exist or is out of reach.
  static func find(_ projectCondition: SQL, _ trace: String, _ scope: AccessScope, _ c: Connection) throws
    -> TracePlace?
  {
    let sql: SQL = """
      select t.project_id, t.trace_id, t.first_started_at, t.last_started_at, t.parts, coalesce(t.sampled_spans, 0), coalesce(t.noise_spans, 0)
      from traces t join projects p on p.id = t.project_id
      where p.organisation_id = \(scope.organisation) and \(scope.traceCondition("p.id")) and \(projectCondition)
        and t.trace_id = \(TraceID.named(trace).id) and t.started_at is not null
      """
    return try c.first(sql) { row in
      let stored = try row.bytesOrNil(4).map { StoredParts.decodeAll($0) }
      return TracePlace(
        project: try row.id(0), trace: try row.traceID(1), firstStartedAt: try row.timestampOrNil(2),
        lastStartedAt: try row.timestampOrNil(3), parts: stored?.parts ?? [], notes: stored?.notes ?? ContentNotes(),
        omitted: OmittedCounts(sampled: try row.int32(5), noise: try row.int32(6)))
    }
  }

  /// As values, so that the planner leaves out the other partitions.
  func bounds(_ alias: String) -> SQL {
    guard let first = firstStartedAt, let last = lastStartedAt else { return "false" }
    let column: SQL = "\(unescaped: alias).started_at"
    return "\(column) >= \(first) and \(column) <= \(last)"
  }

  /// Arrived observations by start; all of them, or those that `condition` keeps.
  func observations(where condition: SQL = "true", _ c: Connection, limit: Int) throws -> [Observation] {
    let sql: SQL = """
      select \(unescaped: ObservationColumns.list("o")) from observations o
      where o.project_id = \(project) and o.trace_id = \(trace) and \(bounds("o")) and o.is_arrived and \(condition)
      order by o.started_at, o.id limit \(limit)
      """
    return try c.query(sql.named("TraceObservations").uncached()) { try ObservationColumns.read($0) }
  }
}
