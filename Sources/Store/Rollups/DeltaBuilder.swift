import Domain
import Postgres

/// Sums what one commit changes in calls: +new, −old, grouped by a quarter of an hour and every dimension a rollup has.
/// What cancels out leaves no trace.
struct DeltaBuilder {
  /// Local hours and days of every time zone begin on one.
  static let slotMicroseconds: Int64 = 900_000_000
  static let version: Int16 = 1

  private struct Group {
    var slot: Int64
    var project: Int32
    var team: Int32
    var kind: Int16
    var latency: Int16
    var environment: String
    var service: String
    var provider: String
    var model: String
    var endpoint: String
    var user: String
    var calls: Int32 = 0
    var errors: Int32 = 0
    var unpriced: Int32 = 0
    var costed: Int32 = 0
    var cost: Int128 = 0
  }

  private var places: [[UInt8]: Int] = [:]
  private var groups: [Group] = []
  /// By group, then bucket.
  private var usage: [Int64] = []
  private static let buckets = UsageBucket.allCases

  /// `sign` is 1 for a row as it is now, −1 for one as it was. Rows that are no calls count nothing.
  mutating func add(_ o: Observation, sign: Int32) {
    guard o.decision.isCall else { return }
    let at = place(of: o)
    groups[at].calls &+= sign
    if o.isError { groups[at].errors &+= sign }
    if o.decision.cost.status.isUnpriced { groups[at].unpriced &+= sign }
    if let cost = o.decision.cost.cost {
      groups[at].costed &+= sign
      groups[at].cost &+= cost.pico * Int128(sign)
    }
    guard let sent = o.facts.usage?.usage, !sent.isEmpty else { return }
    for (i, bucket) in Self.buckets.enumerated() { usage[at * Self.buckets.count + i] &+= sent[bucket] &* Int64(sign) }
  }

  private mutating func place(of o: Observation) -> Int {
    let slot = UTCDay.floored(o.startedAt.microseconds, by: Self.slotMicroseconds)
    let group = Group(
      slot: slot, project: o.facts.project.rawValue, team: o.decision.team?.rawValue ?? 0, kind: o.kind.code,
      latency: MeasureColumns.latencyPlace(durationMicroseconds: o.durationMicroseconds),
      environment: o.facts.environment ?? o.decision.environment, service: o.facts.service ?? "",
      provider: o.decision.provider ?? "", model: o.decision.model ?? "", endpoint: o.decision.endpoint ?? "",
      user: o.facts.user ?? o.decision.user ?? "")
    let key = Self.key(group)
    if let known = places[key] { return known }
    places[key] = groups.count
    groups.append(group)
    usage.append(contentsOf: repeatElement(0, count: Self.buckets.count))
    return groups.count - 1
  }

  /// Bytes, because Swift takes texts of different normal forms for equal and the database does not.
  private static func key(_ g: Group) -> [UInt8] {
    var key: [UInt8] = []
    key.reserveCapacity(160)
    withUnsafeBytes(of: (g.slot, g.project, g.team, g.kind, g.latency)) { key.append(contentsOf: $0) }
    for text in [g.environment, g.service, g.provider, g.model, g.endpoint, g.user] {
      key.append(contentsOf: text.utf8)
      // Occurs in no UTF-8 text.
      key.append(0xFF)
    }
    return key
  }

  private func isZero(_ i: Int) -> Bool {
    let g = groups[i]
    if g.calls != 0 || g.errors != 0 || g.unpriced != 0 || g.costed != 0 || g.cost != 0 { return false }
    return usage[i * Self.buckets.count..<(i + 1) * Self.buckets.count].allSatisfy { $0 == 0 }
  }

  /// nil when nothing changed for any total.
  func statement() -> SQL? {
    let kept = groups.indices.filter { !isZero($0) }
    if kept.isEmpty { return nil }
    func texts(_ path: KeyPath<Group, String>) -> PostgresValue { .texts(kept.map { groups[$0][keyPath: path] }) }
    func numbers(_ path: KeyPath<Group, Int32>) -> PostgresValue { .int32s(kept.map { groups[$0][keyPath: path] }) }
    let usages = Self.buckets.indices.map { i in SQL("") + "\(usageArray(i, kept))" }.joined(by: ", ")
    return """
      insert into deltas (version, slots, project_ids, team_ids, kinds, latencies, environments,
        services, providers, models,
        endpoints, user_ids, calls, errors, unpriced, costed,
          \(unescaped: MeasureColumns.usage.joined(separator: ", ")), cost_pico)
      values (\(Self.version), \(PostgresValue.timestamps(kept.map { groups[$0].slot })),
        \(numbers(\.project)), \(numbers(\.team)),
        \(PostgresValue.int16s(kept.map { groups[$0].kind })), \(PostgresValue.int16s(kept.map { groups[$0].latency })),
        \(texts(\.environment)), \(texts(\.service)), \(texts(\.provider)), \(texts(\.model)), \(texts(\.endpoint)),
        \(texts(\.user)), \(numbers(\.calls)), \(numbers(\.errors)), \(numbers(\.unpriced)),
        \(numbers(\.costed)), \(usages),
        \(PostgresValue.numerics(kept.map { groups[$0].cost })))
      """
  }

  private func usageArray(_ bucket: Int, _ kept: [Int]) -> PostgresValue {
    let counts = kept.map { usage[$0 * Self.buckets.count + bucket] }
    return counts.allSatisfy { $0 == 0 } ? .null : .int64s(counts)
  }
}

extension UTCDay {
  /// The largest multiple of `step` that is not above `value`.
  static func floored(_ value: Int64, by step: Int64) -> Int64 {
    let rest = value % step
    return rest < 0 ? value - rest - step : value - rest
  }
}
