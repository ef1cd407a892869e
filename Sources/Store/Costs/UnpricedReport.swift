import Domain
import Postgres

/// Calls without a full price that share model and reason.
public struct UnpricedGroup: Sendable, Hashable {
  /// As sent, where it was; else as booked.
  public var provider: String?
  /// As sent, the served name first; nil: none was sent. Of a range that sums by hour answer, as booked.
  public var model: String?
  /// `unpriced`, or `partial` when only some units have no price.
  public var status: CostStatus
  /// As stored with the newest of the calls.
  public var reason: String
  public var calls: Int64
  /// Of these calls; from sums by hour only of hours in which no call of the model had a price.
  public var usage: Usage
  /// To the hour when answered from sums.
  public var firstSeen: Timestamp
  public var lastSeen: Timestamp
  /// The newest in a project in reach; nil: none is.
  public var example: UnpricedExample?
}

/// Where one such call is.
public struct UnpricedExample: Sendable, Hashable {
  public var project: ProjectID
  public var projectSlug: String
  public var trace: TraceID
  public var observation: ObservationID
}

/// The groups, most calls first.
public struct UnpricedAnswer: Sendable, Hashable {
  public var groups: [UnpricedGroup]
  /// There were more groups than `UnpricedReport.groupsMax`.
  public var isCut: Bool
  /// The table that was read.
  public var source: String
}

/// Models and units without a price.
public struct UnpricedReport: Sendable {
  let pool: ConnectionPool
  public static let groupsMax = 500

  public init(pool: ConnectionPool) { self.pool = pool }

  /// What `scope` may see the money of. *Source:* calls, up to 31 days, through the index of unpriced ones where the day
  /// has it; longer ranges from `spend_hour` in whole hours, with status, reason and example of the newest call.
  /// Examples are of projects whose traces are in reach. *Errors:* `CostQueryRefusal`, `DatabaseError`.
  public func run(_ range: TimeRange, filter: CostFilter = [:], scope: AccessScope, organisation: Organisation)
    async throws -> UnpricedAnswer
  {
    guard scope.organisation == organisation.id else {
      throw CostQueryRefusal(message: "The organisation is out of reach.")
    }
    let range = CostFrame.clamped(range)
    let filter = filter.active
    try scope.checkUsers(filter.keys)
    let isLong = range.durationMicroseconds > CostSource.observationDaysMax * 86_400_000_000 + 3_600_000_000
    let source: CostSource = isLong ? .spendHour : .observations
    guard source.dimensions.isSuperset(of: filter.keys) else {
      throw CostQueryRefusal(
        message: "Accepted with this filter: a range of up to \(CostSource.observationDaysMax) days.")
    }
    return try await pool.transaction(TransactionOptions(isolation: .repeatableRead, readOnly: true)) { c in
      let directory = try CostDirectory.read(Set(filter.keys), scope, c)
      let projects = directory.projects(within: scope, filter: filter[.project])
      if projects.isEmpty { return UnpricedAnswer(groups: [], isCut: false, source: source.rawValue) }
      let sql = UnpricedSQL(
        range: range, condition: directory.condition(filter, projects: projects, scope: scope, table: source),
        callCondition: directory.condition(filter, projects: projects, scope: scope, table: .observations),
        shown: projects.filter { scope.traces.includes($0) })
      let statement = isLong ? sql.fromHours : sql.fromCalls
      var groups = try c.query(statement.named("Unpriced").uncached()) { try UnpricedGroup(row: $0, directory) }
      let isCut = groups.count > Self.groupsMax
      if isCut { groups.removeLast(groups.count - Self.groupsMax) }
      return UnpricedAnswer(groups: groups, isCut: isCut, source: source.rawValue)
    }
  }
}

/// Columns: provider, model, status, reason, calls, first, last, example (project, trace, observation), buckets.
private struct UnpricedSQL {
  var range: TimeRange
  var condition: SQL
  var callCondition: SQL
  /// Projects whose traces may be shown.
  var shown: [ProjectID]

