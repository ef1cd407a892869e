import Domain
import Postgres

/// Who uses the traced applications, by group and by user. Calls that name no end user are in neither.
public struct UserAnswer: Sendable, Hashable {
  /// Most cost first; users in no group among them.
  public var groups: [UserGroupSpend]
  /// All users together; nil: none was seen.
  public var total: UserGroupSpend?
  /// Most cost first, at most `UserReport.usersMax`.
  public var users: [UserSpend]
  /// How many users fit the search.
  public var found: Int64
}

/// Sums by end user over whole days of the organisation.
public struct UserReport: Sendable {
  let pool: ConnectionPool
  public static let usersMax = 200
  /// What the sums by user can be filtered by.
  public static let dimensions: Set<CostDimension> = [.project, .team, .userGroup, .model, .user]

  public init(pool: ConnectionPool) { self.pool = pool }

  /// Users of the days that `range` touches. A user's calls in two groups count in each; the user stands with the group of the
  /// latest. `text` is part of a user's id, whatever its case; it narrows the list of users, not the groups.
  /// Users are named as the scope says; a pseudonym is found, and filtered by, as itself.
  /// *Source:* `spend_user_day`. *Errors:* `CostQueryRefusal` for a filter by another dimension and for readers who
  /// may know no user, `DatabaseError`.
  public func run(
    _ range: TimeRange, filter: CostFilter, text: String?, scope: AccessScope, organisation: Organisation
  ) async throws -> UserAnswer {
    guard scope.organisation == organisation.id else { throw CostQueryRefusal(message: "The organisation is out of reach.") }
    try scope.checkUsers([.user])
    let filter = filter.active, range = CostFrame.clamped(range)
    if let other = filter.keys.filter({ !Self.dimensions.contains($0) }).map(\.rawValue).min() {
      throw CostQueryRefusal(message: "Users are summed by project, team, user group and model. Accepted: a filter without \(other).")
    }
    return try await pool.transaction(TransactionOptions(isolation: .repeatableRead, readOnly: true)) { c in
      let directory = try CostDirectory.read([.team, .userGroup], scope, c)
      let projects = directory.projects(within: scope, filter: filter[.project])
      guard !projects.isEmpty else { return UserAnswer(groups: [], total: nil, users: [], found: 0) }
      let condition = directory.condition(filter, projects: projects, scope: scope, table: .spendUserDay)
      let rows = UserRows(range: range, zone: organisation.timeZone, condition: condition)
      let sums = try c.query(rows.groups.named("UserGroups").uncached()) { try UserRows.group($0, directory) }
      let list = try c.query(rows.users(text, directory.users).named("Users").uncached()) { try UserRows.user($0, directory) }
      return UserAnswer(
        groups: sums.filter { !$0.isTotal }.map(\.spend), total: sums.first { $0.isTotal }?.spend, users: list.map(\.spend),
        found: list.first?.found ?? 0)
    }
  }
}

/// The statements.
private struct UserRows {
  var range: TimeRange
  var zone: String
  var condition: SQL

  private var rows: SQL {
    """
    from spend_user_day where \(condition) and user_id <> ''
      and day >= (\(range.from) at time zone \(zone))::date and day <= (\(range.to.adding(microseconds: -1)) at time zone \(zone))::date
    """
  }

  /// Columns: group, is the total, users, calls, unpriced, costed, cost, cost of the top tenth, last day.
  var groups: SQL {
    """
    with by_user as (
      select user_group_id, user_id, grouping(user_group_id) as whole, sum(calls) as calls, sum(unpriced) as unpriced,
        sum(costed) as costed, sum(cost_pico) as cost, max(day) as day
      \(rows) group by grouping sets ((user_group_id, user_id), (user_id)) having sum(calls) > 0
    ), ranked as (
      select *, row_number() over (partition by whole, user_group_id order by cost desc, user_id) as place,
        count(*) over (partition by whole, user_group_id) as users
      from by_user
    )
    select user_group_id, whole = 1, max(users)::bigint, sum(calls)::bigint, sum(unpriced)::bigint, sum(costed)::bigint, sum(cost),
      coalesce(sum(cost) filter (where place <= (users + 9) / 10), 0), max(day)::text
    from ranked group by whole, user_group_id order by 7 desc nulls last, 1
    """
  }

  static func group(_ row: Row, _ directory: CostDirectory) throws -> (isTotal: Bool, spend: UserGroupSpend) {
    let isTotal = try row.bool(1)
    let spend = UserGroupSpend(
      group: isTotal ? nil : name(try row.idOrNil(0), directory), activeUsers: try row.int64(2), calls: try row.int64(3),
      unpricedCalls: try row.int64(4), cost: try row.int64(5) > 0 ? USD(pico: try row.numericIntegerOrNil(6) ?? 0) : nil,
      topTenthCost: USD(pico: try row.numericIntegerOrNil(7) ?? 0), lastDay: try row.string(8))
    return (isTotal, spend)
  }

  /// Columns: user, group, calls, unpriced, costed, cost, last day, users in all.
  func users(_ text: String?, _ told: UserTelling) -> SQL {
    let wanted = text.flatMap { $0.isEmpty || !$0.isStorable ? nil : $0 }
    let search: SQL = wanted.map { "and strpos(lower(\(told.value("user_id"))), lower(\($0))) > 0" } ?? ""
    return """
      select user_id, (array_agg(user_group_id order by day desc, user_group_id desc))[1], sum(calls)::bigint, sum(unpriced)::bigint,
        sum(costed)::bigint, sum(cost_pico), max(day)::text, count(*) over ()
      \(rows) \(search) group by user_id having sum(calls) > 0
      order by sum(cost_pico) desc, user_id limit \(UserReport.usersMax)
      """
  }

  static func user(_ row: Row, _ directory: CostDirectory) throws -> (spend: UserSpend, found: Int64) {
    let spend = UserSpend(
      user: directory.users.name(try row.string(0)), group: name(try row.idOrNil(1), directory), calls: try row.int64(2), unpricedCalls: try row.int64(3),
      cost: try row.int64(4) > 0 ? USD(pico: try row.numericIntegerOrNil(5) ?? 0) : nil, lastDay: try row.string(6))
    return (spend, try row.int64(7))
  }

  /// 0 is none.
  private static func name(_ id: UserGroupID?, _ directory: CostDirectory) -> String? {
    guard let id, id.rawValue != 0 else { return nil }
    return directory.groups[id] ?? "userGroup \(id.rawValue)"
  }
}
