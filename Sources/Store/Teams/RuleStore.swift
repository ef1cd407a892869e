import Domain
import Postgres

/// Attribution rules of an organisation: ordered, ended and never overwritten. Every change raises the attribution revision and leaves an
/// audit entry in one transaction; it holds for calls that are decided from then on, and for booked ones by a re-attribution.
public struct RuleStore: Sendable {
  let pool: ConnectionPool
  let patterns: PatternCompiler
  /// Rules of an organisation that hold at once.
  public static let rulesMax = 500

  /// `patterns` tells which regular expressions can be used.
  public init(pool: ConnectionPool, patterns: @escaping PatternCompiler) {
    self.pool = pool
    self.patterns = patterns
  }

  /// By position; then, when asked for, the ended ones, the last ended first.
  public func list(scope: AccessScope, endedToo: Bool = false) async throws -> [RuleRecord] {
    let sql: SQL = """
      \(RuleRecord.select) where organisation_id = \(scope.organisation) and (\(endedToo) or deleted_at is null)
      order by deleted_at is not null, case when deleted_at is null then position end, deleted_at desc, id
      """
    return try await read(sql)
  }

  /// Also an ended one; nil when there is none in the organisation.
  public func find(_ id: RuleID, scope: AccessScope) async throws -> RuleRecord? {
    try await read("\(RuleRecord.select) where organisation_id = \(scope.organisation) and id = \(id)").first
  }

  private func read(_ sql: SQL) async throws -> [RuleRecord] {
    try await pool.transaction(TransactionOptions(isolation: .repeatableRead, readOnly: true)) { c in
      let records = try c.query(sql, RuleRecord.init(row:))
      let conditions = try RuleCondition.read(records.map(\.rule.id), c)
      return records.map { record in
        var record = record
        record.rule.conditions = (conditions[record.rule.id] ?? []) ?? []
        return record
      }
    }
  }

  /// Adds a rule at `position` (from 1; by default behind the others), or in the place of one that it ends. *Errors:* `StructureError`.
  public func save(
    _ draft: RuleDraft, replacing old: RuleID? = nil, at position: Int32? = nil, scope: AccessScope, by actor: String
  ) async throws -> AttributionRule {
    let draft = try RuleChecks.checked(draft, patterns)
    return try await pool.transaction { c in
      let change = try StructureChange(scope, actor, c)
      try RuleChecks.checkReferences(draft, change)
      let saved = try Self.insert(draft, replacing: old, at: position, change)
      try change.raise()
      return saved
    }
  }

  /// Ends a rule as of now; those behind it move up. *Errors:* `StructureError.unknown`.
  public func end(_ id: RuleID, scope: AccessScope, by actor: String) async throws {
    try await pool.transaction { c in
      let change = try StructureChange(scope, actor, c)
      let position = try Self.end(id, change)
      try Self.shift(from: position + 1, to: .max, by: -1, change)
      try change.raise()
    }
  }

  /// Puts a rule at another position (from 1, at most behind the last). The rules by position. *Errors:* `StructureError.unknown`.
  @discardableResult
  public func move(_ id: RuleID, to position: Int32, scope: AccessScope, by actor: String) async throws -> [RuleRecord] {
    try await pool.transaction { c in
      let change = try StructureChange(scope, actor, c)
      let known: SQL = """
        select position from attribution_rules where id = \(id) and organisation_id = \(scope.organisation) and deleted_at is null
        """
      guard let old = try c.first(known, { try $0.int32(0) }) else { throw StructureError.unknown("rule") }
      let new = min(max(position, 1), try Self.count(change))
      if new == old { return }
      if new < old { try Self.shift(from: new, to: old - 1, by: 1, change) } else { try Self.shift(from: old + 1, to: new, by: -1, change) }
      try c.execute("update attribution_rules set position = \(new) where id = \(id)")
      try change.audit("rule moved", "rule \(id)", detail: "jsonb_build_object('from', \(old)::integer, 'to', \(new)::integer)")
      try change.raise()
    }
    return try await list(scope: scope)
  }

  private static func insert(
    _ draft: RuleDraft, replacing old: RuleID?, at position: Int32?, _ change: StructureChange
  ) throws -> AttributionRule {
    let place: Int32
    if let old {
      place = try end(old, change)
    } else {
      let count = try count(change)
      guard count < rulesMax else { throw StructureError.conflict("There are \(rulesMax) rules, which is as many as there can be.") }
      place = min(max(position ?? .max, 1), count + 1)
      try shift(from: place, to: .max, by: 1, change)
    }
    let sql: SQL = """
      insert into attribution_rules
        (organisation_id, position, name, conditions, team_id, endpoint, user_group_id, valid_from, valid_to, created_by)
      values (\(change.organisation), \(place), \(draft.name), \(RuleCondition.json(draft.conditions)), \(draft.team),
        \(draft.endpoint), \(draft.userGroup), \(draft.validFrom), \(draft.validTo), \(change.actor))
      returning id
      """
    guard let id: RuleID = try change.c.first(sql.uncached(), { try $0.id(0) }) else { throw MissingRow() }
    try change.audit("rule added", "rule \(id)", detail: try detail(id, change))
    return draft.rule(id, position: place)
  }

