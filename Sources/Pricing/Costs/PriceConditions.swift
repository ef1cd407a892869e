import Domain

/// What of a request, besides its time and size, chooses among prices: the keys and values of the catalogue's variants.
/// The one place where evidence of an observation becomes such a condition.
public struct PriceConditions: Sendable, Hashable {
  public var values: [String: String]

  public init(_ values: [String: String] = [:]) { self.values = values }

  public init(_ facts: ObservationFacts) {
    values = [:]
    guard let tier = facts.serviceTier.map(lowercased), !tier.isEmpty else { return }
    values["service_tier"] = tier
    if tier == "batch" { values["processing"] = "batch" }
  }

  /// The tier, when it is one that providers charge apart.
  var specialTier: String? {
    values["service_tier"].flatMap { Self.standardTiers.contains($0) ? nil : $0 }
  }
  private static let standardTiers: Set<String> = [
    "default", "standard", "auto", "standard_only", "on_demand", "on-demand",
  ]
}

/// The prices of one request: the row in force with the variants whose conditions it meets.
struct ResolvedPrices: Sendable {
  let model: CatalogueModel
  let row: PriceRow
  let prices: [UnitPrice]
  /// The conditions that were met, "service_tier flex".
  let variant: String?

  /// nil when the model has no row. Of several variants the first that prices a unit gives its price.
  init?(model: CatalogueModel, at time: Timestamp, conditions: PriceConditions) {
    guard let row = model.row(at: time) else { return nil }
    self.model = model
    self.row = row
    if conditions.values.isEmpty || model.variants.isEmpty {
      prices = row.prices
      variant = nil
      return
    }
    let met = model.variants.filter { variant in
      !variant.when.isEmpty && variant.validity.contains(time)
        && variant.when.allSatisfy { conditions.values[$0] == $1 }
    }
    var special: [UnitPrice] = []
    for price in met.flatMap(\.prices) where !special.contains(where: { $0.unit == price.unit }) {
      special.append(price)
    }
    prices = special + row.prices.filter { price in !special.contains { $0.unit == price.unit } }
    variant = met.first { !$0.prices.isEmpty }.map {
      $0.when.sorted { $0.key < $1.key }.map { "\($0) \($1)" }.joined(separator: ", ")
    }
  }

  func price(_ unit: PriceUnit) -> UnitPrice? { prices.first { $0.unit == unit } }
  var isFree: Bool { prices.isEmpty ? model.isFree : prices.allSatisfy(\.isFree) }
}
