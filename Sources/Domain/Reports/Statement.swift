/// A month's books.
public struct Statement: Sendable, Hashable {
  public enum State: String, Sendable, Hashable, CaseIterable, Codable {
    /// The month is not over.
    case open
    /// Over; late calls are waited for (72 hours by default).
    case closing
    /// Over and waited for: can be closed.
    case ready
    /// Before the first closed month: what its calls cost is posted as corrections in later months.
    case before
    /// Frozen: nobody can change it, what is found later becomes a correction in another month.
    case closed
  }

  public var period: ReportPeriod
  public var state: State
  /// From when on it can be closed.
  public var closableFrom: Timestamp
  /// Set when closed.
  public var id: StatementID?
  public var closedAt: Timestamp?
  public var closedBy: String?
  public var comment: String?
  /// Of the canonical CSV, lower-case hex.
  public var sha256: String?
  /// Effective cost, corrections included.
  public var total: USD?

  public init(period: ReportPeriod, state: State, closableFrom: Timestamp) {
    self.period = period
    self.state = state
    self.closableFrom = closableFrom
  }
}

/// From the usage month to the booked month: why the two differ.
public struct StatementBridge: Sendable, Hashable {
  /// The ledger of the month as it stands.
  public var ledger: USD
  /// What the statement froze of the month's own calls; nil before the close.
  public var frozen: USD?
  /// Changes of this month since its close that were posted in later months, and those that wait for the next close.
  public var postedLater: USD
  public var waiting: USD
  /// Corrections of earlier months that were posted in this one.
  public var corrections: USD
  /// Shared costs charged in this month.
  public var shared: USD
  /// frozen (or ledger) + corrections + shared.
  public var booked: USD

  public init(ledger: USD, frozen: USD?, postedLater: USD, waiting: USD, corrections: USD, shared: USD, booked: USD) {
    self.ledger = ledger
    self.frozen = frozen
    self.postedLater = postedLater
    self.waiting = waiting
    self.corrections = corrections
    self.shared = shared
    self.booked = booked
  }
}

/// A cost that is not one team's: a GPU node, a platform fee. Charged each month from the first to before the last.
public struct CostPool: Sendable, Hashable {
  public enum Amount: Sendable, Hashable {
    case monthly(USD)
    /// Hours in a month as a decimal text ("720", "172.5").
    case hourly(USD, hours: String)
  }

  public var id: PoolID
  public var name: String
  public var amount: Amount
  /// "on-demand", "spot", "reserved" or any other words.
  public var purchase: String?
  public var method: AllocationMethod
  /// Percentages as decimal texts, for `fixedPercent`.
  public var percentages: [TeamID: String]
  /// "2026-10"; `monthTo` is the first month without it.
  public var monthFrom: String
  public var monthTo: String?

  public init(
    id: PoolID, name: String, amount: Amount, purchase: String?, method: AllocationMethod,
    percentages: [TeamID: String] = [:], monthFrom: String, monthTo: String? = nil
  ) {
    self.id = id
    self.name = name
    self.amount = amount
    self.purchase = purchase
    self.method = method
    self.percentages = percentages
    self.monthFrom = monthFrom
    self.monthTo = monthTo
  }
}
