import Domain
import Pages
import Store
import Wire

/// Teams, rules, declared keys, user groups and re-attributions as JSON: money as decimal texts, times in UTC.
enum StructureJSON {
  private static func object(_ members: [JSONMember]) -> JSONValue { .object(JSONObject(members)) }
  private static func member(_ key: String, _ value: JSONValue) -> JSONMember { JSONMember(key: key, value: value) }
  private static func text(_ text: String?) -> JSONValue { PriceJSON.text(text) }
  private static func time(_ time: Timestamp?) -> JSONValue { PriceJSON.time(time) }
  private static func id(_ id: (some RowID)?) -> JSONValue { id.map { PriceJSON.number($0.rawValue) } ?? .null }

  static func team(_ team: Team, _ names: StructureNames) -> JSONValue {
    object([
      member("id", id(team.id)), member("name", .string(team.name)), member("costCentre", text(team.costCentre)),
      member("glAccount", text(team.glAccount)), member("owner", text(team.owner)),
      member("parent", text(names.team(team.parent)?.name)), member("parentId", id(team.parent)),
      member("validFrom", text(team.validFrom)), member("validTo", text(team.validTo)),
    ])
  }

  static func name(_ team: Team) -> JSONValue { object([member("id", id(team.id)), member("name", .string(team.name))]) }

  static func rule(_ rule: AttributionRule, _ names: StructureNames) -> [JSONMember] {
    [
      member("id", id(rule.id)), member("position", PriceJSON.number(rule.position)), member("name", .string(rule.name)),
      member("conditions", .array(rule.conditions.map(condition))), member("team", text(names.team(rule.team)?.name)),
      member("teamId", id(rule.team)), member("endpoint", text(rule.endpoint)),
      member("userGroup", text(names.group(rule.userGroup)?.name)), member("userGroupId", id(rule.userGroup)),
      member("from", time(rule.validFrom)), member("to", time(rule.validTo)),
    ]
  }

  static func record(_ record: RuleRecord, _ names: StructureNames) -> JSONValue {
    object(
      rule(record.rule, names) + [
        member("createdAt", time(record.createdAt)), member("createdBy", .string(record.createdBy)),
        member("endedAt", time(record.endedAt)), member("endedBy", text(record.endedBy)),
      ])
  }

  static func plain(_ rule: AttributionRule, _ names: StructureNames) -> JSONValue { object(self.rule(rule, names)) }

  private static func condition(_ condition: RuleCondition) -> JSONValue {
    object([
      member("field", .string(condition.field.text)), member("match", .string(condition.match.rawValue)),
      member("values", .array(condition.values.map(JSONValue.string))), member("not", .bool(condition.isNegated)),
    ])
  }

  static func key(_ key: DeclaredKey) -> JSONValue {
    object([
      member("key", .string(key.key)), member("label", .string(key.label)),
      member("place", key.place.map { PriceJSON.number($0) } ?? .null), member("dimension", text(key.dimension?.rawValue)),
      member("declaredAt", time(key.declaredAt)),
    ])
  }

  static func group(_ group: UserGroup, members: Int64?, _ names: StructureNames) -> JSONValue {
    object(
      [
        member("id", id(group.id)), member("name", .string(group.name)), member("team", text(names.team(group.team)?.name)),
        member("teamId", id(group.team)),
      ] + (members.map { [member("members", PriceJSON.number($0))] } ?? []))
  }

  static func imported(_ outcome: GroupImport) -> JSONValue {
    object([
      member("changed", PriceJSON.number(outcome.changed)), member("unchanged", PriceJSON.number(outcome.unchanged)),
      member("created", .array(outcome.created.map(JSONValue.string))), member("refused", PriceJSON.number(outcome.problemCount)),
      member(
        "problems",
        .array(
          outcome.problems.map {
            object([member("line", PriceJSON.number($0.line)), member("message", .string($0.message))])
          })),
    ])
  }

  // MARK: - Re-attributions

  private static func sum(_ sum: AttributedSum) -> JSONValue {
    object([
      member("calls", PriceJSON.number(sum.calls)), member("cost", CostJSON.money(sum.cost)),
      member("unpriced", PriceJSON.number(sum.unpriced)),
    ])
  }

  static func outcome(_ run: ReattributionDryRun) -> [JSONMember] {
    [
      member("currency", "USD"), member("from", time(run.covered.from)), member("to", time(run.covered.to)),
      member("isComplete", .bool(run.isComplete)), member("total", sum(run.total)), member("moved", sum(run.moved)),
      member("changed", PriceJSON.number(run.changed)),
      member(
        "teams",
        .array(
          run.teams.map {
            object([member("team", text($0.team?.name)), member("before", sum($0.before)), member("after", sum($0.after))])
          })),
      member("examples", .array(run.examples.map(example))),
      member(
        "closedMonths",
        .array(
          run.closedMonths.map {
            object([
              member("month", .string($0.month)), member("calls", PriceJSON.number($0.calls)), member("cost", CostJSON.money($0.cost)),
            ])
          })),
    ]
  }

  private static func example(_ call: ReattributedCall) -> JSONValue {
    func place(_ place: ReattributedCall.Place) -> JSONValue {
      object([
        member("team", text(place.team)), member("endpoint", text(place.endpoint)), member("userGroup", text(place.userGroup)),
        member("step", .string(place.step.name)), member("rule", text(place.rule)),
      ])
    }
    return object([
      member("project", .string(call.projectSlug)), member("trace", .string(call.trace.hex)),
      member("observation", .string(call.observation.hex)), member("startedAt", time(call.startedAt)), member("model", text(call.model)),
      member("cost", CostJSON.money(call.cost)), member("before", place(call.before)), member("after", place(call.after)),
    ])
  }

  static func dryRun(_ run: ReattributionDryRun) -> JSONValue { object([member("dryRun", .bool(true))] + outcome(run)) }

  static func preview(_ preview: RulePreview) -> JSONValue {
    object(
      outcome(preview.outcome) + [
        member("owned", sum(preview.owned)), member("declaredKeys", .array(preview.keys.map(key))),
      ])
  }

  static func job(_ job: Reattribution) -> JSONValue {
    let state = job.failure != nil ? "failed" : job.isFinished ? "finished" : "running"
    return object([
      member("id", id(job.id)), member("state", .string(state)), member("currency", "USD"), member("from", time(job.range.from)),
      member("to", time(job.range.to)), member("reason", .string(job.reason)), member("createdAt", time(job.createdAt)),
      member("createdBy", .string(job.createdBy)), member("doneBefore", time(job.doneBefore)),
      member("traces", PriceJSON.number(job.traces)), member("calls", PriceJSON.number(job.calls)),
      member("changed", PriceJSON.number(job.changed)), member("moved", .string(job.moved.decimal)),
      member("finishedAt", time(job.finishedAt)), member("failure", text(job.failure)),
    ])
  }
}

extension OwnerStep {
  /// "fixedKey", "rule", "userGroup", "defaultKey", "unallocated".
  var name: String {
    switch self {
    case .unallocated: "unallocated"
    case .fixedKey: "fixedKey"
    case .rule: "rule"
    case .userGroup: "userGroup"
    case .defaultKey: "defaultKey"
    }
  }
}
