import Domain

/// The way from a sum down to its calls: each click keeps a value and splits what is left by the next dimension.
enum CostDrill {
  /// Asked in this order; what is fixed already is passed over.
  private static let order: [CostDimension] = [.team, .endpoint, .model]
  /// Sums by these are kept together with team and model only.
  private static let narrow: Set<CostDimension> = [.user, .userGroup, .key]

  /// What a page splits by when its address says nothing.
  static func first(_ filter: CostFilter) -> CostDimension { next(fixed: fixed(filter)) ?? .model }

  /// nil: there is nothing left but the calls themselves.
  static func next(fixed: Set<CostDimension>) -> CostDimension? {
    order.first { dimension in
      !fixed.contains(dimension) && (dimension != .endpoint || fixed.isDisjoint(with: narrow))
    }
  }

  /// Dimensions of which one value is left.
  static func fixed(_ filter: CostFilter) -> Set<CostDimension> { Set(filter.filter { $0.value.count == 1 }.keys) }

  /// The page one level deeper than `values` of `by` (the first, or the first and the second), finally the traces.
  static func deeper(_ address: PageAddress, by: [CostDimension], values: [DimensionValue]) -> PageAddress {
    var next = address.with { $0.sort = nil; $0.ascending = false; $0.showAll = [] }
    for (dimension, value) in zip(by, values) { next = next.keeping(dimension, value.value) }
    if values.count < by.count {
      next.by = Array(by.dropFirst(values.count))
    } else if let dimension = Self.next(fixed: fixed(next.filter)) {
      next.by = [dimension]
    } else {
      return next.traces
    }
    return next
  }
}
