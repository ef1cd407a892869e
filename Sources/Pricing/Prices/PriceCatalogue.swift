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

/// The price list: data only; `ModelIndex` makes it ready for look-ups. Made once and shared.
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

  init(
    source: PriceSource, origins: [PriceSource]? = nil, providers: [CatalogueProvider], models: [CatalogueModel],
    day: Int32
  ) {
    self.source = source
    self.origins = origins ?? [source]
    self.providers = providers
    self.models = models
    self.day = day
    providerIndex = Dictionary(
      providers.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    providerKeys = Dictionary(
      providers.enumerated().map { (ProviderName.key($1.id), $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Where a price of this catalogue comes from.
  public func source(of price: UnitPrice) -> PriceSource {
    origins.indices.contains(Int(price.origin)) ? origins[Int(price.origin)] : source
  }

  public func provider(_ id: String) -> CatalogueProvider? { providerIndex[id].map { providers[$0] } }
}
