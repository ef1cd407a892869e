import Domain

/// All that led to an observation's cost, for the page "why this cost".
public struct CostExplanation: Sendable, Hashable {
  /// The price row that was used.
  public struct Price: Sendable, Hashable {
    /// "provider/model@from", as stored on the observation.
    public let label: String
    public let provider: String
    public let model: String
    public let modelName: String
    /// The catalogue's rule that matched the sent name.
    public let rule: String
    public let validFrom: Timestamp?
    public let validTo: Timestamp?
    /// The provider's own price pages.
    public let urls: [String]
    public let source: PriceSource
    /// Threshold in prompt tokens of the context tier that held; nil: the base price.
    public let tierOver: Int64?
    /// Conditions that replaced single prices, "service_tier flex".
    public let variant: String?
  }
  public var outcome: CostOutcome
  /// Decision's provider and model.
  public var provider: String?
  public var model: String?
  public var price: Price?
  public var lines: [CostLine] = []
  /// What came with the call.
  public var reported: ReportedCost?
  /// In order: the model, the price row, the tier, what stood in, what was chosen.
  public var sentences: [String] = []
}