  /// The position it had.
  private static func end(_ id: RuleID, _ change: StructureChange) throws -> Int32 {
    let sql: SQL = """
      update attribution_rules set deleted_at = now(), deleted_by = \(change.actor)
      where id = \(id) and organisation_id = \(change.organisation) and deleted_at is null
      returning position
      """
    guard let position = try change.c.first(sql, { try $0.int32(0) }) else { throw StructureError.unknown("rule") }
    try change.audit("rule ended", "rule \(id)", detail: try detail(id, change))
    return position
  }

  private static func shift(from first: Int32, to last: Int32, by step: Int32, _ change: StructureChange) throws {
    try change.c.execute(
      """
      update attribution_rules set position = position + \(step)
      where organisation_id = \(change.organisation) and deleted_at is null and position between \(first) and \(last)
      """)
  }

  private static func count(_ change: StructureChange) throws -> Int32 {
    let sql: SQL = "select count(*)::integer from attribution_rules where organisation_id = \(change.organisation) and deleted_at is null"
    return try change.c.first(sql) { try $0.int32(0) } ?? 0
  }

  /// Users that the rule is about stand as their pseudonyms.
  private static func detail(_ id: RuleID, _ change: StructureChange) throws -> SQL {
    let users = try UserTelling.pseudonyms(of: change.organisation, change.c).array("condition.value -> 'values'")
    let conditions: SQL = """
      (select coalesce(jsonb_agg(case when condition.value ->> 'field' = 'user' then jsonb_set(condition.value, '{values}', \(users))
        else condition.value end order by condition.place), '[]')
      from jsonb_array_elements(r.conditions) with ordinality as condition(value, place))
      """
    return """
      (select jsonb_strip_nulls(jsonb_set(to_jsonb(r) - '{organisation_id,created_at,created_by,deleted_at,deleted_by}'::text[], '{conditions}', \(conditions)))
      from attribution_rules r where r.id = \(id))
      """
  }
}

/// What of a rule can be wrong.
enum RuleChecks {
  static let conditionsMax = 20
  static let valuesMax = 1000

  static func checked(_ draft: RuleDraft, _ patterns: PatternCompiler) throws -> RuleDraft {
    var checked = draft
    checked.name = try StructureChecks.text(draft.name, "name")
    checked.endpoint = try StructureChecks.optionalText(draft.endpoint, "endpoint")
    guard checked.team != nil || checked.endpoint != nil || checked.userGroup != nil else {
      throw StructureError.invalid(field: "rule", accepted: "a team, an endpoint or a user group that it gives")
    }
    for time in [draft.validFrom, draft.validTo].compactMap({ $0 }) where !ItemChecks.sensible.contains(time) {
      throw StructureError.invalid(field: "validity", accepted: "dates from 2001-09-09 to 2200-01-01")
    }
    if let from = draft.validFrom, let to = draft.validTo, from >= to {
      throw StructureError.invalid(field: "validity", accepted: "a start before the end")
    }
    guard draft.conditions.count <= conditionsMax else {
      throw StructureError.invalid(field: "conditions", accepted: "at most \(conditionsMax) of them")
    }
    checked.conditions = try draft.conditions.map { try self.checked($0, patterns) }
    return checked
  }

  private static func checked(_ condition: RuleCondition, _ patterns: PatternCompiler) throws -> RuleCondition {
    let field = "condition on \(condition.field.text)"
    var checked = condition
    if condition.match == .isPresent {
      checked.values = []
      return checked
    }
    let values = condition.values.filter { !$0.isEmpty }
    guard (1...valuesMax).contains(values.count), values.allSatisfy({ $0.utf8.count <= 1000 && $0.isStorable }) else {
      throw StructureError.invalid(field: field, accepted: "1 to \(valuesMax) values of 1 to 1000 bytes")
    }
    if condition.match == .regex {
      for value in values {
        do { _ = try patterns(value) } catch {
          throw StructureError.invalid(field: field, accepted: "a regular expression (\"\(value.prefix(100))\": \(error))")
        }
      }
    }
    checked.values = values
    return checked
  }

  /// What the rule names must be there.
  static func checkReferences(_ draft: RuleDraft, _ change: StructureChange) throws {
    try change.check(team: draft.team)
    try change.check(group: draft.userGroup)
    let declared = try change.c.query(DeclaredKey.select(change.organisation), DeclaredKey.init(row:)).map(\.key)
    for condition in draft.conditions {
      guard case .metadata(let key) = condition.field else { continue }
      guard declared.contains(where: { $0.utf8.elementsEqual(key.utf8) }) else {
        throw StructureError.conflict(
          "The key \"\(key)\" is not declared, so its values are not kept. Accepted: a declared key; declare it first.")
      }
    }
  }
}
