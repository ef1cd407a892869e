extension CostOutcome {
  /// What a call adds to sums of money. Contracted is what its usage costs at the organisation's prices, list the same at
  /// list prices, effective what counts; an unknown cost adds nothing to any of them. `Store` has the same as SQL.
  public var amounts: Amounts {
    guard let cost else { return Amounts(list: .zero, contracted: .zero, effective: .zero, avoided: avoided ?? .zero) }
    let contracted = computed ?? cost
    return Amounts(list: list ?? contracted, contracted: contracted, effective: cost, avoided: avoided ?? .zero)
  }
}
