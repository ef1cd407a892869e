import Domain
import Postgres

/// One report within one snapshot of the database. It is worked out for the whole organisation and cut to the reader's scope at the
/// end, so that a team's line has the same cents for everybody.
struct AllocationRun {
  let connection: Connection
  let request: AllocationRequest
  let organisation: Organisation
  let scope: AccessScope
  let days: ReportDays
  let book: StatementBook
  /// The month's statement, when it is closed and the booked month is asked for.
  let closed: StatementRow?
  /// The statement whose charges are read instead of the ledger: the closed one, or the one that is being closed.
  let frozen: StatementID?
  let names: CostDirectory
  let filter: CostFilter
  let projects: [ProjectID]

  init(
    _ request: AllocationRequest, scope: AccessScope, organisation: Organisation, closing: StatementID? = nil, _ c: Connection
  ) throws {
    let days = try ReportDays.read(request.period, organisation, c)
    try self.init(request, days, scope: scope, organisation: organisation, closing: closing, c)
  }

  private init(
    _ request: AllocationRequest, _ days: ReportDays, scope: AccessScope, organisation: Organisation, closing: StatementID?,
    _ c: Connection
  ) throws {
    try Self.check(request, days, scope, organisation)
    (connection, self.request, self.organisation, self.scope, self.days) = (c, request, organisation, scope, days)
    book = try StatementBook.read(organisation, c)
    let month = days.period.month.flatMap(CalendarMonth.init)
    closed = request.view == .bookedMonth ? try month.flatMap { try StatementRow.find($0, organisation.id, c) } : nil
    frozen = closed?.id ?? closing
    filter = request.filter.active
    let asked = Set(CostDimension.extras).filter { request.breakdown.contains($0) || request.filter.active[$0] != nil }
    names =
      try closed.map { try StatementNames.frozen($0.id, asked: asked, organisation.id, c) } ?? StatementNames.today(organisation.id, c)
    projects = names.projects(within: scope, filter: filter[.project])
  }

  private static func check(
    _ request: AllocationRequest, _ days: ReportDays, _ scope: AccessScope, _ organisation: Organisation
  ) throws {
    guard scope.organisation == organisation.id else {
      throw CostQueryRefusal(message: "The organisation is out of reach.")
    }
    let dimensions = Set(request.breakdown)
    guard request.breakdown.count <= AllocationRequest.breakdownMax, dimensions.count == request.breakdown.count,
      !dimensions.contains(.team)
    else {
      throw CostQueryRefusal(
        message: "Accepted as breakdown: up to \(AllocationRequest.breakdownMax) different dimensions beside the team.")
    }
    guard request.view == .usageMonth || days.period.month != nil else {
      throw CostQueryRefusal(message: "Books are kept by month. Accepted: a month such as 2026-10, or the view usageMonth.")
    }
    try scope.checkUsers(dimensions.union(request.filter.active.keys))
    let isCharged = !dimensions.contains(.user) && request.filter.active[.user] == nil
    guard request.view == .usageMonth || isCharged else {
      throw CostQueryRefusal(message: "Books know no single users. Accepted: the view usageMonth, or other dimensions.")
    }
  }

  /// The period before, asked the same.
  private func before() throws -> AllocationRun {
    try AllocationRun(
      request, try days.previous(organisation, connection), scope: scope, organisation: organisation, closing: nil, connection)
  }

  /// Of the reader's projects, whatever teams: those of other teams are cut at the end.
  var wide: AccessScope {
    AccessScope(
      organisation: scope.organisation, teams: .all, projects: scope.teams == .all ? scope.projects : .all, traces: .none, content: .none,
      users: scope.users)
  }

  func report(now: Timestamp) throws -> AllocationReport {
    let (lines, total) = try lines()
    let previous = try before().lines()
    let told = AllocationAssembly.compared(lines, with: previous.lines)
    var whole = total
    whole.previous = previous.total.exact.effective
    let (cut, sum) = cut(told, whole)
    var report = AllocationReport(
      organisation: organisation.name, period: days.period, view: request.view, lines: cut, total: sum,
      priceSet: try closed?.priceSet ?? Self.priceSet(organisation.id, connection), generatedAt: now)
    report.breakdown = request.breakdown
    report.filter = filter
    report.part = part
    report.declared = names.declared
    report.statement = statement(now: now)
    return report
  }

