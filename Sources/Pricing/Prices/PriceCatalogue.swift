import Domain

/// Where the catalogue's rows come from; shown beside each price.
public struct PriceSource: Sendable, Hashable, Codable {
  public let name: String
  public let version: String
  public let url: String
  public let licence: String
  /// Day on which the rows were taken, "2026-11-22".
  public let checked: String
}

/// Who sells models, and under what names.
public struct CatalogueProvider: Sendable {
  public let id: String
  public let name: String
  /// The provider's own price pages.
  public let urls: [String]
  /// Names of models that are this provider's own.
  let modelMatch: MatchRule?
  /// Names by which senders mean this provider.
  let providerMatch: MatchRule?
  /// Providers whose prices hold here for models that this one does not list.
  public let fallback: [String]
}

/// The price list: data only, indexed for look-ups. Made once and shared.
public struct PriceCatalogue: Sendable {
  /// The backbone's.
  public let source: PriceSource
  /// What `UnitPrice.origin` counts: the backbone, then the overlay and its price pages.
  public let origins: [PriceSource]
  /// In the catalogue's order, which decides ties.
  public let providers: [CatalogueProvider]
  public let models: [CatalogueModel]
  /// The checked day as a number, YYYYMMDD.
  public let day: Int32

  let providerIndex: [String: Int]
  /// As `providerIndex`, by `ProviderName.key`.
  let providerKeys: [String: Int]
  /// By position in `providers`.
  let shelves: [Shelf]
  /// Exact name to the models that go by it, in order.
  let sellers: [String: [Int]]

  /// One provider's models, by name and by family rule.
  struct Shelf: Sendable {
    var exact: [String: Int] = [:]
    /// Most specific first, then in the catalogue's order.
    var families: [FamilyRule] = []
  }

  init(
    source: PriceSource, origins: [PriceSource]? = nil, providers: [CatalogueProvider], models: [CatalogueModel],
    day: Int32
  ) {
    self.source = source
    self.origins = origins ?? [source]
    self.providers = providers
    self.models = models
    self.day = day
    let index = Dictionary(providers.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    providerIndex = index
    providerKeys = Dictionary(
      providers.enumerated().map { (ProviderName.key($1.id), $0) }, uniquingKeysWith: { first, _ in first })
    var shelves = [Shelf](repeating: Shelf(), count: providers.count)
    var sellers: [String: [Int]] = [:]
    for (i, model) in models.enumerated() {
      guard let shelf = index[model.provider] else { continue }
      for name in model.match.names where shelves[shelf].exact[name] == nil {
        shelves[shelf].exact[name] = i
        // Another seller's price must not make a name ambiguous that the backbone knows from one.
        if model.isOverlaid, let first = sellers[name]?.first, !models[first].isOverlaid { continue }
        sellers[name, default: []].append(i)
      }
      shelves[shelf].families += Self.families(of: model, at: i)
    }
    // An entry's own id is a name of it unless another entry claims it.
    for (i, model) in models.enumerated() {
      let id = model.id.lowercased()
      guard let shelf = index[model.provider], shelves[shelf].exact[id] == nil else { continue }
      shelves[shelf].exact[id] = i
      sellers[id, default: []].append(i)
    }
    for i in shelves.indices {
      shelves[i].families.sort { ($1.specificity, $0.model) < ($0.specificity, $1.model) }
    }
    self.shelves = shelves
    self.sellers = sellers
  }

  private static func families(of model: CatalogueModel, at index: Int) -> [FamilyRule] {
    zip(model.match.alternatives, model.match.texts).compactMap { clauses, text in
      if clauses.count == 1, case .equals = clauses[0] { return nil }
      return FamilyRule(model: index, clauses: clauses, text: text, specificity: clauses.map(\.literalCount).max() ?? 0)
    }
  }

  /// Where a price of this catalogue comes from.
  public func source(of price: UnitPrice) -> PriceSource {
    origins.indices.contains(Int(price.origin)) ? origins[Int(price.origin)] : source
  }

  public func provider(_ id: String) -> CatalogueProvider? { providerIndex[id].map { providers[$0] } }
}
