/// Which ledger a month is read from.
public enum ReportView: String, Sendable, Hashable, CaseIterable, Codable {
  /// Calls as they stand now, by when they started.
  case usageMonth
  /// As booked: the closed statement with the corrections that were posted in it; before the close, what would be booked now.
  case bookedMonth
}

/// Whole days of the organisation that a report is about.
public struct ReportPeriod: Sendable, Hashable {
  /// "2026-10" when it is exactly a month.
  public var month: String?
  /// First day and the first day after, "2026-10-01".
  public var firstDay: String
  public var endDay: String
  /// The same as instants.
  public var range: TimeRange
  /// IANA name.
  public var timeZone: String

  public init(month: String?, firstDay: String, endDay: String, range: TimeRange, timeZone: String) {
    self.month = month
    self.firstDay = firstDay
    self.endDay = endDay
    self.range = range
    self.timeZone = timeZone
  }
}

/// The money of a line. List ≥ contracted as a rule; effective is what is charged back (a trusted sender's word wins over contracted).
public struct Amounts: Sendable, Hashable {
  public var list = USD.zero
  public var contracted = USD.zero
  public var effective = USD.zero
  /// Memo: what cached answers would have cost; in no other amount.
  public var avoided = USD.zero

  public init() {}
  public init(list: USD, contracted: USD, effective: USD, avoided: USD = .zero) {
    self.list = list
    self.contracted = contracted
    self.effective = effective
    self.avoided = avoided
  }

  public static func + (a: Self, b: Self) -> Amounts {
    Amounts(
      list: a.list + b.list, contracted: a.contracted + b.contracted, effective: a.effective + b.effective,
      avoided: a.avoided + b.avoided)
  }
  public static func - (a: Self, b: Self) -> Amounts {
    Amounts(
      list: a.list - b.list, contracted: a.contracted - b.contracted, effective: a.effective - b.effective,
      avoided: a.avoided - b.avoided)
  }
}

/// How a shared cost is split; the raw values are printed in reports.
public enum AllocationMethod: String, Sendable, Hashable, CaseIterable, Codable {
  /// By the teams' own effective cost of the month.
  case proportionalCost = "PROPORTIONAL_COST"
  /// The same for every team that is valid in the month.
  case even = "EVEN"
  /// By percentages that add up to 100.
  case fixedPercent = "FIXED_PCT"
}

/// Where a shared line comes from.
public struct SharedOrigin: Sendable, Hashable {
  public var pool: PoolID
  public var poolName: String
  public var method: AllocationMethod
  /// What the split went by, of this team and of all: pico-USD of own cost, 1 of so many teams, or millionths of a percent.
  public var driver: Int128
  public var driverTotal: Int128
  /// For readers of some teams: not amounts, which would tell what the others cost, but `driver` in millionths of the whole.
  public var isShareOnly = false

  public init(pool: PoolID, poolName: String, method: AllocationMethod, driver: Int128, driverTotal: Int128) {
    self.pool = pool
    self.poolName = poolName
    self.method = method
    self.driver = driver
    self.driverTotal = driverTotal
  }
}

/// A line of the cost allocation report.
public struct AllocationLine: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable, Codable {
    /// What a team's own calls cost.
    case team
    /// A team's part of a shared cost; without a team what no team could be charged.
    case shared
    /// Calls without an owner. Always there, also when it is zero.
    case unallocated
    /// A correction of a closed month, posted in this one.
    case adjustment
    case total
  }

  public var kind: Kind
  /// nil for Unallocated and the total.
  public var team: TeamID?
  /// "Search", "Unallocated", "Total".
  public var name: String
  public var costCentre: String?
  public var glAccount: String?
  public var owner: String?
  /// Further dimensions, when a breakdown was asked for, in its order.
  public var values: [DimensionValue] = []
  public var calls: Int64 = 0
  public var errors: Int64 = 0
  public var unpricedCalls: Int64 = 0
  public var usage = Usage()
  public var activeUsers: Int64?
  /// To the pico-dollar.
  public var exact = Amounts()
  /// Whole cents, rounded once by largest remainder, so that lines add up to the total's.
  public var rounded = Amounts()
  /// Effective cost of the same line in the period before; nil: not known.
  public var previous: USD?
  public var shared: SharedOrigin?
  /// The month that an adjustment corrects, "2026-09".
  public var correctionOf: String?

  public init(kind: Kind, team: TeamID? = nil, name: String) {
    self.kind = kind
    self.team = team
    self.name = name
  }
}

extension AllocationLine {
  /// Nothing of it is in this period: it stands for what it was in the period before.
  public var isGone: Bool { calls == 0 && exact == Amounts() && previous.map { $0 != .zero } == true }

  /// Of calls in the report's own period; shared costs and corrections are not.
  public var isOwn: Bool { kind == .team || kind == .unallocated }

  /// What a call cost: effective cost of the own lines over their calls with a full price, as `Measures.costPerRequest`.
  /// nil without such a call. The total has to be asked with the report's lines.
  public static func costPerRequest(_ lines: [AllocationLine]) -> USD? {
    let own = lines.filter(\.isOwn)
    return effective(own).divided(by: own.reduce(0) { $0 &+ $1.calls &- $1.unpricedCalls })
  }

  /// What a user cost who was active in the period: effective cost of the own lines, as `Measures.costPerActiveUser`.
  public static func costPerActiveUser(_ lines: [AllocationLine], users: Int64?) -> USD? {
    let own = lines.filter(\.isOwn)
    return own.isEmpty ? nil : users.flatMap { effective(own).divided(by: $0) }
  }

  private static func effective(_ lines: [AllocationLine]) -> USD { lines.reduce(.zero) { $0 + $1.exact.effective } }
}

/// The cost allocation report by team. Lines in the order they are printed: Unallocated first when it is not zero, teams by cost,
/// shared, adjustments.
public struct AllocationReport: Sendable, Hashable {
  public var organisation: String
  public var period: ReportPeriod
  public var view: ReportView
  /// Dimensions that team lines are broken down by; empty: one line a team.
  public var breakdown: [CostDimension] = []
  public var filter: CostFilter = [:]
  /// The part of the organisation that the reader sees, "team Growth", "project storefront"; nil: all of it.
  public var part: String?
  /// Declared dimensions, for names of columns.
  public var declared: [DeclaredKey] = []
  public var lines: [AllocationLine]
  /// Sum of the lines, in both forms.
  public var total: AllocationLine
  /// The month's statement; nil for other periods and the usage month.
  public var statement: Statement?
  /// "catalogue 12, own prices 3".
  public var priceSet: String
  public var generatedAt: Timestamp

  public init(
    organisation: String, period: ReportPeriod, view: ReportView, lines: [AllocationLine], total: AllocationLine,
    priceSet: String, generatedAt: Timestamp
  ) {
    self.organisation = organisation
    self.period = period
    self.view = view
    self.lines = lines
    self.total = total
    self.priceSet = priceSet
    self.generatedAt = generatedAt
  }
}