  private func statement(now: Timestamp) -> Statement? {
    guard request.view == .bookedMonth else { return nil }
    var statement = closed.map { book.statement(days, closed: $0) } ?? book.statement(days, now: now)
    // They are of the money of all teams.
    if part != nil { (statement.total, statement.sha256) = (nil, nil) }
    return statement
  }

  /// In words what of the organisation's money is in reach; nil: all.
  private var part: String? {
    let teams: String? = if case .only(let ids) = scope.teams { Self.words("team", ids.map { names.teams[$0]?.name ?? "\($0.rawValue)" }) } else { nil }
    let projects: String? =
      if scope.teams == .all, case .only(let ids) = scope.projects { Self.words("project", ids.map { names.projects[$0]?.slug ?? "\($0.rawValue)" }) } else { nil }
    return teams ?? projects
  }

  private static func words(_ kind: String, _ names: [String]) -> String {
    names.isEmpty ? "no \(kind)" : kind + (names.count == 1 ? " " : "s ") + names.sorted().joined(separator: ", ")
  }

  static func priceSet(_ organisation: OrganisationID, _ c: Connection) throws -> String {
    let sql: SQL = "select catalogue_revision, price_revision from organisations where id = \(organisation)"
    guard let text = try c.first(sql, { "catalogue \(try $0.int32(0)), own prices \(try $0.int32(1))" }) else {
      throw MissingRow()
    }
    return text
  }

  /// Lines of the whole organisation and their total.
  func lines() throws -> (lines: [AllocationLine], total: AllocationLine) {
    if let closed, filter.isEmpty, request.breakdown.isEmpty, wide.projects == .all {
      let lines = try FrozenLines.read(closed.id, connection)
      var total = AllocationAssembly.total(of: lines)
      total.activeUsers = closed.activeUsers
      return (lines, total)
    }
    return try assembled(direct: try direct(), adjustments: try adjustments())
  }

  /// `direct` and `adjustments` come from tables, or from charges that were read one by one.
  func assembled(direct: [AllocationLine], adjustments: [AllocationLine]) throws
    -> (lines: [AllocationLine], total: AllocationLine)
  {
    var direct = direct
    if !direct.contains(where: { $0.kind == .unallocated }), isShown(nil) {
      var line = AllocationLine.of(nil, .unallocated, names)
      line.values = request.breakdown.map(names.none)
      direct.append(line)
    }
    let active = try activeUsers()
    for i in direct.indices where active != nil { direct[i].activeUsers = active?[direct[i].team] ?? 0 }
    var (lines, total) = AllocationAssembly.assemble(direct: direct, shared: try shared(), adjustments: adjustments)
    total.activeUsers = try active == nil ? nil : totalUsers()
    return (lines, total)
  }

  /// The filter lets lines of the team through.
  func isShown(_ team: TeamID?) -> Bool {
    guard let wanted = filter[.team] else { return true }
    return wanted.contains(team.map { names.teams[$0]?.name ?? "team \($0)" } ?? "")
  }

  /// What the scope lets the reader see; the total is of these lines.
  private func cut(_ lines: [AllocationLine], _ total: AllocationLine) -> ([AllocationLine], AllocationLine) {
    guard scope.teams != .all else { return (lines, total) }
    let kept = lines.filter(isInScope).map(AllocationLine.withoutOthers)
    var sum = AllocationAssembly.total(of: kept)
    sum.previous = kept.reduce(USD.zero) { $0 + ($1.previous ?? .zero) }
    return (kept, sum)
  }

  func isInScope(_ line: AllocationLine) -> Bool {
    line.team.map { scope.teams.includes($0) } ?? (scope.teams == .all)
  }
}

extension AllocationLine {
  /// A split by own cost tells what other teams cost: a reader of some teams sees the share instead.
  static func withoutOthers(_ line: AllocationLine) -> AllocationLine {
    guard let shared = line.shared, shared.method == .proportionalCost, shared.driverTotal > 0 else { return line }
    var line = line
    let share = Double(shared.driver) / Double(shared.driverTotal) * 1_000_000
    line.shared?.driver = Int128(share.rounded())
    line.shared?.driverTotal = 1_000_000
    line.shared?.isShareOnly = true
    return line
  }
}
