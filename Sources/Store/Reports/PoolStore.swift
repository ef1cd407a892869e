import Domain
import Postgres

/// Shared-cost pools of an organisation. They are ended, never overwritten: what was charged stays explained.
public struct PoolStore: Sendable {
  let pool: ConnectionPool

  public init(pool: ConnectionPool) { self.pool = pool }

  /// All pools, also ended ones, by id. Empty for readers who don't see the money of all teams.
  public func list(scope: AccessScope) async throws -> [CostPool] {
    guard scope.teams == .all, scope.projects == .all else { return [] }
    return try await pool.run { c in try CostPool.read("organisation_id = \(scope.organisation)", c) }
  }

  /// Charges a new pool from `draft.monthFrom` on (`draft.id` isn't read); `replaced` ends before that month. *Errors:*
  /// `StatementRefusal` (a closed month, percentages that aren't 100, an amount below zero or finer than a pico-dollar, an unknown team).
  public func save(_ draft: CostPool, replacing replaced: PoolID? = nil, scope: AccessScope, by actor: String) async throws -> CostPool {
    let draft = try Self.checked(draft, scope)
    return try await pool.transaction { c in
      try Self.lock(scope.organisation, c)
      try Self.mustBeOpen(draft.monthFrom, scope.organisation, c)
      try Self.checkTeams(draft, scope.organisation, c)
      if let replaced { try Self.end(replaced, draft.monthFrom, scope.organisation, actor, c) }
      let id = try Self.insert(draft, scope.organisation, actor, c)
      try Self.audit(id, replaced == nil ? "shared cost added" : "shared cost changed", scope.organisation, actor, c)
      guard let saved = try CostPool.read("id = \(id)", c).first else { throw MissingRow() }
      return saved
    }
  }

  /// The first month that it isn't charged in any more. *Errors:* `StatementRefusal` (a closed month, an unknown pool).
  public func end(_ id: PoolID, month: String, scope: AccessScope, by actor: String) async throws {
    try Self.mustSeeAll(scope)
    guard CalendarMonth(month) != nil else { throw StatementRefusal(message: "Accepted: a month such as 2026-10.") }
    try await pool.transaction { c in
      try Self.lock(scope.organisation, c)
      try Self.mustBeOpen(month, scope.organisation, c)
      try Self.end(id, month, scope.organisation, actor, c)
      try Self.audit(id, "shared cost ended", scope.organisation, actor, c)
    }
  }

  private static func end(_ id: PoolID, _ month: String, _ organisation: OrganisationID, _ actor: String, _ c: Connection) throws {
    let day = month + "-01"
    let changed = try c.execute(
      """
      update cost_pools set month_to = greatest(month_from, \(day)::date), ended_at = now(), ended_by = \(actor)
      where id = \(id) and organisation_id = \(organisation) and (month_to is null or month_to > \(day)::date)
      """)
    if changed == 0 {
      throw StatementRefusal(message: "There is no such shared cost that is charged in \(month) or later.")
    }
  }

  /// A close takes the row too: a month that is being closed has the pools that it began with.
  static func lock(_ organisation: OrganisationID, _ c: Connection) throws {
    try c.execute("select 1 from organisations where id = \(organisation) for no key update")
  }

  private static func mustBeOpen(_ month: String, _ organisation: OrganisationID, _ c: Connection) throws {
    let sql: SQL = "select to_char(max(month), 'YYYY-MM') from statements where organisation_id = \(organisation)"
    guard let last = try c.first(sql, { try $0.stringOrNil(0) }) ?? nil, month <= last else { return }
    throw StatementRefusal(message: "\(last) is closed, and with it what was shared until then. Accepted: a later month.")
  }

  private static func mustSeeAll(_ scope: AccessScope) throws {
    guard scope.teams == .all, scope.projects == .all else {
      throw StatementRefusal(message: "Shared costs are charged to the whole organisation, and not all of it is in reach.")
    }
  }

