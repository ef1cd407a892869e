import Domain
import Postgres

/// A table that can answer cost queries, smallest first.
enum CostSource: String, CaseIterable {
  case spendHour = "spend_hour"
  case spendEndpointHour = "spend_endpoint_hour"
  case spendGroupHour = "spend_group_hour"
  case spendUserDay = "spend_user_day"
  case chargesDay = "charges_day"
  case observations = "observations"
  /// Stand in for whole days of their tables by hour; never chosen by themselves.
  case spendDay = "spend_day"
  case spendEndpointDay = "spend_endpoint_day"
  case spendGroupDay = "spend_group_day"
  /// Stand in for whole months.
  case spendMonth = "spend_month"
  case spendEndpointMonth = "spend_endpoint_month"
  case spendGroupMonth = "spend_group_month"
  case spendUserMonth = "spend_user_month"
  /// Stand in for days from the first of a month on.
  case spendToDate = "spend_to_date"
  case spendEndpointToDate = "spend_endpoint_to_date"
  case spendGroupToDate = "spend_group_to_date"

  static let rollups: [CostSource] = [.spendHour, .spendEndpointHour, .spendGroupHour, .spendUserDay, .chargesDay]
  /// Length of the range that observations answer, with an hour for a change of clocks.
  static let observationDaysMax: Int64 = 31

  /// What one row sums, and the column that says when.
  enum Grain: String { case call = "started_at", hour, day, month }

  var grain: Grain {
    switch self {
    case .observations: .call
    case .spendHour, .spendEndpointHour, .spendGroupHour: .hour
    case .spendDay, .spendEndpointDay, .spendGroupDay, .spendUserDay, .chargesDay: .day
    case .spendToDate, .spendEndpointToDate, .spendGroupToDate: .day
    case .spendMonth, .spendEndpointMonth, .spendGroupMonth, .spendUserMonth: .month
    }
  }

  var dimensions: Set<CostDimension> {
    switch self {
    case .spendHour, .spendDay, .spendMonth, .spendToDate: [.project, .team, .environment, .service, .provider, .model, .kind]
    case .spendEndpointHour, .spendEndpointDay, .spendEndpointMonth, .spendEndpointToDate:
      [.project, .team, .environment, .endpoint, .model]
    case .spendGroupHour, .spendGroupDay, .spendGroupMonth, .spendGroupToDate: [.project, .team, .userGroup, .key, .model]
    case .spendUserDay, .spendUserMonth: [.project, .team, .userGroup, .user, .model]
    case .chargesDay: Set(CostDimension.allCases).subtracting([.user])
    case .observations: Set(CostDimension.allCases)
    }
  }

  func hasColumns(of measures: Set<CostMeasure>) -> Bool {
    !measures.contains(.latency) || [.spendHour, .spendDay, .spendMonth, .spendToDate, .observations].contains(self)
  }

  /// The table with the same sums by day.
  var days: CostSource? {
    switch self {
    case .spendHour: .spendDay
    case .spendEndpointHour: .spendEndpointDay
    case .spendGroupHour: .spendGroupDay
    default: nil
    }
  }

  /// The table with the same sums by month.
  var months: CostSource? {
    switch self {
    case .spendHour: .spendMonth
    case .spendEndpointHour: .spendEndpointMonth
    case .spendGroupHour: .spendGroupMonth
    case .spendUserDay: .spendUserMonth
    default: nil
    }
  }

  /// The table with sums of the month up to each day.
  var toDate: CostSource? {
    switch self {
    case .spendHour: .spendToDate
    case .spendEndpointHour: .spendEndpointToDate
    case .spendGroupHour: .spendGroupToDate
    default: nil
    }
  }

  /// The table's column of a dimension. In sums '' and 0 stand for "none", in observations NULL does.
  func column(_ dimension: CostDimension) -> String {
    switch dimension {
    case .project: "project_id"
    case .team: "team_id"
    case .model: "model"
    case .provider: "provider"
    case .endpoint: "endpoint"
    case .environment: "environment"
    case .userGroup: "user_group_id"
    case .user: "user_id"
    case .key: "key_id"
    case .kind: "kind"
    case .service: "service"
    case .extra1: "extra_1"
    case .extra2: "extra_2"
    case .extra3: "extra_3"
    case .extra4: "extra_4"
    }
  }

  /// The dimension's value with NULL for "none", of one type for every table.
  func value(_ dimension: CostDimension) -> SQL {
    let column = column(dimension)
    switch dimension {
    case .project, .kind: return SQL(column)
    case .team, .userGroup, .key: return self == .observations ? SQL(column) : "nullif(\(unescaped: column), 0)"
    case .model, .provider, .endpoint, .environment, .user, .service, .extra1, .extra2, .extra3, .extra4:
      return "nullif(\(unescaped: column), '')"
    }
  }

  /// What reports count as a failed call and trace lists look for.
  static func isError(_ level: String) -> SQL {
    "\(unescaped: level) is not distinct from \(unescaped: String(ObservationLevel.error.code))"
  }

  /// What reports count as unpriced and trace lists look for.
  static func isUnpriced(_ status: String) -> SQL {
    let codes = CostStatus.allCases.filter(\.isUnpriced).map { String($0.code) }.joined(separator: ", ")
    return "\(unescaped: status) in (\(unescaped: codes))"
  }
}
