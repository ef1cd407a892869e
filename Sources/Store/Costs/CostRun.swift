import Domain
import Postgres

/// One question within one snapshot of the database.
struct CostRun {
  let connection: Connection
  let query: CostQuery
  let scope: AccessScope
  let organisation: Organisation
  let directory: CostDirectory
  /// In reach and filter; none: there is nothing to sum.
  let projects: [ProjectID]
  /// Of tests.
  let forced: CostSource?

  init(
    _ query: CostQuery, scope: AccessScope, organisation: Organisation, source: CostSource?, _ c: Connection
  ) throws {
    var query = query
    query.filter = query.filter.active
    if query.top != nil { query.measures.insert(query.topBy) }
    self.query = query
    (connection, self.scope, self.organisation, forced) = (c, scope, organisation, source)
    try scope.checkUsers(Set(query.groupBy).union(query.filter.keys))
    directory = try CostDirectory.read(Set(query.groupBy).union(query.filter.keys), scope, c)
    projects = directory.projects(within: scope, filter: query.filter[.project])
  }

  func report(comparing comparison: CostComparison?) throws -> CostReport {
    let now = try CostPeriod(query.range, self)
    let before = try comparison.map { try CostPeriod(previousOf: now, $0, self) }
    guard !projects.isEmpty else { return empty(before) }
    let cut = try cut(now, before)
    var report = CostReport(
      query: query, rows: [], total: Measures(), source: try source(of: query, now).rawValue)
    var current = try rows(now, cut)
    report.total = current.values.reduce(Measures()) { $0 + $1.told }
    let previous = try before.map { try rows($0, cut) }
    report.previousTotal = previous.map { $0.values.reduce(Measures()) { $0 + $1.told } }
    report.previousRange = before?.range
    for key in previous?.keys.filter({ isShown($0, now) }) ?? [] where current[key] == nil { current[key] = .zero(query.measures) }
    guard current.count <= CostReports.rowsMax else { throw Self.tooMany }
    report.rows = current.map { key, sums in
      CostRow(values: key.values, start: key.start, measures: sums.told, previous: previous?[key]?.told)
    }
    try CostUsers(run: self, cut: cut).add(to: &report, now, before)
    report.rows.sort(by: CostRow.precedes)
    report.declared = directory.declared
    return report
  }

  private func empty(_ before: CostPeriod?) -> CostReport {
    var report = CostReport(query: query, rows: [], total: Measures(), source: CostSource.spendHour.rawValue)
    report.previousRange = before?.range
    report.previousTotal = before.map { _ in Measures() }
    report.declared = directory.declared
    return report
  }

  /// A step of the period before may have no counterpart.
  private func isShown(_ key: CostKey, _ now: CostPeriod) -> Bool { key.start.map { $0 < now.range.to } ?? true }

  static let tooMany = CostQueryRefusal(
    message:
      "The answer has more than \(CostReports.rowsMax) rows. Accepted: a shorter range, longer time steps or a narrower filter."
  )

  func source(of query: CostQuery, _ period: CostPeriod, allowed: [CostSource] = CostSource.rollups) throws -> CostSource {
    if let forced { return forced }
    var asked = query
    asked.range = period.range
    let source = try CostSource.choose(for: asked, organisation: organisation, frame: period.frame, allowed: allowed)
    try period.mustHaveCalls(for: source, self)
    return source
  }

  func sql(_ query: CostQuery, _ source: CostSource, _ period: CostPeriod, also: @escaping (CostSource) -> SQL? = { _ in nil })
    -> CostSQL
  {
    let (directory, projects, scope) = (directory, projects, scope)
    return CostSQL(
      query: query, organisation: organisation, source: source, frame: period.frame, projects: projects,
      conditions: { table in
        let condition = directory.condition(query.filter, projects: projects, scope: scope, table: table)
        return also(table).map { condition + " and " + $0 } ?? condition
      }, rowsMax: CostReports.rowsMax + 1, spans: period.spans, shift: period.shift)
  }

  /// Sums by step and values.
  func sums(_ sql: CostSQL) throws -> [CostKey: CostSums] {
    let columns = sql.columns
    let dimensions = sql.query.groupBy
    let rows = try connection.query(sql.statement) { row in
      let values = try dimensions.enumerated().map { try directory.value($1, row, 1 + $0) }
      let key = CostKey(start: try row.timestampOrNil(0), values: values)
      return (key, try columns.read(row, from: 1 + dimensions.count))
    }
    guard rows.count <= CostReports.rowsMax else { throw Self.tooMany }
    // Two hours of a change of clocks can have one counterpart.
    return Dictionary(rows, uniquingKeysWith: +)
  }
}

/// What tells rows apart.
struct CostKey: Hashable {
  var start: Timestamp?
  var values: [DimensionValue]
}

extension CostRow {
  static func precedes(_ a: CostRow, _ b: CostRow) -> Bool {
    if a.start != b.start { return (a.start?.microseconds ?? .min) < (b.start?.microseconds ?? .min) }
    let (isOther, isOtherToo) = (a.values.first?.isOther ?? false, b.values.first?.isOther ?? false)
    if isOther != isOtherToo { return isOtherToo }
    if a.measures.cost != b.measures.cost {
      guard let left = a.measures.cost else { return false }
      return b.measures.cost.map { left > $0 } ?? true
    }
    for (left, right) in zip(a.values, b.values) where left.value != right.value {
      guard let text = left.value else { return false }
      return right.value.map { text < $0 } ?? true
    }
    return false
  }
}

/// The statement that answers a query without `top`, for tests that look at its plan.
struct CostPlan {
  var sql: CostSQL

  /// nil when no project is in reach and filter: there is nothing to sum.
  static func make(
    _ query: CostQuery, scope: AccessScope, organisation: Organisation, source: CostSource?, _ c: Connection
  ) throws -> CostPlan? {
    let run = try CostRun(query, scope: scope, organisation: organisation, source: source, c)
    guard !run.projects.isEmpty else { return nil }
    let period = try CostPeriod(query.range, run)
    return CostPlan(sql: run.sql(run.query, try run.source(of: run.query, period), period))
  }
}
