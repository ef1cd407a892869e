/// The unit prices that a call was charged at: usage times these is its computed cost, exactly. One object for all calls of a price
/// row and its conditions, made by `Pricing` and compared by content.
public final class CallRates: Sendable, Hashable {
  /// Price row, "provider/model@from".
  public let price: String
  /// Conditions that the row was met under, in words: "service_tier batch, region eu".
  public let variant: String?
  /// Threshold in prompt tokens of the context tier that held; nil: the base price.
  public let contextOver: Int64?
  /// Pico-USD per smallest unit (token, request, millisecond …) by position in `UsageBucket.allCases`; nil: no price.
  public let contracted: [Int64?]
  /// The same at list prices.
  public let list: [Int64?]
  /// A call that counted no request is charged for one.
  public let chargesRequests: Bool

  public init(
    price: String, variant: String?, contextOver: Int64?, contracted: [Int64?], list: [Int64?], chargesRequests: Bool
  ) {
    self.price = price
    self.variant = variant
    self.contextOver = contextOver
    self.contracted = contracted
    self.list = list
    self.chargesRequests = chargesRequests
  }

  public static func == (a: CallRates, b: CallRates) -> Bool {
    if a === b { return true }
    return a.price == b.price && a.variant == b.variant && a.contextOver == b.contextOver && a.contracted == b.contracted
      && a.list == b.list && a.chargesRequests == b.chargesRequests
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(price)
    hasher.combine(variant)
    hasher.combine(contextOver)
    hasher.combine(contracted)
  }
}
