import Domain

/// Prices observations. Pure: the same catalogue and observation give the same answer, whenever it is asked.
public struct PriceBook: Sendable {
  /// Raised whenever a rule of this target changes what a call costs.
  static let rulesRevision: Int32 = 2

  public let catalogue: PriceCatalogue
  public let resolver: ModelResolver
  /// Revision of catalogue and rules: the catalogue's day × 100 + the rules' number, so that a later list is larger.
  public let revision: Int32
  private let memory = ResolutionMemory()

  public init(catalogue: PriceCatalogue) {
    self.catalogue = catalogue
    resolver = ModelResolver(catalogue: catalogue)
    revision = catalogue.day.multipliedReportingOverflow(by: 100).partialValue &+ Self.rulesRevision
  }

  /// Provider and model of the catalogue (as sent where it knows none) and the cost, at the prices in force when the call
  /// started.
  public func decide(observation: Observation) -> (provider: String?, model: String?, outcome: CostOutcome) {
    let explanation = derive(observation, isDetailed: false)
    return (explanation.provider, explanation.model, explanation.outcome)
  }

  public func outcome(for observation: Observation) -> CostOutcome { decide(observation: observation).outcome }

  /// The whole derivation; `decide` is this without the details, so that the two cannot differ.
  public func explain(_ observation: Observation) -> CostExplanation { derive(observation, isDetailed: true) }

  /// Lines, sentences and the price row's facts are only made when asked for: they are most of the work.
  private func derive(_ observation: Observation, isDetailed: Bool) -> CostExplanation {
    guard observation.decision.isCall || observation.decision.shadowedBy != nil else {
      return CostExplanation(outcome: .none, provider: observation.facts.provider, model: observation.sentModel)
    }
    var result = computed(observation, isDetailed)
    result.reported = observation.facts.reportedCost
    choose(&result, observation)
    result.outcome.revision = revision
    if isDetailed, !result.outcome.reason.isEmpty { result.sentences.append(result.outcome.reason) }
    return result
  }

  // MARK: What counts

  /// Precedence (design §6): counted elsewhere, reported, computed. An instrumentation's cost is only kept beside.
  private func choose(_ result: inout CostExplanation, _ observation: Observation) {
    if let other = observation.decision.shadowedBy {
      result.outcome.status = .shadowed
      result.outcome.cost = nil
      result.outcome.reason = "counted at observation \(other)"
      return
    }
    guard let reported = observation.facts.reportedCost, reported.source != .instrumentation else { return }
    guard reported.amount >= .zero, reported.amount <= CostCalculator.most else {
      result.sentences.append(
        "The cost that came with the call, \(reported.amount) USD, is not believable and was not used.")
      return
    }
    result.outcome.status = .reported
    result.outcome.cost = reported.amount
    result.outcome.reason = reported.source == .provider ? "reported by the provider" : "given by the sender"
  }

  // MARK: What the catalogue makes of it

  private func computed(_ observation: Observation, _ isDetailed: Bool) -> CostExplanation {
    var result = CostExplanation(
      outcome: CostOutcome(status: .unpriced), provider: observation.facts.provider, model: observation.sentModel)
    let resolution: Resolution
    switch resolve(observation.facts) {
    case .unknown(let reason, let provider):
      result.provider = provider ?? observation.facts.provider
      result.outcome = withoutPrice(observation, reason)
      return result
    case .found(let found): resolution = found
    }
    result.provider = resolution.provider
    result.model = resolution.model.id
    if isDetailed { result.sentences.append(resolution.sentence) }
    let conditions = PriceConditions(observation.facts)
    guard let prices = ResolvedPrices(model: resolution.model, at: observation.startedAt, conditions: conditions) else {
      result.outcome = withoutPrice(
        observation, "no price is listed for \(resolution.model.provider)/\(resolution.model.id)")
      return result
    }
    charge(&result, observation, resolution, prices, isDetailed)
    if isDetailed, let tier = conditions.specialTier, prices.variant == nil, !result.lines.isEmpty {
      result.sentences.append(
        "No price of its own is listed for service tier \(tier) at that time: standard prices were used.")
    }
    return result
  }

  private func charge(
    _ result: inout CostExplanation, _ observation: Observation, _ resolution: Resolution, _ prices: ResolvedPrices,
    _ isDetailed: Bool
  ) {
    let label = prices.row.label
    let charged =
      observation.facts.usage.map { CostCalculator.charge($0.usage, at: prices, hasLines: isDetailed) }
      ?? ChargedUsage()
    let isUsageMissing = !observation.carriesUsage
    if isDetailed { result.price = price(resolution, prices, label, charged) }
    if isDetailed, !isUsageMissing {
      result.lines = charged.lines
      result.sentences += charged.lines.compactMap { line in line.note.map { "\(line.bucket.rawValue): \($0)." } }
    }
    if prices.isFree {
      result.outcome = CostOutcome(
        status: .free, cost: .zero, computed: .zero, reason: "\(label) costs nothing", price: label)
    } else if prices.prices.isEmpty {
      result.outcome = withoutPrice(
        observation, "the catalogue lists \(prices.model.provider)/\(prices.model.id) without a price")
    } else if isUsageMissing {
      result.outcome = withoutPrice(observation, nil)
    } else {
      result.outcome = outcome(charged, label, prices, isUnreadable: observation.hasUnreadableCount)
    }
  }

