import Domain
import Postgres

/// A rule with who made it and who ended it.
public struct RuleRecord: Sendable, Hashable {
  public var rule: AttributionRule
  public var createdAt: Timestamp
  public var createdBy: String
  /// nil: it holds (within its dates).
  public var endedAt: Timestamp?
  public var endedBy: String?
}

extension RuleRecord {
  static let select: SQL = "select \(AttributionRule.columns), r.created_at, r.created_by, r.deleted_at, r.deleted_by from attribution_rules r"

  /// Conditions are in rows of their own.
  init(row: Row) throws {
    rule = try AttributionRule(row: row)
    createdAt = try row.timestamp(8)
    createdBy = try row.string(9)
    endedAt = try row.timestampOrNil(10)
    endedBy = try row.stringOrNil(11)
  }
}

extension AttributionRule {
  static let columns: SQL = "r.id, r.position, r.name, r.team_id, r.endpoint, r.user_group_id, r.valid_from, r.valid_to"

  /// Without its conditions.
  init(row: Row) throws {
    self.init(
      id: try row.id(0), position: try row.int32(1), name: try row.string(2), conditions: [], team: try row.idOrNil(3),
      endpoint: try row.stringOrNil(4), userGroup: try row.idOrNil(5), validFrom: try row.timestampOrNil(6),
      validTo: try row.timestampOrNil(7))
  }

  /// Those that have not ended, by position. One with a condition of a later version is left out: it can't be followed.
  static func current(_ organisation: OrganisationID, _ c: Connection) throws -> [AttributionRule] {
    let sql: SQL = """
      select \(columns) from attribution_rules r where organisation_id = \(organisation) and deleted_at is null order by position, id
      """
    let rules = try c.query(sql, AttributionRule.init(row:))
    let conditions = try RuleCondition.read(rules.map(\.id), c)
    return rules.compactMap { rule in
      var rule = rule
      guard let known = conditions[rule.id] ?? [] else { return nil }
      rule.conditions = known
      return rule
    }
  }
}

extension RuleCondition {
  /// By rule, in their order; nil for a rule with one of a later version. Rules without conditions are absent.
  static func read(_ rules: [RuleID], _ c: Connection) throws -> [RuleID: [RuleCondition]?] {
    if rules.isEmpty { return [:] }
    let sql: SQL = """
      select r.id, e.value ->> 'field', e.value ->> 'match', array(select jsonb_array_elements_text(e.value -> 'values')),
        coalesce((e.value ->> 'not')::boolean, false)
      from attribution_rules r, jsonb_array_elements(r.conditions) with ordinality e(value, place)
      where r.id = any(\(rules)) order by r.id, e.place
      """
    var conditions: [RuleID: [RuleCondition]?] = [:]
    try c.stream(sql) { row in
      let id: RuleID = try row.id(0)
      guard let field = RuleField(try row.string(1)), let match = Match(rawValue: try row.string(2)) else {
        conditions[id] = .some(nil)
        return
      }
      let condition = RuleCondition(field: field, match: match, values: try row.strings(3), isNegated: try row.bool(4))
      if let known = conditions[id, default: []] { conditions[id] = .some(known + [condition]) }
    }
    return conditions
  }

  /// An expression of type jsonb.
  static func json(_ conditions: [RuleCondition]) -> SQL {
    let objects = conditions.map { condition -> SQL in
      """
      jsonb_build_object('field', \(condition.field.text)::text, 'match', \(condition.match.rawValue)::text,
        'values', to_jsonb(\(condition.values)::text[]), 'not', \(condition.isNegated)::boolean)
      """
    }
    return "jsonb_build_array(\(objects.joined(by: ", ")))"
  }
}
