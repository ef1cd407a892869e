import Domain
import Postgres

extension CostReports {
  /// Of the calls of a range and filter that `scope` sees the money of, how many lie in traces that it may list.
  /// *Source, errors:* as `run` by project.
  public func visible(_ range: TimeRange, filter: CostFilter, scope: AccessScope, organisation: Organisation) async throws
    -> VisibleCalls
  {
    let query = CostQuery(
      range: range, timeZone: organisation.timeZone, groupBy: [.project], filter: filter, measures: CostMeasure.basic)
    try Self.check(query, scope, organisation)
    return try await pool.transaction(TransactionOptions(isolation: .repeatableRead, readOnly: true)) { c in
      let run = try CostRun(query, scope: scope, organisation: organisation, source: nil, c)
      let shown = Set(run.directory.projects.values.filter { scope.traces.includes($0.id) }.map(\.slug))
      return try run.report(comparing: nil).rows.reduce(into: VisibleCalls(calls: 0, visible: 0)) { sum, row in
        sum.calls &+= row.measures.calls
        if row.values.first?.value.map(shown.contains) ?? false { sum.visible &+= row.measures.calls }
      }
    }
  }
}
