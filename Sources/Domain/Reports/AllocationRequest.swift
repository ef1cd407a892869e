/// What a cost allocation report is asked for.
public struct AllocationRequest: Sendable, Hashable {
  public enum Period: Sendable, Hashable {
    /// "2026-10".
    case month(String)
    /// Days of the organisation's calendar, "2026-10-01": the first, and the first that is not in it any more.
    case days(from: String, to: String)
  }

  public var period: Period
  public var view: ReportView
  /// Dimensions beside the team, at most four, that team lines are broken down by.
  public var breakdown: [CostDimension]
  public var filter: CostFilter

  public init(
    period: Period, view: ReportView = .bookedMonth, breakdown: [CostDimension] = [], filter: CostFilter = [:]
  ) {
    self.period = period
    self.view = view
    self.breakdown = breakdown
    self.filter = filter
  }

  public static let breakdownMax = 4
}

/// A month that was closed, and by how much its ledger differs from what is booked of it by now.
public struct WaitingCorrection: Sendable, Hashable {
  /// "2026-09".
  public var month: String
  /// Posted when the next month is closed; zero when the books are right.
  public var amounts: Amounts
  /// Charges (day, dimensions and unit prices) that differ.
  public var charges: Int64

  public init(month: String, amounts: Amounts, charges: Int64) {
    self.month = month
    self.amounts = amounts
    self.charges = charges
  }
}

/// Why a month can't be closed or a pool not be saved, and what can be.
public struct StatementRefusal: Error, Sendable, Hashable {
  public var message: String
  public init(message: String) { self.message = message }
}
