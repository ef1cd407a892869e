import Domain

/// A price of one unit, and where it comes from.
struct PricedUnit: Sendable {
  enum Origin: Sendable, Hashable {
    case row
    /// What was met, "service_tier flex".
    case variant(String)
    /// The label of an own listing.
    case own(String)
  }
  let price: UnitPrice
  let origin: Origin
  /// nil: as listed.
  var factor: Factor?
}

/// The prices that hold for one request: one for each unit.
struct PriceSet: Sendable {
  let units: [PricedUnit]
  /// Whose and which model, for the rules on what may stand in.
  let provider: String
  let model: String

  func price(_ unit: PriceUnit) -> PricedUnit? { units.first { $0.price.unit == unit } }
  var isFree: Bool { !units.isEmpty && units.allSatisfy(\.price.isFree) }

  /// The catalogue's row, with the variants whose conditions are met.
  init(_ model: CatalogueModel, _ row: PriceRow, variants: [PriceVariant]) {
    self.init(
      special: variants.flatMap { variant in
        variant.prices.map { PricedUnit(price: $0, origin: .variant(variant.when.words)) }
      }, base: row.prices.map { PricedUnit(price: $0, origin: .row) }, provider: model.provider, model: model.id)
  }

  /// Of several special prices of a unit the first holds.
  init(special: [PricedUnit], base: [PricedUnit], provider: String, model: String) {
    var units: [PricedUnit] = []
    for one in special + base where !units.contains(where: { $0.price.unit == one.price.unit }) { units.append(one) }
    self.units = units
    self.provider = provider
    self.model = model
  }
}

extension CatalogueModel {
  /// Variants whose conditions are met at `time`, the most specific first; of equal ones that about the tier, which changes a price
  /// more than the region does. Of one set of conditions only the latest prices hold.
  func variants(at time: Timestamp, _ conditions: PriceConditions) -> [PriceVariant] {
    if variants.isEmpty { return [] }
    let met = variants.enumerated().filter { _, variant in
      !variant.when.isEmpty && !variant.prices.isEmpty && variant.validity.contains(time) && conditions.meet(variant.when)
    }
    let latest = met.filter { _, variant in
      !met.contains { _, other in
        other.when == variant.when && (other.validity.daily == nil) == (variant.validity.daily == nil)
          && (other.validity.from ?? .distantPast) > (variant.validity.from ?? .distantPast)
      }
    }
    return latest.sorted { a, b in
      (-a.element.specificity, a.element.isAboutTier ? 0 : 1, a.offset)
        < (-b.element.specificity, b.element.isAboutTier ? 0 : 1, b.offset)
    }.map(\.element)
  }
}

extension PriceVariant {
  /// Hours of the day are a condition too; whose list it is says nothing about the request.
  var specificity: Int { when.count - (when["provider"] == nil ? 0 : 1) + (validity.daily == nil ? 0 : 1) }
  var isAboutTier: Bool { when.keys.contains { $0 == "service_tier" || $0 == "processing" || $0 == "speed" } }
}

extension [String: String] {
  /// "processing batch, region eu".
  var words: String { sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ") }
}

extension Timestamp {
  static let distantPast = Timestamp(microseconds: .min)
  static let distantFuture = Timestamp(microseconds: .max)
}
