import Domain
import Postgres

/// A table that can answer cost queries, smallest first.
enum CostSource: String, CaseIterable {
  case spendHour = "spend_hour"
  case spendEndpointHour = "spend_endpoint_hour"
  case spendUserDay = "spend_user_day"
  /// Stand in for whole days of their tables by hour; never chosen by themselves.
  case spendDay = "spend_day"
  case spendEndpointDay = "spend_endpoint_day"
  case observations = "observations"

  static let rollups: [CostSource] = [.spendHour, .spendEndpointHour, .spendUserDay]
  /// Length of the range that observations answer, with an hour for a change of clocks.
  static let observationDaysMax: Int64 = 31

  var dimensions: Set<CostDimension> {
    switch self {
    case .spendHour, .spendDay: [.project, .team, .environment, .service, .provider, .model, .kind]
    case .spendEndpointHour, .spendEndpointDay: [.project, .team, .environment, .endpoint, .model]
    case .spendUserDay: [.project, .team, .user, .model]
    case .observations: Set(CostDimension.allCases)
    }
  }

  /// The table with the same sums by day.
  var days: CostSource? {
    switch self {
    case .spendHour: .spendDay
    case .spendEndpointHour: .spendEndpointDay
    case .spendUserDay, .spendDay, .spendEndpointDay, .observations: nil
    }
  }

  /// The table's column of a dimension. In rollups '' and team 0 stand for "none", in observations NULL does.
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
    case .project, .userGroup, .key, .kind: return SQL(column)
    case .team: return self == .observations ? "\(unescaped: column)" : "nullif(\(unescaped: column), 0)"
    case .model, .provider, .endpoint, .environment, .user, .service, .extra1, .extra2, .extra3, .extra4: return "nullif(\(unescaped: column), '')"
    }
  }

  /// calls, errors, unpriced, costed, cost_pico and the buckets of one row, in this order and of one type for every
  /// table.
  var measures: SQL {
    guard self == .observations else {
      return SQL((MeasureColumns.counts + ["cost_pico"] + MeasureColumns.usage).joined(separator: ", "))
    }
    let counts: SQL = """
      1::bigint as calls, (\(Self.isError("level")))::integer::bigint as errors,
      (\(Self.isUnpriced("cost_status")))::integer::bigint as unpriced,
      (cost_pico is not null)::integer::bigint as costed, cost_pico::numeric as cost_pico
      """
    return ([counts] + MeasureColumns.usage.map { SQL($0) }).joined(by: ", ")
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
