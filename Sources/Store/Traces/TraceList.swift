import Domain
import Postgres

/// Traces by time, cost, duration or tokens, page by page.
public struct TraceList: Sendable {
  let pool: ConnectionPool
  public static let limitMax = 1000

  public init(pool: ConnectionPool) { self.pool = pool }

  /// *Shape:* up to `limit` traces (1 to `limitMax`) of the projects in reach that `TraceQuery.range` describes; traces
  /// without a value of the sort come last in both directions. Paging goes by value and identity, so that what arrives
  /// meanwhile neither repeats nor hides a trace. Users are named as the scope says for each project; a filter by user finds
  /// traces where the reader may know users. *Errors:* `InvalidCursor`, `DatabaseError`. *Source:* `traces`; a
  /// filter by anything that only calls have looks for one call in the range that matches all of it. *Cost:* newest
  /// first, about as many rows as the page has, and only the last page looks for traces that began in the week before
  /// the range; in another order, all traces of the range and those.
  public func run(_ query: TraceQuery, scope: AccessScope) async throws -> TracePage {
    let cursor = try query.cursor.map { try PageCursor(text: $0, query: query) }
    let limit = min(max(query.limit, 1), Self.limitMax)
    var traces = try await pool.transaction(TransactionOptions(isolation: .repeatableRead, readOnly: true)) { c in
      guard let sql = try TraceListSQL.make(query, cursor: cursor, limit: limit + 1, scope: scope, c) else {
        return [TraceItem]()
      }
      return try c.query(sql.statement) { sql.filter.directory.users.told(try TraceItem(row: $0)) }
    }
    guard traces.count > limit else { return TracePage(traces: traces, next: nil) }
    traces.removeLast(traces.count - limit)
    return TracePage(traces: traces, next: traces.last.map { query.cursor(after: $0).text })
  }
}

/// The statement of one page.
struct TraceListSQL {
  var query: TraceQuery
  var filter: TraceFilter
  var projects: [ProjectID]
  var cursor: PageCursor?
  var limit: Int

  /// nil when no project is in reach and filter.
  static func make(
    _ query: TraceQuery, cursor: PageCursor?, limit: Int, scope: AccessScope, _ c: Connection
  ) throws -> TraceListSQL? {
    let directory = try CostDirectory.read(Set(query.filter.active.keys), scope, c)
    let projects = directory.traceProjects(query.filter, scope)
    if projects.isEmpty { return nil }
    let filter = TraceFilter(query: query, range: CostFrame.clamped(query.range), directory: directory)
    return TraceListSQL(
      query: query, filter: filter, projects: projects, cursor: cursor, limit: limit)
  }

  /// Per project first, so that the index by project and time gives the newest without a sort.
  var statement: SQL {
    let sql: SQL = """
      with within as materialized (
        select t.* from unnest(\(projects)) as reached(id) cross join lateral (
          select t.* from traces t
          where t.project_id = reached.id and \(filter.within) and \(after)
          order by \(key) \(order), t.trace_id \(tieOrder)
          limit \(limit)
        ) t
        order by \(key) \(order), t.project_id \(tieOrder), t.trace_id \(tieOrder)
        limit \(limit)
      ), early as (
        select t.* from unnest(\(projects)) as reached(id) cross join lateral (
          select t.* from traces t
          where \(earlyIsWanted) and t.project_id = reached.id and \(filter.early) and \(after)
        ) t
      )
      select \(unescaped: TraceItem.columns)
      from (
        select t.* from (select * from within union all select * from early) t
        order by \(key) \(order), t.project_id \(tieOrder), t.trace_id \(tieOrder)
        limit \(limit)
      ) t join projects p on p.id = t.project_id
      order by \(key) \(order), t.project_id \(tieOrder), t.trace_id \(tieOrder)
      """
    // Planned with the values at hand: only then the planner leaves out partitions.
    return sql.named("TraceList").uncached()
  }

  /// Newest first, traces from before the range come last: they are not looked for while the page fills without them.
  private var earlyIsWanted: SQL {
    query.sort == .time && !query.ascending ? "(select count(*) from within) < \(limit)" : "true"
  }

  private var key: SQL {
    switch query.sort {
    case .time: "t.started_at"
    case .cost: "(case when t.costed > 0 then t.cost_pico end)"
    case .duration: "t.duration_us"
    case .tokens: "t.tokens"
    }
  }

  /// Start is never null in a list, and `nulls last` would keep the index from being used.
  private var order: SQL {
    let direction = query.ascending ? "asc" : "desc"
    return SQL(query.sort == .time ? direction : direction + " nulls last")
  }

  /// Against the direction of time, as the index has it.
  private var tieOrder: SQL { query.ascending ? "desc" : "asc" }

  private var after: SQL {
    guard let cursor else { return "true" }
    let further: SQL = query.ascending ? "<" : ">"
    let isLater: SQL = "(t.project_id, t.trace_id) \(further) (\(cursor.project), \(cursor.trace))"
    guard let value = cursor.value else { return "\(key) is null and \(isLater)" }
    let bind = bind(value)
    let beyond: SQL = query.ascending ? ">" : "<"
    if query.sort == .time {
      return "t.started_at \(beyond)= \(bind) and (t.started_at \(beyond) \(bind) or \(isLater))"
    }
    return "(\(key) \(beyond) \(bind) or (\(key) = \(bind) and \(isLater)) or \(key) is null)"
  }

  private func bind(_ value: Int128) -> PostgresValue {
    switch query.sort {
    case .time: .timestamp(Int64(clamping: value))
    case .cost: .numeric(value)
    case .duration, .tokens: .int64(Int64(clamping: value))
    }
  }
}

extension TraceQuery {
  fileprivate func cursor(after item: TraceItem) -> PageCursor {
    let value: Int128? =
      switch sort {
      case .time: Int128(item.startedAt.microseconds)
      case .cost: item.measures.cost?.pico
      case .duration: item.durationMicroseconds.map { Int128($0) }
      case .tokens: Int128(item.measures.usage.totalTokens)
      }
    return PageCursor(sort: sort, isAscending: ascending, value: value, project: item.project, trace: item.id)
  }
}
