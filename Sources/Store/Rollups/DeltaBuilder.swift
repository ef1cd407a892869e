import Domain
import Postgres

/// Sums what one commit changes in calls: +new, −old, for each rollup by a quarter of an hour and the dimensions that
/// rollup has. What cancels out leaves no trace.
///
/// Calls of one commit mostly share hour, model and endpoint, so that few elements are left for the fold to add.
struct DeltaBuilder {
  /// Local hours and days of every time zone begin on one.
  static let slotMicroseconds: Int64 = 900_000_000
  static let version: Int16 = 3
  /// Money that is NULL in `deltas` when every element is `cost_pico`: most installations have one price.
  static let leftOutWhenCost: Set<String> = ["list_cost_pico", "contracted_cost_pico"]

  private var tables = Rollup.all.map { DeltaTable($0) }

  /// `sign` is 1 for a row as it is now, −1 for one as it was. Rows that are no calls count nothing.
  mutating func add(_ o: Observation, sign: Int32) {
    guard o.decision.isCall else { return }
    for i in tables.indices { tables[i].add(o, sign: sign) }
  }

  /// nil when nothing changed for any total.
  func statement() -> SQL? {
    let rows = tables.compactMap(\.row)
    if rows.isEmpty { return nil }
    return "insert into deltas (\(unescaped: Self.columns)) values " + rows.joined(by: ", ")
  }

  private static let columns =
    (["version", "rollup"] + DeltaDimension.allCases.map(\.array) + MeasureColumns.counts + MeasureColumns.usage
    + MeasureColumns.latency + MeasureColumns.money).joined(separator: ", ")
}

/// A dimension of calls as `deltas` hold it: an array, NULL where the rollup lacks the dimension.
enum DeltaDimension: String, CaseIterable {
  case slot = "started_at"
  case project = "project_id"
  case team = "team_id"
  case kind
  case environment, service, provider, model, endpoint
  case user = "user_id"
  case userGroup = "user_group_id"
  case key = "key_id"

  /// Name in the relation `calls`.
  var name: String { rawValue }
  /// Column of `deltas`.
  var array: String { self == .slot ? "slots" : rawValue + "s" }
}

/// The changes of one commit to one rollup.
private struct DeltaTable {
  private struct Group {
    var slot: Int64
    var project: Int32
    var team: Int32
    var kind: Int16 = 0
    var environment = ""
    var service = ""
    var provider = ""
    var model = ""
    var endpoint = ""
    var user = ""
    var userGroup: Int32 = 0
    var key: Int32 = 0
    var calls: Int32 = 0
    var errors: Int32 = 0
    var unpriced: Int32 = 0
    var costed: Int32 = 0
    var cost: Int128 = 0
    var list: Int128 = 0
    var contracted: Int128 = 0
    var avoided: Int128 = 0
    /// Written although it is zero.
    var isTouched = false
  }

  private let rollup: Rollup
  private var places: [[UInt8]: Int] = [:]
  private var groups: [Group] = []
  /// Of the call at hand; reused.
  private var key: [UInt8] = []
  /// By group, then bucket.
  private var usage: [Int64] = []
  /// By group, then place in the histogram; empty for rollups without one.
  private var latencies: [Int32] = []
  private static let buckets = MeasureColumns.usage.count
  private static let bins = MeasureColumns.latency.count

  init(_ rollup: Rollup) { self.rollup = rollup }

  mutating func add(_ o: Observation, sign: Int32) {
    let at = place(of: o)
    groups[at].calls &+= sign
    // Calls that cancel out here may not elsewhere: their day is to be summed again.
    if sign < 0, marksDays { groups[at].isTouched = true }
    if o.isError { groups[at].errors &+= sign }
    if o.decision.cost.status.isUnpriced { groups[at].unpriced &+= sign }
    if o.decision.cost.cost != nil { groups[at].costed &+= sign }
    add(o.decision.cost.amounts, sign: Int128(sign), to: &groups[at])
    if rollup.hasLatency {
      let bin = MeasureColumns.latencyPlace(durationMicroseconds: o.durationMicroseconds)
      if bin >= 0 { latencies[at * Self.bins + Int(bin)] &+= sign }
    }
    for (i, count) in (o.facts.usage?.usage.positional ?? []).enumerated() where count != 0 {
      usage[at * Self.buckets + i] &+= count &* Int64(sign)
    }
  }

  private func add(_ amounts: Amounts, sign: Int128, to group: inout Group) {
    group.cost &+= amounts.effective.pico &* sign
    group.list &+= amounts.list.pico &* sign
    group.contracted &+= amounts.contracted.pico &* sign
    group.avoided &+= amounts.avoided.pico &* sign
  }

  /// The one whose times the fold marks days by.
  var marksDays: Bool { rollup.code == Rollup.spendHour.code }

  private mutating func place(of o: Observation) -> Int {
    let slot = UTCDay.floored(o.startedAt.microseconds, by: DeltaBuilder.slotMicroseconds)
    writeKey(of: o, slot)
    if let known = places[key] { return known }
    places[key] = groups.count
    groups.append(group(of: o, slot))
    usage.append(contentsOf: repeatElement(0, count: Self.buckets))
    if rollup.hasLatency { latencies.append(contentsOf: repeatElement(0, count: Self.bins)) }
    return groups.count - 1
  }