  /// With a count that could not be read the call is `partial` at best: the rest is no whole.
  private func outcome(
    _ charged: ChargedUsage, _ label: String, _ prices: ResolvedPrices, isUnreadable: Bool
  ) -> CostOutcome {
    let unreadable = isUnreadable ? "; a count that was sent could not be read" : ""
    if charged.isAbsurd {
      return CostOutcome(status: .unpriced, reason: "the token counts are not believable", price: label)
    }
    let missing = charged.unpriced.isEmpty ? "" : charged.unpriced.map(\.rawValue).joined(separator: ", ")
    guard let total = charged.total else {
      let what =
        missing.isEmpty
        ? "only a count of requests was sent, which \(label) does not sell" : "no price for \(missing) in \(label)"
      return CostOutcome(status: .unpriced, reason: what + unreadable, price: label)
    }
    let tier = charged.tierOver.map { ", over \($0) prompt tokens" } ?? ""
    let variant = prices.variant.map { ", \($0)" } ?? ""
    let unpriced = missing.isEmpty ? "" : "; no price for \(missing)"
    return CostOutcome(
      status: missing.isEmpty && !isUnreadable ? .priced : .partial, cost: total, computed: total,
      reason: "priced by " + label + tier + variant + unpriced + unreadable, price: label)
  }

  /// A call that failed before any output was not billed; any other call without a price or usage has an unknown cost.
  private func withoutPrice(_ observation: Observation, _ reason: String?) -> CostOutcome {
    if observation.isError, !observation.carriesUsage, !observation.hasUnreadableCount, !observation.isAnswered {
      return CostOutcome(
        status: .free, cost: .zero, computed: .zero, reason: "the call failed before any output; nothing was billed")
    }
    return CostOutcome(status: .unpriced, reason: reason ?? "usage missing: " + missingUsage(observation))
  }

  private func missingUsage(_ observation: Observation) -> String {
    if observation.hasUnreadableCount { return "no count that was sent could be read" }
    let counts = observation.facts.usage == nil ? "the sender gave no counts" : "all counts are zero"
    guard observation.isError else { return counts }
    return "the call failed after the provider had begun to answer; \(counts)"
  }

  // MARK: Which model

  /// The served model's name first, then the one that was asked for.
  private func resolve(_ facts: ObservationFacts) -> ResolverAnswer {
    let served = facts.responseModel.flatMap { $0.isEmpty ? nil : $0 }
    let requested = facts.requestModel.flatMap { $0.isEmpty ? nil : $0 }
    guard let first = served ?? requested else {
      return .unknown(reason: "no model was sent", provider: facts.provider.flatMap(catalogue.providerID))
    }
    let answer = resolve(facts.provider, first)
    guard case .unknown = answer, served != nil, let requested, requested != first,
      case .found(let asked) = resolve(facts.provider, requested)
    else { return answer }
    return .found(
      Resolution(
        provider: asked.provider, model: asked.model, rule: asked.rule,
        sentence: "No price for the served model \(first); by the requested one: \(asked.sentence)",
        isFallback: asked.isFallback))
  }

  private func resolve(_ provider: String?, _ model: String) -> ResolverAnswer {
    memory.answer(provider: provider, model: model) { resolver.resolve(provider: provider, model: model) }
  }

  private func price(
    _ resolution: Resolution, _ prices: ResolvedPrices, _ label: String, _ charged: ChargedUsage
  ) -> CostExplanation.Price {
    CostExplanation.Price(
      label: label, provider: resolution.model.provider, model: resolution.model.id, modelName: resolution.model.name,
      rule: resolution.rule, validFrom: prices.row.validity.from, validTo: prices.row.validity.to,
      urls: catalogue.provider(resolution.model.provider)?.urls ?? [], source: catalogue.source,
      tierOver: charged.tierOver,
      variant: prices.variant)
  }
}

extension Observation {
  fileprivate var hasUnreadableCount: Bool { facts.usage?.flags.contains(.unreadable) ?? false }

  /// Something shows that the provider answered: output that has come or is stored, its own id, or a first token.
  /// The output's stamp outlives its parts, which retention and missing rights take away.
  fileprivate var isAnswered: Bool {
    facts.firstTokenAt != nil || facts.responseID != nil || facts.stamps[.output] != nil
      || facts.bodies.contains { $0.kind == .output } || facts.parts.contains { $0.kind == .output }
  }
}
