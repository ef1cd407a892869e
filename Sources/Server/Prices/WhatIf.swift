import Domain
import Pricing
import Store

/// The same traffic on another model, tier or price.
struct WhatIf: Sendable {
  /// What the calls would be made to. nil: as they were.
  struct Target: Sendable {
    var provider: String?
    var model: String?
    var serviceTier: String?
    var region: String?
    /// By unit key; replaces whatever is listed.
    var prices: [String: String] = [:]

    var isNone: Bool { !isAnotherModel && serviceTier == nil && region == nil }
    /// Not merely another tier or place for the same one.
    var isAnotherModel: Bool { provider != nil || model != nil || !prices.isEmpty }
  }

  struct Row: Sendable {
    var model: String?
    var sums: CallSums
  }

  struct Answer: Sendable {
    var range: TimeRange
    var rows: [Row]
    var total: CallSums
  }

  let book: PriceBook
  let target: Target

  private static let name = "what-if"
  /// Every call is asked about: a name that nothing is called like is not worth reading it each time.
  private static let longestName = 300

  /// - Throws: `Failure` 400 for a price that is none.
  init(book: PriceBook, target: Target) throws {
    self.target = target
    for (field, text) in [
      ("toProvider", target.provider), ("toModel", target.model), ("toServiceTier", target.serviceTier), ("toRegion", target.region),
    ] {
      guard (text ?? "").utf8.count <= Self.longestName else {
        throw Failure.badRequest("\(field) is over \(Self.longestName) bytes: expected a name")
      }
    }
    guard !target.prices.isEmpty else {
      self.book = book
      return
    }
    let listing = PriceListing(
      id: PriceEntryID(.max), pattern: NamePattern(.exact, Self.name), prices: target.prices, source: "given with the question")
    if let problem = listing.problems.first { throw Failure.badRequest("\(problem.field): \(problem.message)") }
    var agreements = PriceAgreements()
    agreements.listings = [listing]
    self.book = book.with(agreements)
  }

  private func asked(_ call: Observation) -> Observation {
    CallPricing.asked(
      call, provider: target.prices.isEmpty ? target.provider : Self.name, model: target.prices.isEmpty ? target.model : Self.name,
      serviceTier: target.serviceTier, region: target.region)
  }

  /// What the target makes of a call. One that it leaves at its model and price keeps the cost that it was said to have.
  func moved(_ call: Observation) -> MovedCall {
    let own = CallPricing.undecided(call)
    if target.isNone { return MovedCall(outcome: book.outcome(for: own)) }
    let asked = asked(call)
    if isSame(own, asked) { return MovedCall(outcome: book.outcome(for: own)) }
    return billed(asked)
  }

  private func isSame(_ own: Observation, _ asked: Observation) -> Bool {
    guard target.prices.isEmpty else { return false }
    var computed = own
    computed.facts.reportedCost = nil
    let (a, b) = (book.decide(observation: computed), book.decide(observation: asked))
    guard a.provider == b.provider, a.model == b.model, a.outcome.price == b.outcome.price, a.outcome.computed == b.outcome.computed
    else { return false }
    // Without a price nothing else tells two tiers or places apart.
    return a.outcome.price != nil || own.facts.serviceTier == asked.facts.serviceTier && own.facts.region == asked.facts.region
  }

  private func billed(_ asked: Observation) -> MovedCall {
    let (plain, writes) = withPlainWrites(asked)
    return MovedCall(outcome: book.outcome(for: plain), plainWrites: writes)
  }

  /// Where a model has no price for writing its cache, what another's callers wrote there is plain input.
  private func withPlainWrites(_ asked: Observation) -> (call: Observation, tokens: Int64) {
    guard target.isAnotherModel, var usage = asked.facts.usage?.usage, usage[.cacheWrite] != 0 || usage[.cacheWrite1h] != 0
    else { return (asked, 0) }
    var tokens: Int64 = 0
    for bucket in book.unpricedUsage(of: asked) where bucket == .cacheWrite || bucket == .cacheWrite1h {
      tokens &+= usage[bucket]
      usage[.input] &+= usage[bucket]
      usage[bucket] = 0
    }
    guard tokens > 0 else { return (asked, 0) }
    var plain = asked
    plain.facts.usage?.usage = usage
    return book.unpricedUsage(of: plain).contains(.input) ? (asked, 0) : (plain, tokens)
  }

