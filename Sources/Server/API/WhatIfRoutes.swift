import Domain
import Hummingbird
import Pricing
import Store
import Wire

/// `/api/v1/what-if`: what real calls, or given counts, would cost elsewhere.
struct WhatIfRoutes {
  let backend: Backend
  private static let targets = ["toProvider", "toModel", "toServiceTier", "toRegion"]
  private static let given = ["calls", "callsPerMinute", "callsPerDay", "users", "days", "hours", "costPerHour", "costPerCall"]
  /// A usage bucket per call, unless it is a dimension's name.
  private static let buckets = UsageBucket.allCases.map(\.rawValue)

  func get(_ request: Request, _ context: Context) async throws -> Response {
    try await answer(QueryParameters(request), try context.keyGrant())
  }

  /// The same names in a JSON object; lists repeat a name, `"price": {…}` gives units.
  func post(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    guard let object = try await request.json(upTo: 1 << 20).objectValue else { throw Failure.badRequest("expected a JSON object") }
    return try await answer(QueryParameters(try Self.fields(object, prefix: "")), grant)
  }

  private static func fields(_ object: JSONObject, prefix: String) throws -> [(name: String, value: String)] {
    try object.members.flatMap { member -> [(name: String, value: String)] in
      let name = prefix + member.key
      if let inner = member.value.objectValue, prefix.isEmpty { return try fields(inner, prefix: name + ".") }
      return try (member.value.arrayValue ?? [member.value]).map { value in
        guard let text = value.stringValue ?? value.decimalText else {
          throw Failure.badRequest("\(name) is expected to be a text or a number")
        }
        return (name, text)
      }
    }
  }

  private func answer(_ parameters: QueryParameters, _ grant: KeyGrant) async throws -> Response {
    let prices = parameters.names.filter { $0.hasPrefix("price.") }
    try parameters.allowOnly(["from", "to", "timeZone"] + Self.targets + Self.given + Self.buckets + prices)
    let target = WhatIf.Target(
      provider: parameters.text("toProvider"), model: parameters.text("toModel"), serviceTier: parameters.text("toServiceTier"),
      region: parameters.text("toRegion"),
      prices: Dictionary(
        prices.compactMap { name in parameters.text(name).map { (String(name.dropFirst(6)), $0) } }, uniquingKeysWith: { a, _ in a }))
    try await backend.prices.refresh()
    let question = try WhatIf(book: backend.prices.current, target: target)
    if let given = try GivenTraffic(parameters) {
      // Times and filters are about real calls.
      try parameters.allow(Self.targets + Self.given + Self.buckets + prices)
      return .json(.ok, try Self.given(given, parameters, question))
    }
    let zone = try parameters.zone("timeZone", standard: grant.organisation.timeZone)
    let answer = try await question.run(
      try parameters.range(zone: zone, defaultDays: 30), filter: try parameters.checkedFilter(), traffic: CallTraffic(pool: backend.pool),
      scope: grant.moneyScope, organisation: grant.organisation)
    return .json(.ok, WhatIfJSON.answer(answer, target))
  }

  private static func given(_ given: GivenTraffic, _ parameters: QueryParameters, _ question: WhatIf) throws -> JSONValue {
    func amount(_ name: String) throws -> USD? {
      guard let text = parameters.text(name) else { return nil }
      guard let amount = USD(decimal: text), amount >= .zero else {
        throw Failure.badRequest("\(name) is \"\(text)\": expected an amount in USD such as 0.05")
      }
      return amount
    }
    var usage = Usage()
    for bucket in UsageBucket.allCases {
      usage[bucket] = try parameters.number(bucket.rawValue, 0...1_000_000_000).map(Int64.init) ?? 0
    }
    let flat = try amount("costPerCall")
    let explained = usage.isEmpty ? nil : question.explain(usage, at: Timestamp.now)
    let explanation = explained?.explanation
    guard explanation != nil || flat != nil || given.calls == 0 else {
      throw Failure.badRequest("nothing says what a call costs: give token counts such as input=150&output=45, or costPerCall")
    }
    let perCall = flat.map { $0 + (explanation?.outcome.cost ?? .zero) } ?? explanation?.outcome.cost
    let isKnown = explanation.map { $0.outcome.cost != nil && !$0.outcome.status.isUnpriced } ?? true
    let calls = given.calls == 0 ? USD.zero : isKnown ? perCall?.times(given.calls) : nil
    let hours = try amount("costPerHour").map { $0.times(given.hours) } ?? .zero
    return WhatIfJSON.given(
      given, question.target, usage, perCall: isKnown ? perCall : nil, cost: calls.flatMap { c in hours.map { c + $0 } }, explanation,
      plainWrites: explained?.plainWrites ?? 0)
  }
}