  private static func checked(_ draft: CostPool, _ scope: AccessScope) throws -> CostPool {
    try mustSeeAll(scope)
    var draft = draft
    draft.name = try text(draft.name, "name")
    draft.purchase = try draft.purchase.flatMap { $0.isEmpty ? nil : try text($0, "purchase") }
    guard let from = CalendarMonth(draft.monthFrom), draft.monthTo.map({ CalendarMonth($0).map { from < $0 } ?? false }) ?? true
    else { throw StatementRefusal(message: "Accepted: a first month such as 2026-10, and an end after it or none.") }
    guard let amount = PoolSplit.amount(draft.amount), amount >= .zero, amount.pico < 1_000_000_000 * USD.scale else {
      throw StatementRefusal(
        message: "Accepted: an amount from 0 to below a billion USD a month; or a rate times 0 to 744 hours with up to six decimals, "
          + "that is exact to a millionth of a millionth of a USD.")
    }
    guard draft.method == .fixedPercent else {
      draft.percentages = [:]
      return draft
    }
    let shares = draft.percentages.values.map(PoolSplit.exactMillionths)
    guard !shares.contains(where: { $0.map { $0 <= 0 || $0 > 100_000_000 } ?? true }),
      shares.reduce(Int128(0), { $0 + ($1 ?? 0) }) == 100_000_000
    else { throw StatementRefusal(message: "Accepted: percentages above 0, with up to six decimals, that add up to 100 exactly.") }
    return draft
  }

  private static func text(_ text: String, _ field: String) throws -> String {
    do { return try PriceEntryChecks.text(text, field) } catch {
      throw StatementRefusal(message: "Accepted as \(field): 1 to 300 bytes of text.")
    }
  }

  private static func checkTeams(_ draft: CostPool, _ organisation: OrganisationID, _ c: Connection) throws {
    let ids = draft.percentages.keys.sorted()
    let sql: SQL = "select count(*) from teams where organisation_id = \(organisation) and id = any(\(ids))"
    guard try c.first(sql, { try $0.int(0) }) == ids.count else {
      throw StatementRefusal(message: "Accepted: percentages of teams of the organisation.")
    }
  }

  private static func insert(_ draft: CostPool, _ organisation: OrganisationID, _ actor: String, _ c: Connection) throws -> PoolID {
    var (monthly, hourly, hours): (Int128?, Int128?, String?) = (nil, nil, nil)
    switch draft.amount {
    case .monthly(let usd): monthly = usd.pico
    case .hourly(let usd, let text): (hourly, hours) = (usd.pico, PoolSplit.exactMillionths(text).map { USD(pico: $0 * 1_000_000).decimal })
    }
    let sql: SQL = """
      insert into cost_pools (organisation_id, name, monthly_pico, hourly_pico, hours, purchase, method, month_from, month_to, created_by)
      values (\(organisation), \(draft.name), \(monthly), \(hourly), \(hours)::text::numeric, \(draft.purchase),
        \(draft.method.rawValue), \(draft.monthFrom + "-01")::text::date, \(draft.monthTo.map { $0 + "-01" })::text::date, \(actor))
      returning id
      """
    guard let id: PoolID = try c.first(sql, { try $0.id(0) }) else { throw MissingRow() }
    for (team, percent) in draft.percentages.sorted(by: { $0.key < $1.key }) {
      let millionths = PoolSplit.exactMillionths(percent) ?? 0
      try c.execute("insert into cost_pool_shares values (\(id), \(team), \(Int64(clamping: millionths)))")
    }
    return id
  }

  private static func audit(_ id: PoolID, _ action: String, _ organisation: OrganisationID, _ actor: String, _ c: Connection) throws {
    let detail: SQL = """
      (select jsonb_strip_nulls(to_jsonb(p) - '{organisation_id,created_at,created_by}'::text[]) || jsonb_build_object('shares', coalesce(
        (select jsonb_object_agg(s.team_id, s.millionths) from cost_pool_shares s where s.pool_id = p.id), '{}'))
        from cost_pools p where p.id = \(id))
      """
    try AuditEntry.append(organisation, actor, action, "shared cost \(id)", detail: detail, c)
  }
}
