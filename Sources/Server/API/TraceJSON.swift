import Domain
import Store
import Wire

/// Traces and observations as JSON.
enum TraceJSON {
  static func item(_ item: TraceItem) -> [JSONMember] {
    [
      member("id", .string(item.displayID)), member("name", text(item.name)), member("project", .string(item.projectSlug)),
      member("environment", .string(item.environment)), member("user", text(item.user)), member("session", text(item.session)),
      member("release", text(item.release)), member("tags", .array(item.tags.map(JSONValue.string))),
      member("startedAt", .string(ISOTime.text(item.startedAt))), member("durationMs", milliseconds(item.durationMicroseconds)),
      member("observations", .number(String(item.observations))), member("calls", .number(String(item.measures.calls))),
      member("errors", .number(String(item.measures.errors))), member("tokens", CostJSON.tokens(item.measures.usage)),
      member("cost", CostJSON.money(item.measures.cost)), member("unpricedCalls", .number(String(item.measures.unpricedCalls))),
      member("countingPending", .bool(item.isCountingPending)),
    ]
  }

  static func page(_ page: TracePage) -> JSONValue {
    ["traces": .array(page.traces.map { .object(JSONObject(item($0))) }), "next": text(page.next)]
  }

  static func detail(_ detail: TraceDetail) -> JSONValue {
    let names = ObservationNames(detail)
    let observations = detail.observations.map { JSONValue.object(JSONObject(observation($0, names))) }
    return .object(
      JSONObject(
        item(detail.item)
          + [
            member("spansSampled", .number(String(detail.omitted.sampled))), member("spansNoise", .number(String(detail.omitted.noise))),
            member("contentNotes", notes(detail.notes)),
            member("observations", .array(observations)), member("scores", .array(detail.scores.map { score($0, names) }))]))
  }

  static func observation(_ o: Observation, _ names: ObservationNames) -> [JSONMember] {
    let usage = o.facts.usage.map { report in
      JSONValue.object(JSONObject(report.usage.entries.map { member($0.bucket.rawValue, .number(String($0.count))) }))
    }
    return [
      member("id", .string(o.displayID)), member("parentId", text(o.facts.parent.map { names.id($0) })),
      member("kind", .string(o.kind.rawValue)), member("name", text(o.facts.name)),
      member("model", text(o.sentModel)), member("provider", text(o.decision.provider ?? o.facts.provider)),
      member("startedAt", .string(ISOTime.text(o.startedAt))), member("endedAt", text(o.facts.endedAt.map(ISOTime.text))),
      member("durationMs", milliseconds(o.durationMicroseconds)),
      member("level", .string((o.facts.level ?? .default).rawValue)), member("statusMessage", text(o.facts.statusMessage)),
      member("usage", usage ?? [:]), member("doubts", doubts(o)), member("cost", CostJSON.money(o.decision.cost.cost)),
      member("costStatus", o.decision.cost.status == .none ? .null : .string(o.decision.cost.status.rawValue)),
      member("costReason", text(o.decision.cost.reason.isEmpty ? nil : o.decision.cost.reason)),
      // null: list as contracted, no charge before this one, or unknown.
      member("list", CostJSON.money(o.decision.cost.list)), member("contracted", CostJSON.money(o.decision.cost.computed)),
      member("firstCharge", o.decision.firstCharge.map(firstCharge) ?? .null),
      member("pricedModel", text(o.decision.model)), member("price", text(o.decision.cost.price)),
      member("reportedCost", CostJSON.money(o.facts.reportedCost?.amount)),
      member("shadowedBy", text(o.decision.shadowedBy.map { names.id($0) })),
      member("team", text(o.decision.team.flatMap { names.teams[$0]?.name })), member("endpoint", text(o.decision.endpoint)),
      member("user", text(o.decision.user)), member("session", text(o.decision.session)),
      member("environment", .string(o.decision.environment)), member("contentNotes", notes(o.facts.notes)),
    ]
  }

  /// What content rules did before it was stored; empty where it was kept as it came. Counts are for readers of content.
  static func notes(_ notes: ContentNotes) -> JSONValue {
    .array(notes.entries.map { note in
      var masked: [String: Int64] = [:]
      for entry in note.masked { masked[entry.what, default: 0] &+= Int64(entry.count) }
      let counts = masked.sorted { $0.key < $1.key }.map { member($0.key, .number(String($0.value))) }
      let leftOut = ContentField.allCases.filter(note.leftOut.contains).map { JSONValue.string("\($0)") }
      return [
        "level": .string(note.level.name), "by": note.isByKey ? "key" : "project", "masked": .object(JSONObject(counts)),
        "notStored": .array(leftOut),
      ]
    })
  }

  /// What is doubtful about the usage: names of `UsageDoubt`.
  static func doubts(_ o: Observation) -> JSONValue {
    .array((o.facts.usage?.flags ?? []).names.map(JSONValue.string))
  }

  /// What was charged before a re-pricing changed it for the first time.
  static func firstCharge(_ charge: FirstCharge) -> JSONValue {
    ["status": .string(charge.status.rawValue), "cost": CostJSON.money(charge.cost)]
  }

  private static func score(_ score: Score, _ names: ObservationNames) -> JSONValue {
    [
      "id": .string(score.id), "name": .string(score.name), "dataType": .string(score.dataType.rawValue),
      "value": score.number.map { .number(shortest($0)) } ?? text(score.text), "text": text(score.text),
      "source": .string(score.source.rawValue), "comment": text(score.comment),
      "observationId": text(score.observation.map { names.id($0) }),
    ]
  }

  /// A whole number without ".0", so that JSON numbers stay plain.
  private static func shortest(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : value.description
  }

  static func milliseconds(_ microseconds: Int64?) -> JSONValue {
    guard let microseconds else { return .null }
    let fraction = microseconds % 1000
    let digits = String(fraction)
    return .number(
      String(microseconds / 1000) + (fraction == 0 ? "" : "." + String(repeating: "0", count: 3 - digits.count) + digits))
  }

  static func text(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
  static func member(_ key: String, _ value: JSONValue) -> JSONMember { JSONMember(key: key, value: value) }
}

/// The ids senders wrote, by stored id, and the owners' names.
struct ObservationNames {
  private let external: [ObservationID: String]
  let teams: [TeamID: Team]

  init(_ detail: TraceDetail) {
    external = Dictionary(
      detail.observations.compactMap { o in o.facts.externalID.map { (o.facts.id, $0) } }, uniquingKeysWith: { a, _ in a })
    teams = detail.teams
  }

  /// What one observation refers to.
  init(_ detail: ObservationDetail) {
    let named = [detail.parent, detail.shadower].compactMap { $0 }
    external = Dictionary(named.compactMap { n in n.externalID.map { (n.id, $0) } }, uniquingKeysWith: { a, _ in a })
    teams = detail.team.map { [$0.id: $0] } ?? [:]
  }

  func id(_ id: ObservationID) -> String { external[id] ?? id.hex }
}

extension Observation {
  /// The id as the sender wrote it.
  var displayID: String { facts.externalID ?? facts.id.hex }
}
