import Domain
import Postgres

/// What one page of a search may take.
public struct SearchBudget: Sendable {
  public var milliseconds: Int
  /// Of bodies, inflated.
  public var inflatedBytesMax: Int

  public init(milliseconds: Int = 400, inflatedBytesMax: Int = 512 << 20) {
    self.milliseconds = milliseconds
    self.inflatedBytesMax = inflatedBytesMax
  }
}

/// Searches traces by what was said in them, and by exact ids.
public struct TraceSearch: Sendable {
  let pool: ConnectionPool
  let budget: SearchBudget

  public init(pool: ConnectionPool, budget: SearchBudget = SearchBudget()) {
    self.pool = pool
    self.budget = budget
  }

  /// *Shape:* traces whose id, session or user is `query.text`, of any time, latest first; then traces of which one
  /// observation that starts in the range holds all words and phrases of the text in its input, output, metadata or
  /// attributes, each trace once, by the latest start in the block of its latest such observation. Other filters of
  /// the query hold for both; its sort is not looked at. Where content may not be read only ids are compared, and those of
  /// users as the scope names them.
  /// *Errors:* `SearchTextRefusal`, `InvalidCursor`, `DatabaseError`. *Source:* `payload_signatures`, then the blocks
  /// they let through. *Cost:* ends with the budget, at the latest one batch of blocks after it; the page then says
  /// how far back it got. Memory: one block at a time, and one trace's bodies.
  public func run(_ query: TraceQuery, scope: AccessScope) async throws -> TraceSearchPage {
    let deadline = ContinuousClock.now + .milliseconds(budget.milliseconds)
    let typed = query.text ?? ""
    let text = try SearchText(typed)
    let cursor = try query.cursor.map { try SearchCursor(text: $0) } ?? .named(
      startedAt: Timestamp(microseconds: 4_102_444_800_000_000), project: ProjectID(0), trace: TraceID(high: 0, low: 0))
    var page = TraceSearchPage(searchedBodies: !scope.content.isEmpty, isSlow: text.isSlow)
    guard let reach = try await pool.run({ try SearchReach.read(query, scope, $0) }) else { return page }
    page.searchedBodies = !reach.readable.isEmpty
    let limit = min(max(query.limit, 1), TraceList.limitMax)
    let named = NamedTraces(id: SearchText.id(typed), reach: reach)
    if case .named = cursor {
      try await add(named, after: cursor, limit, to: &page)
      if page.next != nil { return page }
    }
    guard page.searchedBodies else { return page }
    if page.found.count >= limit {
      page.next = SearchCursor.bodies(nil).text
      return page
    }
    var after: SearchPosition?
    if case .bodies(let position) = cursor { after = position }
    var run = SearchRun(
      pool: pool, text: text, reach: reach, named: named, limit: limit - page.found.count, deadline: deadline,
      inflatedBytesLeft: budget.inflatedBytesMax, after: after)
    try await run.run()
    page.found += run.found
    page.next = run.isDone ? nil : SearchCursor.bodies(run.after).text
    page.searchedBackTo = run.isDone ? nil : run.after.map { min($0.startedAt, reach.range.to) }
    return page
  }

  private func add(_ named: NamedTraces, after cursor: SearchCursor, _ limit: Int, to page: inout TraceSearchPage)
    async throws
  {
    var traces = try await named.read(after: cursor, limit: limit + 1, pool)
    let hasMore = traces.count > limit
    traces = Array(traces.prefix(limit))
    page.found = traces.map { ($0, TraceMatch(place: named.place(in: $0) ?? .traceID)) }
    if hasMore, let last = traces.last {
      page.next = SearchCursor.named(startedAt: last.startedAt, project: last.project, trace: last.id).text
    }
  }
}

/// Projects and conditions of a search.
struct SearchReach: Sendable {
  var projects: [ProjectID]
  /// Those of them whose bodies the reader may read.
  var readable: [ProjectID]
  /// Those of them where the reader may know users.
  var usersKnown: [ProjectID]
  var users = UserTelling.all
  /// Within the database's calendar.
  var range: TimeRange
  /// On `traces` t.
  var filter: SQL

