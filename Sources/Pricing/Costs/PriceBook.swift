import Domain

/// Prices observations: the catalogue's list, over it an organisation's own prices and terms. Pure: the same book and
/// observation give the same answer, whenever it is asked. Made anew whenever the agreements change, which is cheap: the
/// catalogue and its indexes are shared.
public struct PriceBook: Sendable {
  /// Raised whenever a rule of this target changes what a call costs.
  static let rulesRevision: Int32 = 4

  public let catalogue: PriceCatalogue
  public let agreements: PriceAgreements
  public let resolver: ModelResolver
  /// Revision of catalogue and rules: the catalogue's day × 100 + the rules' number, so that a later list is larger.
  public let revision: Int32
  let agreed: AgreedPrices
  let aliases: ModelAliases
  private let memory = PriceMemory()

  public init(catalogue: PriceCatalogue, agreements: PriceAgreements = PriceAgreements()) {
    self.init(catalogue: catalogue, resolver: ModelResolver(catalogue: catalogue), agreements: agreements)
  }

  /// The same catalogue under other agreements, without indexing it again.
  public func with(_ agreements: PriceAgreements) -> PriceBook {
    PriceBook(catalogue: catalogue, resolver: resolver, agreements: agreements)
  }

  private init(catalogue: PriceCatalogue, resolver: ModelResolver, agreements: PriceAgreements) {
    self.catalogue = catalogue
    self.agreements = agreements
    self.resolver = resolver
    agreed = AgreedPrices(agreements, catalogue)
    aliases = ModelAliases(agreements.aliases)
    revision = catalogue.day.multipliedReportingOverflow(by: 100).partialValue &+ Self.rulesRevision
  }

  /// Provider and model of the catalogue (as sent where it knows none) and the cost, at the prices in force when the call
  /// started.
  /// - Parameter trust: In place of what the agreements say of the key that the call came with.
  public func decide(
    observation: Observation, trust: CostTrust? = nil
  ) -> (provider: String?, model: String?, outcome: CostOutcome) {
    guard observation.decision.isCall || observation.decision.shadowedBy != nil else {
      return (observation.facts.provider, observation.sentModel, .none)
    }
    let call = pricedCall(observation)
    return (call.provider, call.model, outcome(of: observation, call, trust))
  }

  public func outcome(for observation: Observation, trust: CostTrust? = nil) -> CostOutcome {
    decide(observation: observation, trust: trust).outcome
  }

  func pricedCall(_ observation: Observation) -> PricedCall {
    let key = PriceKey(observation.facts), time = observation.startedAt
    return memory.call(key, at: time) { makeCall(key, at: time) }
  }

  // MARK: What counts

  /// Precedence (design §6): counted elsewhere, stated by the provider, sent and trusted, computed.
  func outcome(of observation: Observation, _ call: PricedCall, _ trust: CostTrust?) -> CostOutcome {
    var outcome = computed(observation, call)
    outcome.revision = revision
    outcome.priceRevision = agreements.revision
    if let other = observation.decision.shadowedBy {
      outcome.status = .shadowed
      outcome.cost = nil
      outcome.reason = "counted at observation \(other)"
    } else if let reported = observation.facts.reportedCost, 
      Self.trust(reported, trust ?? keyTrust(observation)) == .trust, reported.isBelievable,
      // A cached answer repeats what the provider once stated.
      !(observation.facts.isServedFromCache && reported.source == .provider)
    {
      outcome.status = .reported
      outcome.cost = reported.amount
      // It was not avoided, but paid.
      if reported.amount != .zero { outcome.avoided = nil }
      outcome.reason = reported.source.reason
    }
    return outcome
  }

  /// What the organisation set for the key that the call came with.
  func keyTrust(_ observation: Observation) -> CostTrust? {
    observation.facts.key.flatMap { agreements.costTrust[$0] }
  }

  /// A provider's own statement counts whatever the key says of its sender.
  static func trust(_ reported: ReportedCost, _ trust: CostTrust?) -> CostTrust {
    reported.source == .provider ? .trust : trust ?? .default(for: reported.source)
  }

  // MARK: What the prices make of it

  private func computed(_ observation: Observation, _ call: PricedCall) -> CostOutcome {
    if observation.facts.isServedFromCache {
      var outcome = CostOutcome(
        status: .free, cost: .zero, computed: .zero, reason: "answered from the framework's own cache; nothing was billed")
      outcome.avoided = avoided(observation, call)
      return outcome
    }
    guard let sheet = call.sheet else { return withoutPrice(observation, call.sentence) }
    if sheet.isFree { return Self.free(observation.facts.usage?.usage, sheet) }
    guard observation.carriesUsage, let usage = observation.facts.usage?.usage else {
      return withoutPrice(observation, nil)
    }
    return Self.outcome(usage, sheet, isUnreadable: observation.facts.hasUnreadableCount)
  }

