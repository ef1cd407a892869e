import Domain

/// What an allocation report is asked for, as its address says it.
public struct AllocationChoice: Sendable, Hashable {
  /// "2026-10"; nil: the days.
  public var month: String?
  /// First and last day, both included, "2026-10-01".
  public var from: String?
  public var to: String?
  public var view: ReportView
  public var breakdown: [CostDimension]
  public var filter: CostFilter

  public init(
    month: String?, from: String? = nil, to: String? = nil, view: ReportView = .bookedMonth, breakdown: [CostDimension] = [],
    filter: CostFilter = [:]
  ) {
    self.month = month
    self.from = from
    self.to = to
    self.view = month == nil ? .usageMonth : view
    self.breakdown = breakdown
    self.filter = filter
  }

  /// What a team's cost can be split by.
  public static let breakdowns: [CostDimension] = [.project, .environment, .model, .endpoint, .userGroup]

  public var url: String { Route.query(Route.allocation, fields) }

  /// The same as a file. `dialect` is "excel" for a CSV that Excel opens in Europe.
  public func file(_ format: String, dialect: String? = nil) -> String {
    Route.query(Route.allocationFile, [("format", format), ("dialect", dialect)] + fields)
  }

  func with(_ change: (inout AllocationChoice) -> Void) -> AllocationChoice {
    var copy = self
    change(&copy)
    return copy
  }

  func keeping(_ dimension: CostDimension, _ value: String?) -> AllocationChoice {
    with { $0.filter[dimension] = [value ?? ""] }
  }

  /// The same calls on another page; that one's days end included, as here.
  func elsewhere(_ path: String, _ period: ReportPeriod) -> PageAddress {
    var address = PageAddress(path: path)
    address.range = .custom(from: Moment(period.firstDay), to: Moment(CalendarWords.before(period.endDay)))
    address.filter = filter
    return address
  }

  private var fields: [(String, String?)] {
    var fields: [(String, String?)] = [("month", month), ("from", from), ("to", to), ("view", view == .usageMonth ? view.rawValue : nil)]
    for dimension in breakdown { fields.append(("breakdown", dimension.rawValue)) }
    // "-" is none, as everywhere in addresses of pages.
    for dimension in CostDimension.allCases {
      for value in filter[dimension] ?? [] { fields.append((dimension.rawValue, value.allSatisfy { $0 == "-" } ? value + "-" : value)) }
    }
    return fields
  }
}

extension AllocationChoice {
  /// "October 2026" of "2026-10".
  public static func name(ofMonth month: String) -> String { CalendarWords.month(month) }
  /// "booked month".
  public static func name(of view: ReportView) -> String { ReportWords.view(view).lowercased() }
}
