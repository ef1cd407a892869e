import Domain
import Postgres

/// One table of sums over calls. Fold and rebuild use the same texts, so that they can't differ.
///
/// Sums are taken over a relation `calls` (`CallRelation`), one row per call or per group of equal calls.
struct Rollup: Sendable {
  struct Key: Sendable {
    var column: String
    /// Over a row `c` of `calls`.
    var expression: String
    /// Follows from the other keys, so not part of the primary key.
    var isDerived = false
  }

  var name: String
  /// Names its rows in `deltas`; never reused.
  var code: Int16
  /// What of a call its keys are made of.
  var dimensions: [DeltaDimension]
  /// In the order of the primary key, derived ones anywhere.
  var keys: [Key]
  /// The key that time is read by.
  var timeColumn: String
  var hasLatency = false

  static let all: [Rollup] = [.spendHour, .spendEndpointHour, .spendUserDay, .spendGroupHour]

  /// Where a relation has the latency: one column by place, or the place as a number.
  enum Latency { case columns, place }

  /// Columns that are summed, in the order of the table.
  var measures: [String] {
    MeasureColumns.counts + MeasureColumns.usage + (hasLatency ? MeasureColumns.latency : []) + MeasureColumns.money
  }

  private func sums(_ latency: Latency) -> [(column: String, expression: String)] {
    let counts = MeasureColumns.counts.map { ($0, "sum(c.\($0))::bigint") }
    // Most buckets are NULL in most rows, which sum() skips without a call.
    let usage = MeasureColumns.usage.map { ($0, "coalesce(sum(c.\($0)), 0)::bigint") }
    let bins = MeasureColumns.latency.enumerated().map { place, column in
      switch latency {
      case .columns: (column, "coalesce(sum(c.\(column)), 0)::bigint")
      case .place: (column, "coalesce(sum(c.calls) filter (where c.latency = \(place)), 0)::bigint")
      }
    }
    let money = MeasureColumns.money.map { ($0, "coalesce(sum(c.\($0)), 0)") }
    return counts + usage + (hasLatency ? bins : []) + money
  }

  /// Inserts the sums of the relation `calls`; rows are touched in key order.
  func insertion(of calls: String, latency: Latency) -> String {
    let sums = sums(latency)
    let places = keys.indices.map { String($0 + 1) }.joined(separator: ", ")
    return """
      insert into \(name) (\((keys.map(\.column) + sums.map(\.column)).joined(separator: ", ")))
      select \((keys.map(\.expression) + sums.map(\.expression)).joined(separator: ", "))
      from \(calls) c group by \(places) order by \(places)
      """
  }

  /// Adds what `taken` rows of `deltas` hold for it to what is there.
  var addition: String {
    let key = keys.filter { !$0.isDerived }.map(\.column).joined(separator: ", ")
    let sums = sums(.columns)
    let added = sums.map { "\($0.column) = \(name).\($0.column) + excluded.\($0.column)" }.joined(separator: ", ")
    let calls = "(\(CallRelation.fromDeltas(self)))"
    return "\(insertion(of: calls, latency: .columns))\non conflict (\(key)) do update set \(added)"
  }
}

/// What rollups sum: calls with their dimensions, '' and 0 for none; usage NULL for zero.
enum CallRelation {
  /// What has been taken from `deltas` (a relation `taken` of its rows) for one rollup.
  static func fromDeltas(_ rollup: Rollup) -> String {
    let arrays = rollup.dimensions.map(\.array) + rollup.measures
    let names = rollup.dimensions.map(\.name) + rollup.measures
    let values = names.map { name in
      if DeltaBuilder.leftOutWhenCost.contains(name) { return "coalesce(d.\(name), d.cost_pico) as \(name)" }
      // Absent in what a process of the release before wrote.
      return DeltaDimension.userGroup.name == name ? "coalesce(d.\(name), 0) as \(name)" : "d.\(name)"
    }
    return """
      select \(values.joined(separator: ", ")), \(zone)
      from taken t cross join lateral unnest(\(arrays.map { "t.\($0)" }.joined(separator: ", ")))
        as d(\(names.joined(separator: ", ")))
      \(zoneJoin("d"))
      where t.rollup = \(rollup.code)
      """
  }

  /// One row per call of `observations`.
  static var fromObservations: String {
    let bounds = MeasureColumns.latencyBoundsMilliseconds.map { String($0 * 1000) }.joined(separator: ", ")
    // width_bucket counts the bounds at or below its operand, a place those below the duration.
    let duration = "greatest(0, (extract(epoch from o.ended_at - o.started_at) * 1000000)::bigint) - 1"
    return """
      select o.started_at, o.project_id, coalesce(o.team_id, 0) as team_id, o.kind,
        case when o.ended_at is null then -1 else width_bucket(\(duration), array[\(bounds)]::bigint[]) end as latency,
        o.environment, coalesce(o.service, '') as service, coalesce(o.provider, '') as provider,
        coalesce(o.model, '') as model,
        coalesce(o.endpoint, '') as endpoint, coalesce(o.user_id, '') as user_id,
        coalesce(o.user_group_id, 0) as user_group_id, coalesce(o.key_id, 0) as key_id,
        \(counts), \(MeasureColumns.usage.map { "o.\($0)" }.joined(separator: ", ")),
        \(CallAmounts.columns), \(zone)
      from observations o
      \(zoneJoin("o"))
      where o.is_call
      """
  }

  /// In the order of `MeasureColumns.counts`, over a row `o` of `observations`.
  static let counts = """
    1 as calls, (o.level is not distinct from 4)::integer as errors, (o.cost_status in (2, 3))::integer as unpriced,
    (o.cost_pico is not null)::integer as costed
    """

  private static let zone = "coalesce(g.time_zone, 'UTC') as time_zone"
  /// Outer: sums of a project that has gone must not be lost on the way.
  private static func zoneJoin(_ alias: String) -> String {
    "left join projects p on p.id = \(alias).project_id left join organisations g on g.id = p.organisation_id"
  }

  /// The instant the organisation's local hour began.
  static let hour = "date_trunc('hour', c.started_at, c.time_zone)"
  /// The day in the organisation's calendar.
  static let day = "(c.started_at at time zone c.time_zone)::date"
  static let dayStart = "((c.started_at at time zone c.time_zone)::date)::timestamp at time zone c.time_zone"
}