  /// nil when no project is in reach and filter.
  static func read(_ query: TraceQuery, _ scope: AccessScope, _ c: Connection) throws -> SearchReach? {
    let directory = try CostDirectory.read(Set(query.filter.active.keys), scope, c)
    let projects = directory.traceProjects(query.filter, scope)
    if projects.isEmpty { return nil }
    let range = CostFrame.clamped(query.range)
    let filter = TraceFilter(query: query, range: range, directory: directory)
    return SearchReach(
      projects: projects, readable: projects.filter(scope.readsContent(of:)),
      usersKnown: projects.filter { scope.naming(usersOf: $0) != .hidden }, users: directory.users, range: range,
      filter: filter.whenever)
  }
}

/// Traces whose id, session or user is a text.
struct NamedTraces: Sendable {
  let id: String
  let reach: SearchReach

  func place(in item: TraceItem) -> TraceMatch.Place? {
    if item.id == TraceID.named(id).id { return .traceID }
    if item.session == id { return .session }
    return item.user == id ? .user : nil
  }

  func read(after cursor: SearchCursor, limit: Int, _ pool: ConnectionPool) async throws -> [TraceItem] {
    if !id.isStorable { return [] }
    let mayBeUser = !reach.usersKnown.isEmpty && reach.users.mayName(id)
    let isUser = try await !mayBeUser ? false : pool.transaction(TransactionOptions(readOnly: true)) { c in
      try Self.readByBitmap(c)
      return try c.first(userIsKnown) { try $0.bool(0) } ?? false
    }
    return try await pool.run { c in
      try c.query(statement(after: cursor, limit: limit, isUser: isUser)) { reach.users.told(try TraceItem(row: $0)) }
    }
  }

  /// Hardly any text that is searched for is a user's id. The planner, asked for the latest traces of a user that does
  /// not exist, reads all traces by time to find none (77 ms for 70,000); BRIN tells at once.
  var userIsKnown: SQL {
    let sql: SQL = """
      select exists (
        select 1 from traces t where \(isOfUser))
      """
    return sql.named("UserIsKnown").uncached()
  }

  private var isOfUser: SQL {
    "t.project_id = any(\(reach.usersKnown.map(\.rawValue))) and \(reach.users.value("t.user_id")) = \(id)"
  }

  static func readByBitmap(_ c: Connection) throws {
    try c.execute(
      """
      select set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'off', true),
        set_config('enable_indexonlyscan', 'off', true)
      """)
  }

  /// Each by its own index, latest first.
  private func statement(after cursor: SearchCursor, limit: Int, isUser: Bool) -> SQL {
    guard case .named(let startedAt, let project, let trace) = cursor else {
      return "select \(unescaped: TraceItem.columns) from traces t join projects p on p.id = t.project_id where false"
    }
    var ways: [SQL] = ["t.trace_id = \(TraceID.named(id).id)", "t.session_id = \(id)"]
    if isUser { ways.append(isOfUser) }
    let latest = ways.map { way -> SQL in
      """
      (select t.project_id, t.trace_id, t.started_at from traces t
      where t.project_id = any(\(reach.projects.map(\.rawValue))) and \(way) and t.started_at is not null
        and t.started_at <= \(startedAt)
        and (t.started_at < \(startedAt) or (t.project_id, t.trace_id) > (\(project), \(trace))) and \(reach.filter)
      order by t.started_at desc, t.project_id, t.trace_id limit \(limit))
      """
    }
    let sql: SQL = """
      with named as materialized (\(latest.joined(by: " union ")))
      select \(unescaped: TraceItem.columns)
      from (select * from named order by started_at desc, project_id, trace_id limit \(limit)) n
      join traces t on t.project_id = n.project_id and t.trace_id = n.trace_id join projects p on p.id = t.project_id
      order by t.started_at desc, t.project_id, t.trace_id
      """
    return sql.named("NamedTraces").uncached()
  }
}