enum WhatIfJSON {
  private static func member(_ key: String, _ value: JSONValue) -> JSONMember { JSONMember(key: key, value: value) }

  private static func sums(_ sums: CallSums) -> [JSONMember] {
    return [
      member("calls", PriceJSON.number(sums.calls)), member("tokens", PriceJSON.number(sums.tokens)),
      member("now", CostJSON.money(sums.now)), member("then", CostJSON.money(sums.then)),
      member("difference", CostJSON.money(sums.difference)), member("unpricedNow", PriceJSON.number(sums.unpricedNow)),
      member("unpricedThen", PriceJSON.number(sums.unpricedThen)), member("cacheWritesAsInput", PriceJSON.number(sums.plainWrites)),
    ]
  }

  /// What a reader of the sums must know, as sentences.
  private static func notes(_ sums: CallSums, _ target: WhatIf.Target) -> JSONValue {
    var notes: [String] = []
    if sums.plainWrites > 0 { notes.append(plainWrites(sums.plainWrites, target, of: sums.callsWithPlainWrites)) }
    if sums.unpricedThen > 0 {
      notes.append("\(sums.unpricedThen) of \(sums.calls) calls would have no full price, so there is no difference")
    } else if sums.unpricedNow > 0 {
      notes.append("\(sums.unpricedNow) of \(sums.calls) calls have no full price now; what they cost is missing in now")
    }
    return .array(notes.map(JSONValue.string))
  }

  private static func plainWrites(_ tokens: Int64, _ target: WhatIf.Target, of calls: Int64?) -> String {
    let model = target.prices.isEmpty ? target.model ?? target.provider ?? "the target" : "the given price"
    let whose = calls.map { " of \($0) \($0 == 1 ? "call" : "calls")" } ?? ""
    return "\(model) has no price for cache writes: \(tokens) cache-write tokens\(whose) count as plain input"
  }

  static func answer(_ answer: WhatIf.Answer, _ target: WhatIf.Target) -> JSONValue {
    let rows = answer.rows.map { JSONValue.object(JSONObject([member("model", PriceJSON.text($0.model))] + sums($0.sums))) }
    return .object(
      JSONObject([
        member("currency", "USD"), member("from", PriceJSON.time(answer.range.from)), member("to", PriceJSON.time(answer.range.to)),
        member(
          "target",
          .object(
            JSONObject([
              member("provider", PriceJSON.text(target.provider)), member("model", PriceJSON.text(target.model)),
              member("serviceTier", PriceJSON.text(target.serviceTier)), member("region", PriceJSON.text(target.region)),
              member("prices", PriceJSON.pairs(target.prices)),
            ]))),
        member("total", .object(JSONObject(sums(answer.total)))), member("models", .array(rows)), member("source", "observations"),
        member("notes", notes(answer.total, target)),
      ]))
  }

  static func given(
    _ given: GivenTraffic, _ target: WhatIf.Target, _ usage: Usage, perCall: USD?, cost: USD?, _ explanation: CostExplanation?, plainWrites tokens: Int64
  ) -> JSONValue {
    .object(
      JSONObject([
        member("currency", "USD"), member("calls", PriceJSON.number(given.calls)), member("hours", PriceJSON.number(given.hours)),
        member("usagePerCall", CostJSON.tokens(usage)), member("perCall", CostJSON.money(perCall)), member("cost", CostJSON.money(cost)),
        member("price", PriceJSON.text(explanation?.outcome.price)), member("reason", PriceJSON.text(explanation?.outcome.reason)),
        member("notes", .array(tokens == 0 ? [] : [.string(plainWrites(tokens, target, of: nil))])),
      ]))
  }
}
