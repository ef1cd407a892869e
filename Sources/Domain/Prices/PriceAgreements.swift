/// What an organisation pays when that differs from the catalogue: price rows of its own, negotiated terms, names of its
/// own for models, and providers whose catalogue prices it doesn't want. All are dated; none is ever overwritten.
public struct PriceAgreements: Sendable, Hashable {
  public var listings: [PriceListing]
  public var terms: [PriceTerm]
  public var aliases: [ModelAlias]
  /// Lower-case provider ids whose catalogue prices don't hold.
  public var withoutCatalogue: Set<String>
  /// What a cost that came with a call is worth, by the key it came with; the default of its source where the key says
  /// nothing. A setting of keys: imports and exports leave it alone.
  public var costTrust: [KeyID: CostTrust]
  /// Rises with every change of the above; 0 where nothing was ever agreed.
  public var revision: Int32

  public init(
    listings: [PriceListing] = [], terms: [PriceTerm] = [], aliases: [ModelAlias] = [], withoutCatalogue: Set<String> = [],
    revision: Int32 = 0, costTrust: [KeyID: CostTrust] = [:]
  ) {
    self.costTrust = costTrust
    self.listings = listings
    self.terms = terms
    self.aliases = aliases
    self.withoutCatalogue = withoutCatalogue
    self.revision = revision
  }
}

/// Which sent model names an entry is for. Names are compared in lower case.
public struct NamePattern: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case exact, prefix, suffix, contains, regex
  }
  public var kind: Kind
  /// A regular expression (PCRE2) is searched for anywhere unless anchored.
  public var text: String

  public init(_ kind: Kind, _ text: String) {
    self.kind = kind
    self.text = text
  }
}

/// From `from` on, until before `to`; nil is open.
public struct DatedRange: Sendable, Hashable {
  public var from: Timestamp?
  public var to: Timestamp?

  public init(from: Timestamp? = nil, to: Timestamp? = nil) {
    self.from = from
    self.to = to
  }

  public func contains(_ time: Timestamp) -> Bool {
    if let from, time < from { return false }
    if let to, time >= to { return false }
    return true
  }
}

/// A price row of an organisation. It wins over the catalogue.
public struct PriceListing: Sendable, Hashable {
  public var id: PriceEntryID
  /// nil: whoever the provider is.
  public var provider: String?
  public var pattern: NamePattern
  public var dates: DatedRange
  /// All must be met: "service_tier" "batch", "region" "eu" … as the catalogue's variants name them.
  public var conditions: [String: String]
  /// By the catalogue's unit key ("input_mtok"): US dollars, with context tiers, "1.25 >200000:2.5".
  public var prices: [String: String]
  /// Where the price stands: a contract, a page.
  public var source: String
  /// When somebody last compared it with its source.
  public var checkedAt: Timestamp?

  public init(
    id: PriceEntryID, provider: String? = nil, pattern: NamePattern, dates: DatedRange = DatedRange(),
    conditions: [String: String] = [:], prices: [String: String], source: String, checkedAt: Timestamp? = nil
  ) {
    self.id = id
    self.provider = provider
    self.pattern = pattern
    self.dates = dates
    self.conditions = conditions
    self.prices = prices
    self.source = source
    self.checkedAt = checkedAt
  }
}

/// A negotiated factor on list prices. The first that fits, most specific first, makes the contracted cost.
public struct PriceTerm: Sendable, Hashable {
  public var id: PriceEntryID
  /// nil: of every provider.
  public var provider: String?
  /// nil: every model.
  public var pattern: NamePattern?
  public var dates: DatedRange
  /// On the list price: "0.85" is 15 % off. Zero to 100, at most 9 decimal places.
  public var factor: String
  public var source: String

  public init(
    id: PriceEntryID, provider: String? = nil, pattern: NamePattern? = nil, dates: DatedRange = DatedRange(), factor: String,
    source: String
  ) {
    self.id = id
    self.provider = provider
    self.pattern = pattern
    self.dates = dates
    self.factor = factor
    self.source = source
  }
}

/// What a name of the organisation's own stands for: an Azure deployment, an inference-profile ARN.
public struct ModelAlias: Sendable, Hashable {
  public var id: PriceEntryID
  /// nil: whoever the provider is said to be.
  public var provider: String?
  public var pattern: NamePattern
  public var dates: DatedRange
  /// nil: as sent.
  public var targetProvider: String?
  /// A name that the catalogue or a listing knows.
  public var targetModel: String

  public init(
    id: PriceEntryID, provider: String? = nil, pattern: NamePattern, dates: DatedRange = DatedRange(),
    targetProvider: String? = nil, targetModel: String
  ) {
    self.id = id
    self.provider = provider
    self.pattern = pattern
    self.dates = dates
    self.targetProvider = targetProvider
    self.targetModel = targetModel
  }
}
