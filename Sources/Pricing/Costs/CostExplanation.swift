import Domain

/// One bucket of a call's usage, charged.
public struct CostLine: Sendable, Hashable {
  public let bucket: UsageBucket
  /// Tokens, calls, characters, pages, images or milliseconds.
  public let quantity: Int64
  /// As listed, US dollars per `unit`; nil: no price.
  public let unitPrice: String?
  /// After the negotiated factor, per `unit`; nil: as `unitPrice`.
  public let contractedPrice: String?
  /// "million tokens".
  public let unit: String?
  /// Contracted: quantity × price, exact; nil: no price.
  public let amount: USD?
  /// At the catalogue's list price; nil: as `amount`, or the catalogue has none.
  public let list: USD?
  /// What this line adds to the cost that counts: nil when that came with the call, or the call counts elsewhere.
  public internal(set) var effective: USD?
  /// What gave the price where it was not the base row: "service_tier flex", the label of an own price.
  public let from: String?
  /// Why another price than the bucket's own was used, or why there is none.
  public let note: String?

  init(
    _ bucket: UsageBucket, _ quantity: Int64, _ charge: ChargeTable.Charge, promptTokens: Int64, list: USD?
  ) {
    let unit = charge.price.unit
    let (pico, _) = charge.pico(promptTokens: promptTokens)
    let amount = USD(pico: Int128(quantity) * Int128(pico))
    self.bucket = bucket
    self.quantity = quantity
    unitPrice = unit.price.rate(promptTokens: promptTokens).rate.decimal
    contractedPrice = unit.factor.map { _ in USD(pico: Int128(pico) * Int128(unit.price.unit.quantity)).decimal }
    self.unit = unit.price.unit.label
    self.amount = amount
    self.list = list == amount ? nil : list
    from =
      switch unit.origin {
      case .row: nil
      case .variant(let words), .own(let words): words
      }
    note = charge.price.standIn
  }

  private init(unpriced bucket: UsageBucket, _ quantity: Int64, list: USD?) {
    self.bucket = bucket
    self.quantity = quantity
    self.list = list
    (unitPrice, contractedPrice, unit, amount, from) = (nil, nil, nil, nil, nil)
    note = "no price is listed"
  }

  static func unpriced(_ bucket: UsageBucket, _ quantity: Int64, list: USD?) -> CostLine {
    CostLine(unpriced: bucket, quantity, list: list)
  }
}

/// All that led to an observation's cost, for the page "why this cost".
public struct CostExplanation: Sendable, Hashable {
  /// The price row that was used.
  public struct Price: Sendable, Hashable {
    /// "provider/model@from", or "own:12 provider/pattern@from"; as stored on the observation.
    public let label: String
    public let provider: String
    public let model: String
    public let modelName: String
    /// The rule that matched the sent name: the catalogue's, or the own price's pattern ("exact gpt-4o").
    public let rule: String
    public let validFrom: Timestamp?
    public let validTo: Timestamp?
    /// The provider's own price pages.
    public let urls: [String]
    /// Where the row stands; of an own price its source, with the day it was checked ("" when nobody did).
    public let source: PriceSource
    /// The organisation's own price; nil: the catalogue's.
    public let listing: PriceEntryID?
    /// Threshold in prompt tokens of the context tier that held; nil: the base price.
    public let tierOver: Int64?
    /// Conditions that replaced single prices, "service_tier flex".
    public let variant: String?
  }
  /// A negotiated factor that was applied.
  public struct Term: Sendable, Hashable {
    public let id: PriceEntryID
    public let factor: String
    /// "every model of openai".
    public let scope: String
    public let source: String
  }
  /// A price of the same name that was not used.
  public struct Considered: Sendable, Hashable {
    public let label: String
    /// "not in force before 2027-01-01", "asks for service_tier flex".
    public let why: String
  }
  public internal(set) var outcome: CostOutcome
  /// Decision's provider and model.
  public internal(set) var provider: String?
  public internal(set) var model: String?
  public internal(set) var price: Price?
  public internal(set) var term: Term?
  /// Evidence that prices can depend on, "region eu or eu-west-1", and the conditions that were met by it.
  public internal(set) var evidence: String = ""
  public internal(set) var conditionsMet: [String] = []
  public internal(set) var lines: [CostLine] = []
  /// At most `mostConsidered`.
  public internal(set) var considered: [Considered] = []
  public static let mostConsidered = 8
  /// What came with the call, unless its key ignores that.
  public internal(set) var reported: ReportedCost?
  /// In order: the model, the price row, the tier, what stood in, what was chosen.
  public internal(set) var sentences: [String] = []
}
