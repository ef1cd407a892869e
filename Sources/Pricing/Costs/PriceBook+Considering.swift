import Domain

/// What else was considered: prices of the same name that were not used, and why.
extension PriceBook {
  func considered(_ call: PricedCall, at time: Timestamp) -> [CostExplanation.Considered] {
    var found = ownConsidered(call, at: time) + termsConsidered(call, at: time)
    if let model = call.resolution?.model { found += listConsidered(model, call, at: time) }
    return Array(found.prefix(CostExplanation.mostConsidered))
  }

  private func ownConsidered(_ call: PricedCall, at time: Timestamp) -> [CostExplanation.Considered] {
    let used = Set(call.sheet?.set.units.compactMap(\.origin.ownLabel) ?? [])
    return agreed.listings(for: call.names).filter { !used.contains($0.label) }.map { own in
      let why =
        own.listing.dates.whyNot(at: time) ?? call.conditions.whyNot(own.listing.conditions)
        ?? "another own price goes before it"
      return CostExplanation.Considered(label: own.label, why: why)
    }
  }

  private func termsConsidered(_ call: PricedCall, at time: Timestamp) -> [CostExplanation.Considered] {
    let used = call.sheet?.term?.term.id
    return agreed.terms(for: call.names).filter { $0.term.id != used }.map { own in
      let why =
        own.term.dates.whyNot(at: time)
        ?? (used != nil ? "another term goes before it"
          : call.sheet == nil ? "there is no list price to take it on" : "terms are on list prices, not on own ones")
      return CostExplanation.Considered(label: "term \(own.term.id), × \(own.factor.decimal)", why: why)
    }
  }

  private func listConsidered(
    _ model: CatalogueModel, _ call: PricedCall, at time: Timestamp
  ) -> [CostExplanation.Considered] {
    let isOff = agreed.isSwitchedOff(call.names.served) || agreed.isSwitchedOff(model.provider)
    let isUsed = call.sheet?.row != nil
    let why = isOff ? "the catalogue's prices are switched off for this provider" : isUsed ? nil : "an own price goes before it"
    let current = model.row(at: time)
    var found: [CostExplanation.Considered] = []
    for row in model.rows where !(isUsed && row == current) {
      let reason = row == current ? why : row.validity.whyNot(at: time) ?? "a later row goes before it"
      if let reason { found.append(CostExplanation.Considered(label: row.label, why: reason)) }
    }
    let met = model.variants(at: time, call.conditions)
    for variant in model.variants where !variant.prices.isEmpty && !variant.when.isEmpty && !(isUsed && met.contains(variant)) {
      let reason =
        why ?? call.conditions.whyNot(variant.when) ?? variant.validity.whyNot(at: time) ?? "a more special price goes before it"
      let from = variant.validity.fromDay.map { "@\($0)" } ?? ""
      found.append(
        CostExplanation.Considered(label: "\(model.provider)/\(model.id)\(from), \(variant.when.words)", why: reason))
    }
    return found
  }
}

extension PricedUnit.Origin {
  var ownLabel: String? { if case .own(let label) = self { label } else { nil } }
}

extension PriceConditions {
  /// nil: all are met.
  fileprivate func whyNot(_ when: [String: String]) -> String? {
    let missing = when.filter { !meet([$0.key: $0.value]) }
    return missing.isEmpty ? nil : "asks for \(missing.words)"
  }
}

extension DatedRange {
  fileprivate func whyNot(at time: Timestamp) -> String? {
    if let from, time < from { return "not in force before \(from.dayText)" }
    if let to, time >= to { return "not in force since \(to.dayText)" }
    return nil
  }
}

extension Validity {
  fileprivate func whyNot(at time: Timestamp) -> String? {
    if let dates = DatedRange(from: from, to: to).whyNot(at: time) { return dates }
    guard let daily, !contains(time) else { return nil }
    return "holds only from \(clock(daily.start)) to \(clock(daily.end)) UTC"
  }
}
