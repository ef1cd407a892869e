import Domain
import Postgres

/// The conditions of a trace list on `traces` t.
struct TraceFilter {
  var query: TraceQuery
  /// The query's range, within the database's calendar.
  var range: TimeRange
  var directory: CostDirectory

  /// A trace's calls are looked for this long after the range: few traces last longer, and every day is a partition.
  private static let longestTraceDays: Int64 = 7
  /// What a trace's own row says too; a list by these shows traces without calls as well.
  private static let ofTheTrace: Set<CostDimension> = [.user, .environment]

  var condition: SQL {
    var all: [SQL] = ["t.started_at >= \(range.from)", "t.started_at < \(range.to)"]
    if let session = query.session { all.append(session.isStorable ? "t.session_id = \(session)" : "false") }
    if let name = query.name, !name.isEmpty {
      all.append(name.isStorable ? "strpos(lower(t.name), lower(\(name))) > 0" : "false")
    }
    if query.errorsOnly { all.append("t.errors > 0") }
    if query.unpricedOnly { all.append("t.unpriced > 0") }
    if let cost = query.costAbove { all.append("t.costed > 0 and t.cost_pico > \(cost.pico)") }
    if let dimensions = dimensionCondition { all.append(dimensions) }
    return all.joined(by: " and ")
  }

  /// Bounds that hold for the observations of every trace in the range, to leave out partitions.
  private var observationBounds: SQL {
    "o.started_at >= \(range.from) and o.started_at < \(range.to.adding(seconds: Self.longestTraceDays * 86_400))"
  }

  /// One and the same call must match all dimensions, as in a cost report.
  private var dimensionCondition: SQL? {
    let asked = Set(query.filter.active.keys).subtracting([.project])
    if asked.isEmpty { return nil }
    if !asked.isSubset(of: Self.ofTheTrace) { return exists("o.is_call", on: query.filter) }
    let own = directory.callConditions(query.filter, table: .observations) {
      $0 == .user ? "t.user_id" : TraceItem.environment
    }
    return "((\(own.joined(by: " and "))) or \(exists("o.is_arrived", on: query.filter)))"
  }

  private func exists(_ rows: SQL, on filter: CostFilter) -> SQL {
    let conditions = directory.callConditions(filter, table: .observations) {
      "o." + CostSource.observations.column($0)
    }
    return """
      exists (
        select 1 from observations o
        where o.project_id = t.project_id and o.trace_id = t.trace_id and \(rows)
          and o.started_at >= t.first_started_at and o.started_at <= t.last_started_at and \(observationBounds)
          and \(conditions.joined(by: " and ")))
      """
  }
}
