/// What a cost report can be grouped and filtered by. Raw values are the names in URLs and JSON.
public enum CostDimension: String, Sendable, Hashable, CaseIterable, Codable {
  case project, team, model, provider, endpoint, environment, userGroup, user, key, kind, service
  /// Declared metadata keys by place (`DeclaredKey`); what people read is the key's label.
  case extra1, extra2, extra3, extra4

  /// 1…4 of a declared key.
  public var place: Int? {
    switch self {
    case .extra1: 1
    case .extra2: 2
    case .extra3: 3
    case .extra4: 4
    default: nil
    }
  }
  public static let extras: [CostDimension] = [.extra1, .extra2, .extra3, .extra4]
}

/// Length of a report's time steps; they begin in the query's time zone.
public enum CostInterval: String, Sendable, Hashable, CaseIterable, Codable { case hour, day, month }

/// Values to keep per dimension, as written in URLs: project slug, team name, group name, public key, else the plain text.
/// The empty text stands for "none" (Unallocated for a team).
public typealias CostFilter = [CostDimension: [String]]

/// A question about cost.
public struct CostQuery: Sendable, Hashable {
  public var range: TimeRange
  /// IANA name.
  public var timeZone: String
  public var interval: CostInterval?
  /// None, one or two dimensions.
  public var groupBy: [CostDimension]
  public var filter: CostFilter

  public init(
    range: TimeRange, timeZone: String, interval: CostInterval? = nil, groupBy: [CostDimension] = [], filter: CostFilter = [:]
  ) {
    self.range = range
    self.timeZone = timeZone
    self.interval = interval
    self.groupBy = groupBy
    self.filter = filter
  }
}

/// Sums over calls.
public struct Measures: Sendable, Hashable {
  public var calls: Int64 = 0
  public var errors: Int64 = 0
  /// Calls without a full price; their unknown part is not in `cost`.
  public var unpricedCalls: Int64 = 0
  public var usage = Usage()
  /// Effective cost; nil only when no call in it has a cost.
  public var cost: USD?
  /// At list prices and at the organisation's own prices and terms, over the calls that have a cost; nil as `cost`.
  public var listCost: USD?
  public var contractedCost: USD?
  /// What calls that a cache answered would have cost; in no other sum.
  public var avoidedCost: USD = .zero

  public init() {}
  public static func + (a: Measures, b: Measures) -> Measures {
    var sum = Measures()
    sum.calls = a.calls &+ b.calls
    sum.errors = a.errors &+ b.errors
    sum.unpricedCalls = a.unpricedCalls &+ b.unpricedCalls
    sum.usage = a.usage + b.usage
    sum.cost = a.cost.map { $0 + (b.cost ?? .zero) } ?? b.cost
    sum.listCost = a.listCost.map { $0 + (b.listCost ?? .zero) } ?? b.listCost
    sum.contractedCost = a.contractedCost.map { $0 + (b.contractedCost ?? .zero) } ?? b.contractedCost
    sum.avoidedCost = a.avoidedCost + b.avoidedCost
    return sum
  }
  /// Share of prompt tokens that came from the provider's cache, 0…1; nil without prompt tokens.
  public var cacheHitRate: Double? {
    let input = usage.inputTokens
    return input > 0 ? Double(usage[.cacheRead] &+ usage[.cacheReadAudio]) / Double(input) : nil
  }
}

/// One value of a dimension.
public struct DimensionValue: Sendable, Hashable {
  /// What a filter takes; nil is "none".
  public var value: String?
  /// What people read ("Unallocated", a key's name).
  public var label: String
  /// Palette place of a team, where it has one.
  public var colour: Int16?
  public init(value: String?, label: String, colour: Int16? = nil) {
    self.value = value
    self.label = label
    self.colour = colour
  }
}

public struct CostRow: Sendable, Hashable {
  /// In the order of `groupBy`.
  public var values: [DimensionValue]
  /// Start of the time step, when an interval was asked.
  public var start: Timestamp?
  public var measures: Measures
  public init(values: [DimensionValue], start: Timestamp?, measures: Measures) {
    self.values = values
    self.start = start
    self.measures = measures
  }
}

/// The answer: rows by time step, then cost descending; the total of all of them.
public struct CostReport: Sendable, Hashable {
  public var query: CostQuery
  public var rows: [CostRow]
  public var total: Measures
  /// The table that was read, for "where does this number come from".
  public var source: String
  public init(query: CostQuery, rows: [CostRow], total: Measures, source: String) {
    self.query = query
    self.rows = rows
    self.total = total
    self.source = source
  }
}

/// A question that can't be answered, with what would be accepted instead.
public struct CostQueryRefusal: Error, Sendable, Hashable {
  public var message: String
  public init(message: String) { self.message = message }
}
