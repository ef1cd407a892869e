import Domain
import Postgres

extension AllocationRun {
  /// Lines of teams and of Unallocated: what their own calls cost.
  func direct() throws -> [AllocationLine] {
    guard let frozen else { return isBeforeBooks ? [] : try live() }
    return try sums(ChargeSQL.frozen(frozen), also: "x.month = \(days.period.firstDay)::date", .team)
  }

  /// Such a month is booked in others: here it comes to nothing.
  var isBeforeBooks: Bool {
    request.view == .bookedMonth && frozen == nil && days.period.month.flatMap(CalendarMonth.init).map(book.isBeforeBooks) == true
  }

  private func live() throws -> [AllocationLine] {
    let query = CostQuery(
      range: days.period.range, timeZone: organisation.timeZone, groupBy: [.team] + request.breakdown, filter: filter,
      measures: CostMeasure.standard.union(CostMeasure.money))
    let report = try CostRun(query, scope: wide, organisation: organisation, source: nil, connection).report(comparing: nil)
    let ids = Dictionary(names.teams.values.map { ($0.name, $0.id) }, uniquingKeysWith: { a, _ in a })
    return report.rows.map { row in
      let team = row.values.first?.value.map { ids[$0] ?? TeamID(0) }
      var line = AllocationLine.of(team, team == nil ? .unallocated : .team, names)
      line.values = Array(row.values.dropFirst())
      line.calls = row.measures.calls
      line.errors = row.measures.errors
      line.unpricedCalls = row.measures.unpricedCalls
      line.usage = row.measures.usage
      line.exact = Amounts(
        list: row.measures.listCost ?? .zero, contracted: row.measures.contractedCost ?? .zero,
        effective: row.measures.cost ?? .zero, avoided: row.measures.avoidedCost)
      return line
    }
  }

  /// Corrections of earlier months that are posted in this one, or would be.
  func adjustments() throws -> [AllocationLine] {
    if let frozen {
      return try sums(ChargeSQL.frozen(frozen), also: "x.month < \(days.period.firstDay)::date", .adjustment)
    }
    guard let relation = try waiting() else { return [] }
    return try sums(relation, also: "true", .adjustment)
  }

  /// Corrections that wait for this month's close; nil: none do.
  func waiting() throws -> SQL? {
    guard request.view == .bookedMonth, closed == nil, let month = days.period.month.flatMap(CalendarMonth.init),
      book.isNext(month)
    else { return nil }
    let months = try book.changed.filter { $0 < month }.map { try ReportDays.read($0, organisation, connection) }
    return months.isEmpty
      ? nil : ChargeSQL.corrections(months, projects: names.projects.keys.sorted(), organisation: organisation)
  }

  /// Conditions over a relation `x` of charges: projects in reach and the filter.
  var condition: SQL { names.condition(filter, projects: projects, scope: wide, table: .chargesDay) }

  private func sums(_ relation: SQL, also: SQL, _ kind: AllocationLine.Kind) throws -> [AllocationLine] {
    let broken = kind == .adjustment ? [] : request.breakdown
    let keys = [CostSource.chargesDay.value(.team), kind == .adjustment ? "to_char(x.month, 'YYYY-MM')" : "null::text"]
      + broken.map { CostSource.chargesDay.value($0) }
    let sql: SQL = """
      select \(keys.joined(by: ", ")), \(unescaped: ChargeMeasures.sums) from (\(relation)) x where \(condition) and \(also)
      group by \(unescaped: (1...keys.count).map(String.init).joined(separator: ", "))
      """
    return try connection.query(sql.named("AllocationSums").uncached()) { row in
      let team: TeamID? = try row.idOrNil(0)
      var line = AllocationLine.of(team, team == nil && kind == .team ? .unallocated : kind, names)
      line.correctionOf = try row.stringOrNil(1)
      line.values = try broken.enumerated().map { try names.value($1, row, 2 + $0) }
      line.add(try ChargeMeasures(row: row, from: 2 + broken.count))
      return line
    }
  }

  /// Shared costs of the whole months in the period. Pools have no model, endpoint or project: under a filter by anything but the
  /// team there are none, nor for readers who see some projects only.
  func shared() throws -> [AllocationLine] {
    guard filter.keys.allSatisfy({ $0 == .team }), wide.projects == .all, !isBeforeBooks else { return [] }
    let lines: [AllocationLine]
    if let closed {
      lines = try FrozenLines.read(closed.id, connection).filter { $0.kind == .shared }
    } else {
      lines = try days.months.flatMap { try shared(in: $0) }
    }
    return lines.filter { isShown($0.team) }.map { line in
      var line = line
      line.values = request.breakdown.map(names.none)
      return line
    }
  }

  private func shared(in month: CalendarMonth) throws -> [AllocationLine] {
    let days = try ReportDays.read(month, organisation, connection)
    if try SharedCosts.pools(days, organisation.id, connection).isEmpty { return [] }
    return try SharedCosts.lines(days, costs: ownCosts(days), names: names, organisation.id, connection)
  }

  /// What the teams' own calls of a month cost.
  private func ownCosts(_ days: ReportDays) throws -> [TeamID: USD] {
    var costs: [TeamID: USD] = [:]
    if frozen != nil {
      for line in try direct() {
        if let team = line.team { costs[team] = line.exact.effective }
      }
      return costs
    }
    let query = CostQuery(
      range: days.period.range, timeZone: organisation.timeZone, groupBy: [.team], measures: CostMeasure.basic)
    let report = try CostRun(query, scope: wide, organisation: organisation, source: nil, connection).report(comparing: nil)
    let ids = Dictionary(names.teams.values.map { ($0.name, $0.id) }, uniquingKeysWith: { a, _ in a })
    for row in report.rows {
      if let team = row.values.first?.value.flatMap({ ids[$0] }) { costs[team, default: .zero] += row.measures.cost ?? .zero }
    }
    return costs
  }

  /// Distinct users by team; nil where they aren't known: with a breakdown, by some filters, in books of filtered lines.
  func activeUsers() throws -> [TeamID?: Int64]? {
    guard request.breakdown.isEmpty, closed == nil else { return nil }
    return try users(by: [.team]).map { rows in
      let ids = Dictionary(names.teams.values.map { ($0.name, $0.id) }, uniquingKeysWith: { a, _ in a })
      let found = rows.map { row -> (TeamID?, Int64) in
        (row.values.first?.value.map { ids[$0] ?? TeamID(0) }, row.measures.activeUsers ?? 0)
      }
      return Dictionary(found, uniquingKeysWith: &+)
    }
  }

  func totalUsers() throws -> Int64? { try users(by: [])?.first?.measures.activeUsers ?? 0 }

  private func users(by dimensions: [CostDimension]) throws -> [CostRow]? {
    guard Set(filter.keys).isSubset(of: [.project, .team, .userGroup, .model]) else { return nil }
    let query = CostQuery(
      range: days.period.range, timeZone: organisation.timeZone, groupBy: dimensions, filter: filter,
      measures: [.calls, .activeUsers])
    return try CostRun(query, scope: wide, organisation: organisation, source: nil, connection).report(comparing: nil).rows
  }
}
