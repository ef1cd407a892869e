import Domain
import Hummingbird
import Pages
import Pricing
import Store
import Wire

/// `GET /api/v1/observations/{id}/cost`: why a call costs what it costs.
struct ExplainRoutes {
  let backend: Backend

  func cost(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let id = try context.decoded("observation")
    guard let trace = QueryParameters(request).text("trace") else {
      throw Failure.badRequest("the trace of the observation is missing: expected ?trace=<trace id>")
    }
    guard let found = try await backend.traces.observation(id, trace: trace, project: nil, scope: grant.scope) else {
      throw Failure.notFound("no observation \(id) in trace \(trace) of this key's project")
    }
    try await backend.prices.refresh()
    let explanation = backend.prices.current.explain(found.observation)
    return .json(.ok, .object(JSONObject(ExplainJSON.members(found.observation, explanation, ObservationNames(found.detail)))))
  }
}

/// A cost with all that led to it: what is booked, and the account at today's prices with whether the two agree.
enum ExplainJSON {
  private static func member(_ key: String, _ value: JSONValue) -> JSONMember { JSONMember(key: key, value: value) }
  private static func object(_ members: [JSONMember]) -> JSONValue { .object(JSONObject(members)) }

  static func members(_ o: Observation, _ e: CostExplanation, _ names: ObservationNames) -> [JSONMember] {
    let cost = o.decision.cost
    return [
      member("id", .string(o.displayID)), member("currency", "USD"), member("status", .string(cost.status.rawValue)),
      member("cost", CostJSON.money(cost.cost)), member("reason", TraceJSON.text(cost.reason.isEmpty ? nil : cost.reason)),
      member("list", CostJSON.money(cost.list ?? cost.computed)), member("contracted", CostJSON.money(cost.computed)),
      member("effective", CostJSON.money(cost.cost)), member("firstCharge", o.decision.firstCharge.map(TraceJSON.firstCharge) ?? .null),
      member("reported", o.facts.reportedCost.map(reported) ?? .null), member("booked", booked(o)),
      member("usage", usage(o)), member("doubts", TraceJSON.doubts(o)),
      member("shadowedBy", TraceJSON.text(o.decision.shadowedBy.map { names.id($0) })),
      member("account", account(o, e)),
    ]
  }

  private static func booked(_ o: Observation) -> JSONValue {
    object([
      member("provider", TraceJSON.text(o.decision.provider)), member("model", TraceJSON.text(o.decision.model)),
      member("price", TraceJSON.text(o.decision.cost.price)), member("catalogueRevision", .number(String(o.decision.cost.revision))),
      member("priceRevision", .number(String(o.decision.cost.priceRevision))),
    ])
  }

  private static func reported(_ cost: ReportedCost) -> JSONValue {
    let source = switch cost.source {
    case .provider: "provider"
    case .sender: "sender"
    case .instrumentation: "instrumentation"
    }
    return object([member("cost", CostJSON.money(cost.amount)), member("source", .string(source))])
  }

  /// The rule that read the counts, the buckets it made, and what was sent.
  private static func usage(_ o: Observation) -> JSONValue {
    guard let report = o.facts.usage else { return .null }
    return object([
      member("rule", .string(report.rule)),
      member("buckets", object(report.usage.entries.map { member($0.bucket.rawValue, .number(String($0.count))) })),
      member("raw", ContentJSON.value(report.raw.isEmpty ? nil : report.raw)),
    ])
  }

  private static func account(_ o: Observation, _ e: CostExplanation) -> JSONValue {
    object([
      member("agrees", .bool(e.agrees(with: o))), member("status", .string(e.outcome.status.rawValue)),
      member("cost", CostJSON.money(e.outcome.cost)), member("price", price(e)), member("term", term(e)),
      member("conditions", .array(e.conditionsMet.map(JSONValue.string))), member("evidence", .string(e.evidence)),
      member("lines", .array(e.lines.map(line))),
      member(
        "considered",
        .array(e.considered.map { object([member("price", .string($0.label)), member("why", .string($0.why))]) })),
      member("sentences", .array(e.sentences.map(JSONValue.string))),
    ])
  }