  private func group(of o: Observation, _ slot: Int64) -> Group {
    var group = Group(slot: slot, project: o.facts.project.rawValue, team: o.decision.team?.rawValue ?? 0)
    for dimension in rollup.dimensions {
      switch dimension {
      case .slot, .project, .team: break
      case .kind: group.kind = o.kind.code
      case .environment: group.environment = o.facts.environment ?? o.decision.environment
      case .service: group.service = o.facts.service ?? ""
      case .provider: group.provider = o.decision.provider ?? ""
      case .model: group.model = o.decision.model ?? ""
      case .endpoint: group.endpoint = o.decision.endpoint ?? ""
      case .user: group.user = o.facts.user ?? o.decision.user ?? ""
      case .userGroup: group.userGroup = o.decision.userGroup?.rawValue ?? 0
      case .key: group.key = o.facts.key?.rawValue ?? 0
      }
    }
    return group
  }

  /// Bytes, because Swift takes texts of different normal forms for equal and the database does not.
  private mutating func writeKey(of o: Observation, _ slot: Int64) {
    key.removeAll(keepingCapacity: true)
    withUnsafeBytes(of: (slot, o.facts.project.rawValue, o.decision.team?.rawValue ?? 0)) {
      key.append(contentsOf: $0)
    }
    for dimension in rollup.dimensions {
      switch dimension {
      case .slot, .project, .team: break
      case .kind: key.append(UInt8(truncatingIfNeeded: o.kind.code))
      case .environment: Self.append(o.facts.environment ?? o.decision.environment, to: &key)
      case .service: Self.append(o.facts.service ?? "", to: &key)
      case .provider: Self.append(o.decision.provider ?? "", to: &key)
      case .model: Self.append(o.decision.model ?? "", to: &key)
      case .endpoint: Self.append(o.decision.endpoint ?? "", to: &key)
      case .user: Self.append(o.facts.user ?? o.decision.user ?? "", to: &key)
      case .userGroup: Self.append(o.decision.userGroup?.rawValue ?? 0, to: &key)
      case .key: Self.append(o.facts.key?.rawValue ?? 0, to: &key)
      }
    }
  }

  private static func append(_ text: String, to key: inout [UInt8]) {
    var text = text
    text.withUTF8 { key.append(contentsOf: $0) }
    // Occurs in no UTF-8 text.
    key.append(0xFF)
  }

  private static func append(_ number: Int32, to key: inout [UInt8]) {
    withUnsafeBytes(of: number) { key.append(contentsOf: $0) }
  }

  private func isZero(_ i: Int) -> Bool {
    let g = groups[i]
    if g.isTouched { return false }
    if g.calls != 0 || g.errors != 0 || g.unpriced != 0 || g.costed != 0 { return false }
    if g.cost != 0 || g.list != 0 || g.contracted != 0 || g.avoided != 0 { return false }
    if rollup.hasLatency, !latencies[i * Self.bins..<(i + 1) * Self.bins].allSatisfy({ $0 == 0 }) { return false }
    return usage[i * Self.buckets..<(i + 1) * Self.buckets].allSatisfy { $0 == 0 }
  }

  /// Values of a row of `deltas`, in parentheses; nil when nothing changed.
  var row: SQL? {
    let kept = groups.indices.filter { !isZero($0) }
    if kept.isEmpty { return nil }
    func numbers(_ value: (Group) -> Int32) -> PostgresValue { .int32s(kept.map { value(groups[$0]) }) }
    var values = DeltaDimension.allCases.map { rollup.dimensions.contains($0) ? array(of: $0, kept) : .null }
    values += [numbers { $0.calls }, numbers { $0.errors }, numbers { $0.unpriced }, numbers { $0.costed }]
    for i in 0..<Self.buckets { values.append(nonZero(kept.map { usage[$0 * Self.buckets + i] })) }
    for i in 0..<Self.bins {
      values.append(rollup.hasLatency ? nonZero(kept.map { Int64(latencies[$0 * Self.bins + i]) }) : .null)
    }
    values += money(kept)
    return "(\(DeltaBuilder.version), \(rollup.code), " + values.map { SQL("") + "\($0)" }.joined(by: ", ") + ")"
  }

  /// In the order of `MeasureColumns.money`.
  private func money(_ kept: [Int]) -> [PostgresValue] {
    let groups = kept.map { self.groups[$0] }
    return [
      .numerics(groups.map(\.cost)),
      groups.allSatisfy { $0.list == $0.cost } ? .null : .numerics(groups.map(\.list)),
      groups.allSatisfy { $0.contracted == $0.cost } ? .null : .numerics(groups.map(\.contracted)),
      groups.allSatisfy { $0.avoided == 0 } ? .null : .numerics(groups.map(\.avoided)),
    ]
  }

  private func array(of dimension: DeltaDimension, _ kept: [Int]) -> PostgresValue {
    switch dimension {
    case .slot: .timestamps(kept.map { groups[$0].slot })
    case .project: .int32s(kept.map { groups[$0].project })
    case .team: .int32s(kept.map { groups[$0].team })
    case .kind: .int16s(kept.map { groups[$0].kind })
    case .environment: .texts(kept.map { groups[$0].environment })
    case .service: .texts(kept.map { groups[$0].service })
    case .provider: .texts(kept.map { groups[$0].provider })
    case .model: .texts(kept.map { groups[$0].model })
    case .endpoint: .texts(kept.map { groups[$0].endpoint })
    case .user: .texts(kept.map { groups[$0].user })
    case .userGroup: .int32s(kept.map { groups[$0].userGroup })
    case .key: .int32s(kept.map { groups[$0].key })
    }
  }

  private func nonZero(_ counts: [Int64]) -> PostgresValue {
    counts.allSatisfy { $0 == 0 } ? .null : .int64s(counts)
  }
}

extension UTCDay {
  /// The largest multiple of `step` that is not above `value`.
  static func floored(_ value: Int64, by step: Int64) -> Int64 {
    let rest = value % step
    return rest < 0 ? value - rest - step : value - rest
  }
}