  private static func free(_ usage: Usage?, _ sheet: PricedCall.Sheet) -> CostOutcome {
    var outcome = CostOutcome(
      status: .free, cost: .zero, computed: .zero, reason: "\(sheet.label) costs nothing", price: sheet.label)
    guard let usage else { return outcome }
    let list = listAmount(usage, sheet, 1)
    outcome.list = list == .zero ? nil : list
    outcome.rates = rates(usage, sheet, 1, isListed: list != nil)
    return outcome
  }

  /// What a provider once stated for the answer, else what its usage would have cost, as far as that is known.
  private func avoided(_ observation: Observation, _ call: PricedCall) -> USD? {
    if let reported = observation.facts.reportedCost, reported.source == .provider, reported.amount != .zero,
      reported.isBelievable
    {
      return reported.amount
    }
    guard let sheet = call.sheet, observation.carriesUsage, let usage = observation.facts.usage?.usage else { return nil }
    if sheet.isFree { return .zero }
    let charged = CostCalculator.charge(usage, at: sheet.table)
    return charged.isAbsurd ? nil : charged.total
  }

  /// With a count that could not be read the call is `partial` at best: the rest is no whole.
  static func outcome(_ usage: Usage, _ sheet: PricedCall.Sheet, isUnreadable: Bool, calls: Int64 = 1) -> CostOutcome {
    let charged = CostCalculator.charge(usage, at: sheet.table, calls: calls)
    if charged.isAbsurd {
      return CostOutcome(status: .unpriced, reason: "the token counts are not believable", price: sheet.label)
    }
    let unreadable = isUnreadable ? "; a count that was sent could not be read" : ""
    let missing = charged.unpriced.isEmpty ? "" : charged.unpriced.map(\.rawValue).joined(separator: ", ")
    guard let total = charged.total else {
      let what =
        missing.isEmpty
        ? "only a count of requests was sent, which \(sheet.label) does not sell" : "no price for \(missing) in \(sheet.label)"
      return CostOutcome(status: .unpriced, reason: what + unreadable, price: sheet.label)
    }
    // Joined only where there is something to join: this is most of the time that deciding takes.
    var reason = charged.tierOver.map { "\(sheet.reason), over \($0) prompt tokens\(sheet.reasonEnd)" } ?? sheet.plainReason
    if !missing.isEmpty { reason += "; no price for \(missing)" }
    if isUnreadable { reason += unreadable }
    var outcome = CostOutcome(
      status: missing.isEmpty && !isUnreadable ? .priced : .partial, cost: total, computed: total,
      reason: reason, price: sheet.label)
    let list = listAmount(usage, sheet, calls)
    outcome.list = list == total ? nil : list
    outcome.rates = rates(usage, sheet, calls, isListed: list != nil)
    return outcome
  }

  private static func rates(_ usage: Usage, _ sheet: PricedCall.Sheet, _ calls: Int64, isListed: Bool) -> CallRates? {
    let prompt = sheet.unitPrices.hasTiers ? CostCalculator.promptTokens(usage) / max(1, calls) : 0
    return sheet.unitPrices.rates(promptTokens: prompt, isListed: isListed)
  }

  private static func listAmount(_ usage: Usage, _ sheet: PricedCall.Sheet, _ calls: Int64) -> USD? {
    guard let list = sheet.list else { return nil }
    let charged = CostCalculator.charge(usage, at: list, calls: calls)
    if charged.isAbsurd || (sheet.needsWholeList && !charged.unpriced.isEmpty) { return nil }
    return charged.total
  }

  /// A call that failed before any output was not billed; any other call without a price or usage has an unknown cost.
  private func withoutPrice(_ observation: Observation, _ reason: String?) -> CostOutcome {
    let facts = observation.facts
    if observation.isError, !facts.carriesUsage, !facts.hasUnreadableCount, !facts.isAnswered {
      return CostOutcome(
        status: .free, cost: .zero, computed: .zero, reason: "the call failed before any output; nothing was billed")
    }
    return CostOutcome(status: .unpriced, reason: reason ?? "usage missing: " + missingUsage(observation))
  }

  private func missingUsage(_ observation: Observation) -> String {
    if observation.facts.hasUnreadableCount { return "no count that was sent could be read" }
    let counts = observation.facts.usage == nil ? "the sender gave no counts" : "all counts are zero"
    guard observation.isError else { return counts }
    return "the call failed after the provider had begun to answer; \(counts)"
  }
}

extension ReportedCost {
  var isBelievable: Bool { amount >= .zero && amount <= CostCalculator.most }
}

extension ReportedCost.Source {
  fileprivate var reason: String {
    switch self {
    case .provider: "reported by the provider"
    case .sender: "given by the sender"
    case .instrumentation: "computed by the sender's instrumentation, which its key trusts"
    }
  }
}