  /// Real calls, by the model they were booked under, largest cost first.
  func run(
    _ range: TimeRange, filter: CostFilter, traffic: CallTraffic, scope: AccessScope, organisation: Organisation
  ) async throws -> Answer {
    var sums: [String?: CallSums] = [:]
    try await traffic.each(range, filter: filter, scope: scope, organisation: organisation) { calls in
      for call in calls { sums[call.decision.model, default: CallSums()].add(call, moved(call)) }
    }
    let rows = sums.map { Row(model: $0.key, sums: $0.value) }
      .sorted { ($0.sums.now ?? .zero, $1.model ?? "") > ($1.sums.now ?? .zero, $0.model ?? "") }
    return Answer(range: range, rows: rows, total: rows.reduce(into: CallSums()) { $0 += $1.sums })
  }

  /// One call of a given usage, now, and how many of its cache writes count as plain input.
  func explain(_ usage: Usage, at time: Timestamp) -> (explanation: CostExplanation, plainWrites: Int64) {
    var facts = ObservationFacts(project: ProjectID(0), trace: TraceID(high: 0, low: 1), id: ObservationID(1))
    facts.usage = UsageReport(usage: usage, rule: "given", raw: "")
    let (call, writes) = withPlainWrites(
      asked(Observation(facts: facts, startedAt: time, isStartAssumed: false, receivedAt: time)))
    return (book.explain(call), writes)
  }
}

/// How many calls or hours are meant: a number, or a rate over days.
struct GivenTraffic {
  var calls: Int64
  var hours: Int64

  /// nil when the question gives no counts of its own: it is about real calls then.
  /// - Throws: `Failure` 400.
  init?(_ parameters: QueryParameters) throws {
    func number(_ name: String) throws -> Int64? { try parameters.number(name, 0...1_000_000_000_000).map(Int64.init) }
    try Self.refuseLoose(parameters)
    let days = try number("days") ?? 30
    var calls = try number("calls")
    if let perMinute = try number("callsPerMinute") { calls = Self.product(perMinute, 1440, days) }
    if let perDay = try number("callsPerDay") { calls = Self.product(perDay, try number("users") ?? 1, days) }
    let hours = parameters.text("costPerHour") != nil ? try number("hours") ?? Self.product(days, 24, 1) : nil
    guard calls != nil || hours != nil else { return nil }
    self.calls = calls ?? 0
    self.hours = hours ?? 0
  }

  private static let rates = ["calls", "callsPerMinute", "callsPerDay"]
  /// What a number is of, by its name.
  private static let needs: [(name: String, oneOf: [String])] =
    [
      ("users", ["callsPerDay"]), ("days", ["callsPerMinute", "callsPerDay", "costPerHour"]), ("hours", ["costPerHour"]),
      ("costPerCall", rates),
    ] + UsageBucket.allCases.map(\.rawValue).filter { CostDimension(rawValue: $0) == nil }.map { ($0, rates) }

  /// A number that nothing is made of must not be lost: the answer would be about something else.
  private static func refuseLoose(_ parameters: QueryParameters) throws {
    func isGiven(_ name: String) -> Bool { parameters.text(name) != nil }
    let given = rates.filter(isGiven)
    guard given.count < 2 else {
      throw Failure.badRequest("\(given.joined(separator: " and ")) are two numbers of calls: expected one of \(rates.joined(separator: ", "))")
    }
    for (name, others) in needs where isGiven(name) && !others.contains(where: isGiven) {
      let missing = others.count == 1 ? "\(others[0]), which is missing" : "one of \(others.joined(separator: ", ")): none is given"
      throw Failure.badRequest("\(name) needs \(missing)")
    }
  }

  private static func product(_ a: Int64, _ b: Int64, _ c: Int64) -> Int64 {
    let (ab, overflow) = a.multipliedReportingOverflow(by: b)
    let (abc, overflows) = ab.multipliedReportingOverflow(by: c)
    return overflow || overflows ? .max : abc
  }
}

extension USD {
  /// nil beyond 10¹⁸ USD.
  func times(_ count: Int64) -> USD? {
    let (product, overflow) = pico.multipliedReportingOverflow(by: Int128(count))
    return overflow || product.magnitude > 1_000_000_000_000_000_000 * UInt128(USD.scale) ? nil : USD(pico: product)
  }
}