  private static func price(_ e: CostExplanation) -> JSONValue {
    guard let p = e.price else { return .null }
    return object([
      member("label", .string(p.label)), member("provider", .string(p.provider)), member("model", .string(p.model)),
      member("rule", .string(p.rule)), member("from", PriceJSON.time(p.validFrom)), member("to", PriceJSON.time(p.validTo)),
      member("own", p.listing.map { PriceJSON.number($0.rawValue) } ?? .null), member("source", .string(p.sourceText)),
      member("checked", TraceJSON.text(p.source.checked.isEmpty ? nil : p.source.checked)),
      member("tierOver", p.tierOver.map(PriceJSON.number) ?? .null), member("variant", TraceJSON.text(p.variant)),
      member("urls", .array(p.urls.map(JSONValue.string))),
    ])
  }

  private static func term(_ e: CostExplanation) -> JSONValue {
    guard let term = e.term else { return .null }
    return object([
      member("id", PriceJSON.number(term.id.rawValue)), member("factor", .string(term.factor)), member("scope", .string(term.scope)),
      member("source", .string(term.source)),
    ])
  }

  private static func line(_ line: CostLine) -> JSONValue {
    object([
      member("bucket", .string(line.bucket.rawValue)), member("quantity", .number(String(line.quantity))),
      member("price", TraceJSON.text(line.unitPrice)), member("contractedPrice", TraceJSON.text(line.contractedPrice)),
      member("unit", TraceJSON.text(line.unit)), member("list", CostJSON.money(line.list ?? line.amount)),
      member("contracted", CostJSON.money(line.amount)), member("effective", CostJSON.money(line.effective)),
      member("from", TraceJSON.text(line.from)), member("note", TraceJSON.text(line.note)),
    ])
  }
}

extension CostExplanation {
  /// Today's prices give what is booked.
  func agrees(with o: Observation) -> Bool {
    outcome.cost == o.decision.cost.cost && outcome.status == o.decision.cost.status
  }
}

extension CostExplanation.Price {
  /// "genai-prices 0.0.73", or where an own price stands.
  var sourceText: String { source.version.isEmpty ? source.name : "\(source.name) \(source.version)" }
}

extension CostExplanationView {
  /// From the calculator's account of a cost, if it has anything to tell.
  init?(_ explanation: CostExplanation, of observation: Observation) {
    guard !explanation.sentences.isEmpty || !explanation.lines.isEmpty else { return nil }
    let lines = explanation.lines.map { line in
      Line(
        bucket: UsageWords.name(line.bucket), quantity: line.quantity, unitPrice: line.unitPrice.map { "$\($0)" }, unit: line.unit,
        amount: line.amount, note: [line.note, line.from].compactMap { $0 }.first, contractedPrice: line.contractedPrice.map { "$\($0)" })
    }
    self.init(lines: lines, sentences: explanation.sentences, source: explanation.price.map(Self.source) ?? "")
    conditions = explanation.conditionsMet
    considered = explanation.considered.map { Considered(label: $0.label, why: $0.why) }
    priceAddress = explanation.price.map { price in
      price.listing == nil ? Route.model(provider: price.provider, model: price.model) : Route.prices + "#own"
    }
    outdated = explanation.agrees(with: observation) ? nil : Self.outdated(explanation.outcome)
  }

  private static func source(_ price: CostExplanation.Price) -> String {
    let checked = price.source.checked.isEmpty ? "" : ", checked \(price.source.checked)"
    return (price.listing == nil ? "Price list \(price.sourceText)" : "Your own price, from \(price.sourceText)") + checked
  }

  private static func outdated(_ outcome: CostOutcome) -> String {
    let now = outcome.cost.map { "They give \(MoneyText($0, fine: true).text) now" } ?? "They give no cost now (\(outcome.reason))"
    return "\(now); what is booked stays until it is re-priced. The lines below are today’s account."
  }
}
