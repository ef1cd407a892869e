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
  /// What is summed; what isn't asked for stays zero or nil. Fewer are quicker. Calls always are.
  public var measures: Set<CostMeasure>
  /// Values of the first dimension to keep, the largest by `topBy` over the whole range (with those of the period before behind them);
  /// the others are one value "Other" in every step and with every second value. "None" is kept beside them. nil: all.
  public var top: Int?
  /// A summed measure.
  public var topBy: CostMeasure

  public init(
    range: TimeRange, timeZone: String, interval: CostInterval? = nil, groupBy: [CostDimension] = [], filter: CostFilter = [:],
    measures: Set<CostMeasure> = CostMeasure.standard, top: Int? = nil, topBy: CostMeasure = .cost
  ) {
    self.range = range
    self.timeZone = timeZone
    self.interval = interval
    self.groupBy = groupBy
    self.filter = filter
    self.measures = measures
    self.top = top
    self.topBy = topBy
  }
}

/// What rows are compared with.
public enum CostComparison: Sendable, Hashable {
  /// What comes right before: as many whole months for whole months, as many days for whole days of the query's calendar (also over
  /// a change of clocks), else the same time.
  case previous
}

/// One value of a dimension.
public struct DimensionValue: Sendable, Hashable {
  /// What a filter takes; nil is "none", or the values beyond the top.
  public var value: String?
  /// What people read ("Unallocated", a key's name).
  public var label: String
  /// Palette place of a team, where it has one.
  public var colour: Int16?
  /// The values beyond `CostQuery.top` together.
  public var isOther = false
  public init(value: String?, label: String, colour: Int16? = nil) {
    self.value = value
    self.label = label
    self.colour = colour
  }

  public static let other: DimensionValue = {
    var value = DimensionValue(value: nil, label: "Other")
    value.isOther = true
    return value
  }()
}

public struct CostRow: Sendable, Hashable {
  /// In the order of `groupBy`.
  public var values: [DimensionValue]
  /// Start of the time step, when an interval was asked.
  public var start: Timestamp?
  public var measures: Measures
  /// The same values (and the step at the same place) in the period before; nil: not asked for, or there was no call.
  public var previous: Measures?
  public init(values: [DimensionValue], start: Timestamp?, measures: Measures, previous: Measures? = nil) {
    self.values = values
    self.start = start
    self.measures = measures
    self.previous = previous
  }
}

/// The answer: rows by time step, then cost descending with "Other" last; the total of all of them.
public struct CostReport: Sendable, Hashable {
  public var query: CostQuery
  public var rows: [CostRow]
  public var total: Measures
  /// The table that was read, for "where does this number come from".
  public var source: String
  /// When a comparison was asked for.
  public var previousRange: TimeRange?
  /// All of the period before, also steps that have no counterpart (the 31st against a month of 30 days).
  public var previousTotal: Measures?
  /// Declared dimensions of the organisation, for the names of `extra1` …
  public var declared: [DeclaredKey] = []
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
