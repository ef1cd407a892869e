/// How a call's cost stands.
public enum CostStatus: String, Sendable, Hashable, CaseIterable {
  /// Not a call: nothing to cost.
  case none
  /// Computed from usage and price.
  case priced
  /// Some units have no price: the priced part counts, the call counts as unpriced.
  case partial
  /// No cost can be known; the reason says why.
  case unpriced
  /// The cost that came with the call is used.
  case reported
  /// Counted at another row.
  case shadowed
  /// Known to cost nothing.
  case free

  /// Counts in "how much of this total is unpriced".
  public var isUnpriced: Bool { self == .unpriced || self == .partial }
}

/// What an observation was charged before its price was changed for the first time.
public struct FirstCharge: Sendable, Hashable {
  public var status: CostStatus
  public var cost: USD?

  public init(status: CostStatus, cost: USD?) {
    self.status = status
    self.cost = cost
  }
}

/// The cost of one observation, and why.
public struct CostOutcome: Sendable, Hashable {
  public var status: CostStatus
  /// The amount that counts; nil is unknown, never zero.
  public var cost: USD?
  /// What the catalogue makes of the usage, also when a reported cost is used.
  public var computed: USD?
  /// At list prices, without the organisation's own prices and terms; nil: as `computed`.
  public var list: USD?
  /// What a call that a cache answered would have cost (`computed` of a call that cost nothing); nil: it was none.
  public var avoided: USD?
  /// Unit prices that `computed` was made with, as decided; not stored, `rateID` is.
  public var rates: CallRates?
  /// The stored `rates`.
  public var rateID: RateID?
  /// A sentence for people: the price row and tier used, or why there is no cost.
  public var reason: String
  /// The price row, "provider/model@from".
  public var price: String?
  /// Revision of catalogue and rules that priced it.
  public var revision: Int32
  /// Revision of the organisation's own prices that it was decided by.
  public var priceRevision: Int32 = 0

  public init(status: CostStatus, cost: USD? = nil, computed: USD? = nil, reason: String = "", price: String? = nil, revision: Int32 = 0) {
    self.status = status
    self.cost = cost
    self.computed = computed
    self.reason = reason
    self.price = price
    self.revision = revision
  }

  public static let none = CostOutcome(status: .none)
}
