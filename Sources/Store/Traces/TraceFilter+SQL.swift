import Domain
import Postgres

/// The conditions of a trace list on `traces` t.
///
/// A trace belongs to a range by its own start, and beside that by a matching call in it: a report counts calls by
/// their start, and its numbers must lead to all traces behind them.
struct TraceFilter {
  var query: TraceQuery
  /// The query's range, within the database's calendar.
  var range: TimeRange
  var directory: CostDirectory

  /// Traces that began longer than this before the range are not looked for: few last longer, and each costs a read.
  static let longestTraceDays: Int64 = 7
  /// What a trace's own row says too; a list by these shows traces without calls as well.
  private static let ofTheTrace: Set<CostDimension> = [.user, .environment]

  /// Of traces that start in the range.
  var within: SQL {
    var all: [SQL] = ["t.started_at >= \(range.from)", "t.started_at < \(range.to)"] + ofTheRow
    if let calls = callsOfTheTrace { all.append(calls) }
    return all.joined(by: " and ")
  }

  /// Of any trace, whenever it started; calls that are asked for still start in the range.
  var whenever: SQL {
    let all = ofTheRow + [callsOfTheTrace].compactMap { $0 }
    return all.isEmpty ? "true" : all.joined(by: " and ")
  }

  /// Of traces that started before the range and have a matching step in it.
  var early: SQL {
    let first = range.from.adding(seconds: -Self.longestTraceDays * 86_400)
    // Not correlated but for the project, so that the planner may start from the steps of a short range.
    let isTold: SQL = """
      t.trace_id in (
        select o.trace_id from observations o
        where o.project_id = t.project_id and \(matching(steps)))
      """
    let bounds: [SQL] = [
      "t.started_at >= \(first)", "t.started_at < \(range.from)", "t.last_started_at >= \(range.from)",
    ]
    return (bounds + ofTheRow + [isTold]).joined(by: " and ")
  }

  /// Conditions that the trace's own columns answer.
  private var ofTheRow: [SQL] {
    var all: [SQL] = []
    if let session = query.session { all.append(session.isStorable ? "t.session_id = \(session)" : "false") }
    if let name = query.name, !name.isEmpty {
      all.append(name.isStorable ? "strpos(lower(t.name), lower(\(name))) > 0" : "false")
    }
    // Implied by a matching call; here they spare looking for one.
    if query.errorsOnly { all.append("t.errors > 0") }
    if query.unpricedOnly { all.append("t.unpriced > 0") }
    if let cost = query.costAbove { all.append("t.costed > 0 and t.cost_pico > \(cost.pico)") }
    return all
  }

  private var dimensions: Set<CostDimension> { Set(query.filter.active.keys).subtracting([.project]) }
  /// Only calls have what is asked.
  private var asksOfCalls: Bool {
    query.unpricedOnly || !query.usageFlags.isEmpty || !dimensions.isSubset(of: Self.ofTheTrace)
  }
  /// Steps of any kind fail; elsewhere only calls can match.
  private var steps: SQL { query.errorsOnly && !asksOfCalls ? "o.is_arrived" : "o.is_call" }

  private var callsOfTheTrace: SQL? {
    if asksOfCalls || dimensions.isEmpty { return asksOfCalls || query.costAbove != nil ? exists(steps) : nil }
    let own = directory.callConditions(query.filter, table: .observations) {
      $0 == .user ? "t.user_id" : TraceItem.environment
    }
    return """
      (\(exists(steps)) or t.calls = 0 and ((\(own.joined(by: " and "))) or \(exists("o.is_arrived"))))
      """
  }

  private func exists(_ rows: SQL) -> SQL {
    """
    exists (
      select 1 from observations o
      where o.project_id = t.project_id and o.trace_id = t.trace_id
        and o.started_at >= t.first_started_at and o.started_at <= t.last_started_at and \(matching(rows)))
    """
  }

  /// One and the same step of the range must match all that is asked, as in a cost report.
  private func matching(_ rows: SQL) -> SQL {
    var all: [SQL] = [rows, "o.started_at >= \(range.from)", "o.started_at < \(range.to)"]
    all += directory.callConditions(query.filter, table: .observations) { "o." + CostSource.observations.column($0) }
    if query.unpricedOnly { all.append(CostSource.isUnpriced("o.cost_status")) }
    if query.errorsOnly { all.append(CostSource.isError("o.level")) }
    if !query.usageFlags.isEmpty { all.append("o.usage_flags & \(query.usageFlags.rawValue) <> 0") }
    return all.joined(by: " and ")
  }
}
