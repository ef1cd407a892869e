import Domain
import Store
import Wire

extension RuleDraft {
  static let fields = ["name", "conditions", "team", "endpoint", "userGroup", "from", "to"]

  /// `{"name", "conditions": [{"field", "match", "values", "not"}], "team", "endpoint", "userGroup", "from", "to"}`.
  /// - Throws: `Failure` 400 naming the field and what it accepts.
  init(_ input: StructureInput, _ names: StructureNames) throws {
    self.init(
      name: try input.required("name"), conditions: try Self.conditions(input["conditions"], zone: input.zone),
      team: try input.text("team").map { try names.team($0, "team") }, endpoint: try input.text("endpoint"),
      userGroup: try input.text("userGroup").map { try names.group($0, "userGroup") }, validFrom: try input.time("from"),
      validTo: try input.time("to"))
  }

  private static func conditions(_ value: JSONValue?, zone: String) throws -> [RuleCondition] {
    guard let value else { return [] }
    guard let list = value.arrayValue else { throw Failure.badRequest("conditions is expected to be a list of objects") }
    return try list.map { value in
      let input = try StructureInput(value, zone: zone, fields: ["field", "match", "values", "value", "not"])
      return try RuleCondition(
        field: input.required("field"), match: input.text("match") ?? RuleCondition.Match.equals.rawValue,
        values: try input.texts("values") + [try input.text("value")].compactMap { $0 }, isNegated: input.flag("not") ?? false)
    }
  }
}

extension RuleCondition {
  /// By the names of the API and of forms. - Throws: `Failure` 400.
  init(field: String, match: String, values: [String], isNegated: Bool) throws {
    guard let known = RuleField(field) else {
      let fields = RuleField.plain.map(\.text).joined(separator: ", ")
      throw Failure.badRequest("field is \"\(field)\": expected \(fields), or metadata. and a declared key")
    }
    guard let kind = Match(rawValue: match) else {
      throw Failure.badRequest("match is \"\(match)\": expected one of \(Match.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    self.init(field: known, match: kind, values: values, isNegated: isNegated)
  }
}
