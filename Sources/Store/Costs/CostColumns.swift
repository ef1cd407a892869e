import Domain
import Postgres

/// The columns that a set of measures needs, in one order for statements and rows: calls, costed when there is money,
/// other counts, money, buckets, the latency histogram.
struct CostColumns: Sendable {
  private var measures: Set<CostMeasure>
  private var buckets: [UsageBucket]
  private var money: [CostMeasure]
  /// Columns of sums by name.
  var names: [String]

  init(_ measures: Set<CostMeasure>) {
    self.measures = measures
    buckets = UsageBucket.allCases.filter { measures.contains(.usage($0)) }
    money = [.cost, .listCost, .contractedCost, .avoidedCost].filter(measures.contains)
    names = ["calls"]
    if !money.isEmpty { names.append("costed") }
    if measures.contains(.errors) { names.append("errors") }
    if measures.contains(.unpriced) { names.append("unpriced") }
    names += money.map(Self.column)
    names += buckets.map(\.column)
    if measures.contains(.latency) { names += MeasureColumns.latency }
  }

  /// The column that rows are ranked by.
  static func column(_ measure: CostMeasure) -> String {
    switch measure {
    case .calls, .users, .activeUsers, .latency: "calls"
    case .errors: "errors"
    case .unpriced: "unpriced"
    case .cost: "cost_pico"
    case .listCost: "list_cost_pico"
    case .contractedCost: "contracted_cost_pico"
    case .avoidedCost: "avoided_cost_pico"
    case .usage(let bucket): bucket.column
    }
  }

  /// Of one row of a table, named as in sums; of sums that are taken away the negative.
  func values(_ table: CostSource, isTaken: Bool = false) -> SQL {
    if isTaken { return SQL(names.map { "-\($0) as \($0)" }.joined(separator: ", ")) }
    guard table == .observations else { return SQL(names.joined(separator: ", ")) }
    return names.map { "\(Self.ofCall($0)) as \(unescaped: $0)" }.joined(by: ", ")
  }

  /// What calls need beside their columns.
  var callJoin: SQL { measures.contains(.latency) ? Self.latencyPlace : .empty }

  /// Over rows of `values`.
  var sums: [String] {
    names.map { name in
      if name.hasSuffix("_pico") { return "sum(\(name)) as \(name)" }
      return "coalesce(sum(\(name)), 0)::bigint as \(name)"
    }
  }

  private static func ofCall(_ name: String) -> SQL {
    switch name {
    case "calls": "1::bigint"
    case "errors": "(\(CostSource.isError("level")))::integer::bigint"
    case "unpriced": "(\(CostSource.isUnpriced("cost_status")))::integer::bigint"
    case "costed": "(cost_pico is not null)::integer::bigint"
    case "cost_pico": "coalesce(cost_pico, 0)::numeric"
    // A call without a cost adds nothing to any of them.
    case "contracted_cost_pico":
      "case when cost_pico is null then 0 else coalesce(computed_cost_pico, cost_pico) end::numeric"
    case "list_cost_pico":
      "case when cost_pico is null then 0 else coalesce(list_cost_pico, computed_cost_pico, cost_pico) end::numeric"
    case "avoided_cost_pico": "coalesce(avoided_cost_pico, 0)::numeric"
    default:
      if let place = MeasureColumns.latency.firstIndex(of: name) {
        "(latency_place = \(unescaped: String(place)))::integer::bigint"
      } else {
        SQL(name)
      }
    }
  }

  private static let latencyPlace: SQL = {
    let bounds = MeasureColumns.latencyBoundsMilliseconds.map { String($0 * 1000) }.joined(separator: ", ")
    // width_bucket counts the bounds at or below its operand, a place those below the duration.
    return """
       cross join lateral (select case when ended_at is null then -1 else width_bucket(
        greatest(0, (extract(epoch from ended_at - started_at) * 1000000)::bigint) - 1, array[\(unescaped: bounds)]::bigint[])
        end as latency_place offset 0) latency
      """
  }()

  /// What `sums` selected, from a column on.
  func read(_ row: Row, from first: Int) throws -> CostSums {
    var sums = CostSums()
    var column = first
    func next() throws -> Int64 {
      defer { column += 1 }
      return try row.int64(column)
    }
    sums.measures.calls = try next()
    if !money.isEmpty { sums.costed = try next() }
    if measures.contains(.errors) { sums.measures.errors = try next() }
    if measures.contains(.unpriced) { sums.measures.unpricedCalls = try next() }
    for measure in money {
      sums.money[measure] = USD(pico: try row.numericIntegerOrNil(column) ?? 0)
      column += 1
    }
    if !buckets.isEmpty {
      var counts = [Int64](repeating: 0, count: UsageBucket.allCases.count)
      for bucket in buckets { counts[bucket.position] = try next() }
      sums.measures.usage = Usage(counts: counts) ?? Usage()
    }
    if measures.contains(.latency) {
      sums.measures.latency = LatencyHistogram(counts: try MeasureColumns.latency.map { _ in try next() })
    }
    return sums
  }
}

/// Sums before they are told: money with the number of calls that have some, so that sums can be taken from each other.
struct CostSums: Sendable, Hashable {
  var measures = Measures()
  var costed: Int64 = 0
  var money: [CostMeasure: USD] = [:]

  static func + (a: CostSums, b: CostSums) -> CostSums {
    CostSums(
      measures: a.measures + b.measures, costed: a.costed &+ b.costed, money: a.money.merging(b.money) { $0 + $1 })
  }

  static func - (a: CostSums, b: CostSums) -> CostSums {
    var rest = a
    rest.measures.calls &-= b.measures.calls
    rest.measures.errors &-= b.measures.errors
    rest.measures.unpricedCalls &-= b.measures.unpricedCalls
    rest.measures.usage = a.measures.usage - b.measures.usage
    rest.measures.latency = a.measures.latency.map { $0 - (b.measures.latency ?? LatencyHistogram()) }
    rest.costed &-= b.costed
    for (measure, amount) in b.money { rest.money[measure, default: .zero] = rest.money[measure, default: .zero] - amount }
    return rest
  }

  /// A sum of money is unknown only when no call in it has a cost; without calls it is zero.
  var told: Measures {
    var told = measures
    let isKnown = costed > 0 || measures.calls == 0
    if isKnown {
      told.cost = money[.cost]
      told.listCost = money[.listCost]
      told.contractedCost = money[.contractedCost]
    }
    told.avoidedCost = money[.avoidedCost] ?? .zero
    return told
  }

  /// Of no calls, with what `measures` asks for.
  static func zero(_ measures: Set<CostMeasure>) -> CostSums {
    var zero = CostSums()
    for measure in CostMeasure.money.intersection(measures) { zero.money[measure] = .zero }
    if measures.contains(.latency) { zero.measures.latency = LatencyHistogram() }
    return zero
  }
}

extension Measures {
  /// calls, errors, unpriced, costed, cost_pico and the buckets, from a column on.
  init(row: Row, from first: Int) throws {
    self.init()
    calls = try row.int64(first)
    errors = try row.int64(first + 1)
    unpricedCalls = try row.int64(first + 2)
    if try row.int64(first + 3) > 0 { cost = USD(pico: try row.numericIntegerOrNil(first + 4) ?? 0) }
    for bucket in UsageBucket.allCases {
      usage[bucket] = try row.int64OrNil(first + 5 + bucket.position) ?? 0
    }
  }
}
