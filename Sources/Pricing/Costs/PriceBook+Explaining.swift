import Domain

extension PriceBook {
  /// The whole derivation of what `decide` answers.
  public func explain(_ observation: Observation, trust: CostTrust? = nil) -> CostExplanation {
    guard observation.decision.isCall || observation.decision.shadowedBy != nil else {
      return CostExplanation(outcome: .none, provider: observation.facts.provider, model: observation.sentModel)
    }
    let key = PriceKey(observation.facts)
    let call = pricedCall(observation)
    let trust = trust ?? keyTrust(observation)
    var result = CostExplanation(
      outcome: outcome(of: observation, call, trust), provider: call.provider, model: call.model)
    let reported = observation.facts.reportedCost
    let isIgnored = reported.map { Self.trust($0, trust) == .ignore } ?? false
    result.reported = isIgnored ? nil : reported
    let isCounted = observation.carriesUsage && !observation.facts.isServedFromCache
    describe(&result, call, key, usage: isCounted ? observation.facts.usage?.usage : nil, at: observation.startedAt)
    if isIgnored { result.sentences.append("The cost that came with the call was ignored, as its key says.") }
    if let reported, !isIgnored, Self.trust(reported, trust) == .trust, !reported.isBelievable {
      result.sentences.append(
        "The cost that came with the call, \(reported.amount) USD, is not believable and was not used.")
    }
    if let avoided = result.outcome.avoided, avoided != .zero {
      result.sentences.append("Answered by the provider it would have cost \(avoided) USD.")
    }
    if !result.outcome.reason.isEmpty, result.sentences.last != result.outcome.reason {
      result.sentences.append(result.outcome.reason)
    }
    return result
  }

  /// What a usage would cost: at another model, tier, place or time than it had.
  /// - Parameters:
  ///   - usage: Of one call, or the sum over `calls` equal ones (context tiers go by the prompt of one).
  ///   - model: As a sender would write it; own names and own prices hold too.
  ///   - conditions: `PriceConditions(["service_tier": "batch", "region": "eu"])`.
  public func whatIf(
    usage: Usage, at time: Timestamp, model: String, provider: String?, conditions: PriceConditions = PriceConditions(),
    calls: Int64 = 1
  ) -> CostExplanation {
    let key = PriceKey(provider: provider, served: model)
    let call = makeCall(key, conditions, at: time)
    var outcome = CostOutcome(status: .unpriced, reason: call.sentence)
    if let sheet = call.sheet {
      if sheet.isFree {
        outcome = CostOutcome(status: .free, cost: .zero, computed: .zero, reason: "\(sheet.label) costs nothing", price: sheet.label)
      } else if usage.isEmpty && !sheet.table.chargesRequests {
        outcome.reason = "there is no usage to price"
      } else {
        outcome = Self.outcome(usage, sheet, isUnreadable: false, calls: max(1, calls))
      }
    }
    outcome.revision = revision
    outcome.priceRevision = agreements.revision
    var result = CostExplanation(outcome: outcome, provider: call.provider, model: call.model)
    describe(&result, call, key, usage: usage, calls: max(1, calls), at: time)
    if result.sentences.last != outcome.reason { result.sentences.append(outcome.reason) }
    return result
  }

  // MARK: Parts

  private func describe(
    _ result: inout CostExplanation, _ call: PricedCall, _ key: PriceKey, usage: Usage?, calls: Int64 = 1, at time: Timestamp
  ) {
    result.evidence = call.conditions.description
    result.considered = considered(call, at: time)
    if call.sheet != nil || call.resolution != nil { result.sentences.append(call.sentence) }
    guard let sheet = call.sheet else { return }
    result.conditionsMet = sheet.conditionsMet
    result.term = sheet.term.map(CostExplanation.Term.init)
    if let usage, !sheet.isFree {
      result.lines = CostCalculator.lines(usage, at: sheet.table, list: sheet.list, calls: calls)
      result.sentences += result.lines.compactMap { line in line.note.map { "\(line.bucket.rawValue): \($0)." } }
    }
    let tierOver = usage.flatMap { CostCalculator.charge($0, at: sheet.table, calls: calls).tierOver }
    result.price = price(call, sheet, tierOver)
    if result.outcome.status == .priced || result.outcome.status == .partial {
      for i in result.lines.indices { result.lines[i].effective = result.lines[i].amount }
    }
    if let tier = call.conditions.specialTier, !result.lines.isEmpty, !sheet.hasTierPrice {
      result.sentences.append(
        "No price of its own is listed for service tier \(tier) at that time: standard prices were used.")
    }
    if let term = result.term {
      result.sentences.append("The negotiated factor \(term.factor) on list prices is for \(term.scope) (\(term.source)).")
    }
  }

  private func price(_ call: PricedCall, _ sheet: PricedCall.Sheet, _ tierOver: Int64?) -> CostExplanation.Price {
    let model = call.resolution?.model
    if let own = sheet.own {
      let listing = own.listing
      return CostExplanation.Price(
        label: sheet.label, provider: listing.provider ?? call.provider ?? "", model: call.model ?? listing.pattern.text,
        modelName: model?.name ?? call.model ?? listing.pattern.text,
        rule: "\(listing.pattern.kind.rawValue) \(listing.pattern.text)", validFrom: listing.dates.from, validTo: listing.dates.to,
        urls: [], source: own.source, listing: listing.id, tierOver: tierOver, variant: sheet.variant)
    }
    let provider = model?.provider ?? call.provider ?? ""
    let source = sheet.set.units.first { $0.origin == .row }.map { catalogue.source(of: $0.price) } ?? catalogue.source
    return CostExplanation.Price(
      label: sheet.label, provider: provider, model: model?.id ?? "", modelName: model?.name ?? "",
      rule: call.resolution?.rule ?? "", validFrom: sheet.row?.validity.from, validTo: sheet.row?.validity.to,
      urls: catalogue.provider(provider)?.urls ?? [], source: source, listing: nil, tierOver: tierOver, variant: sheet.variant)
  }
}

extension OwnListing {
  /// In the catalogue's words.
  var source: PriceSource {
    PriceSource(name: listing.source, version: "", url: "", licence: "", checked: listing.checkedAt?.dayText ?? "")
  }
}

extension CostExplanation.Term {
  init(_ own: OwnTerm) {
    let provider = own.term.provider.map { " of \($0)" } ?? ""
    let models = own.term.pattern.map { "models by the rule \"\($0.kind.rawValue) \($0.text)\"" } ?? "every model"
    self.init(id: own.term.id, factor: own.factor.decimal, scope: models + provider, source: own.term.source)
  }
}

extension PricedCall.Sheet {
  /// Conditions that gave at least one price.
  var conditionsMet: [String] { variant.map { [$0] } ?? [] }
  /// Something that was met is about the tier.
  var hasTierPrice: Bool {
    variant.map { $0.contains("service_tier") || $0.contains("processing") || $0.contains("speed") } ?? false
  }
}