  /// Of all rows, or of those that a FILTER clause keeps.
  private static func buckets(_ kept: String = "") -> String {
    MeasureColumns.usage.map { "coalesce(sum(\($0))\(kept), 0)::bigint as \($0)" }.joined(separator: ", ")
  }
  private static let bucketNames = MeasureColumns.usage.map { "g.\($0)" }.joined(separator: ", ")

  var fromCalls: SQL {
    """
    with g as (
      select coalesce(sent_provider, provider) as provider, coalesce(response_model, request_model) as model, cost_status,
        coalesce(cost_reason, '') as reason, count(*) as calls, min(started_at) as first_seen, max(started_at) as last_seen,
        max(started_at) filter (where project_id = any(\(shown))) as shown_at, \(unescaped: Self.buckets())
      from observations
      where is_call and cost_status in (2, 3) and started_at >= \(range.from) and started_at < \(range.to)
        and \(condition)
      group by 1, 2, 3, 4
      order by calls desc, last_seen desc, 1, 2, 3, 4 limit \(UnpricedReport.groupsMax + 1)
    )
    select g.provider, g.model, g.cost_status, g.reason, g.calls, g.first_seen, g.last_seen, e.project_id, e.trace_id, e.id,
      \(unescaped: Self.bucketNames)
    from g left join lateral (
      select o.project_id, o.trace_id, o.id from observations o
      where o.project_id = any(\(shown)) and o.started_at = g.shown_at and o.is_call and o.cost_status = g.cost_status
        and coalesce(o.response_model, o.request_model) is not distinct from g.model
        and coalesce(o.sent_provider, o.provider) is not distinct from g.provider
        and coalesce(o.cost_reason, '') = g.reason
      order by o.id limit 1
    ) e on true
    order by g.calls desc, g.last_seen desc, g.provider, g.model, g.cost_status, g.reason
    """
  }

  /// Usage of unpriced calls alone is known where there were no others.
  var fromHours: SQL {
    """
    with g as (
      select nullif(provider, '') as provider, nullif(model, '') as model, sum(unpriced)::bigint as calls,
        min(hour) as first_seen, max(hour) as last_seen,
        \(unescaped: Self.buckets(" filter (where calls = unpriced)"))
      from spend_hour
      where unpriced > 0 and hour >= \(range.from) and hour < \(range.to) and \(condition)
      group by 1, 2
      order by calls desc, 1, 2 limit \(UnpricedReport.groupsMax + 1)
    )
    select g.provider, g.model, coalesce(n.cost_status, 3::smallint), coalesce(n.cost_reason, ''), g.calls, g.first_seen,
      g.last_seen, e.project_id, e.trace_id, e.id, \(unescaped: Self.bucketNames)
    from g left join lateral (
      select cost_status, cost_reason from observations
      where \(callCondition) and \(Self.isOfGroup) order by started_at desc, id limit 1
    ) n on true left join lateral (
      select project_id, trace_id, id from observations
      where \(callCondition) and project_id = any(\(shown)) and \(Self.isOfGroup) order by started_at desc, id limit 1
    ) e on true
    order by g.calls desc, g.provider, g.model
    """
  }

  private static let isOfGroup: SQL = """
    started_at >= g.last_seen and started_at < g.last_seen + interval '1 hour' and is_call and cost_status in (2, 3)
      and observations.model is not distinct from g.model and observations.provider is not distinct from g.provider
    """
}

extension UnpricedGroup {
  fileprivate init(row: Row, _ directory: CostDirectory) throws {
    let project: ProjectID? = try row.idOrNil(7)
    self.init(
      provider: try row.stringOrNil(0), model: try row.stringOrNil(1),
      status: CostStatus(code: try row.int16(2)) ?? .unpriced, reason: try row.string(3), calls: try row.int64(4),
      usage: Usage(), firstSeen: try row.timestamp(5), lastSeen: try row.timestamp(6),
      example: try project.map {
        UnpricedExample(
          project: $0, projectSlug: directory.projects[$0]?.slug ?? "", trace: try row.traceID(8),
          observation: try row.observationID(9))
      })
    for bucket in UsageBucket.allCases { usage[bucket] = try row.int64(10 + bucket.position) }
  }
}
