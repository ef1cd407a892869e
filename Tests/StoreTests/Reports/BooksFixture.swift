import Domain
import Postgres
import Testing

@testable import Store

/// An organisation whose months are closed: two projects, three teams, calls written through the door.
struct BooksFixture: Sendable {
  let write: WriteFixture
  let organisation: Organisation
  let docs: ProjectID
  var pool: ConnectionPool { write.pool }
  var scope: AccessScope { AccessScope(organisation: organisation.id, teams: .all, projects: .all, readsContent: false) }
  var reports: AllocationReports { AllocationReports(pool: pool) }
  /// Long after every month of the tests.
  var statements: Statements { Statements(pool: pool, now: { instant("2030-01-01T00:00:00Z") }) }
  var pools: PoolStore { PoolStore(pool: pool) }

  static func make(zone: String = "Europe/Madrid") async throws -> BooksFixture {
    let write = try await WriteFixture.make()
    let docs = try await write.pool.run { c -> ProjectID in
      try c.execute("update organisations set time_zone = \(zone)")
      try c.execute("update projects set frozen_before = '2025-09-01Z'")
      let sql: SQL = """
        insert into projects (organisation_id, slug, name, team_id, frozen_before) values (1, 'docs', 'Docs', 1, '2025-09-01Z')
        returning id
        """
      return try c.first(sql) { try $0.id(0) } ?? ProjectID(0)
    }
    let organisation = Organisation(id: OrganisationID(1), name: "Acme", timeZone: zone)
    return BooksFixture(write: write, organisation: organisation, docs: docs)
  }

  /// A call of the fixed prices that belongs to a team (0: none) by its user's name.
  func call(
    _ id: UInt64, at time: Timestamp, team: Int = 1, project: ProjectID? = nil, model: String = "small",
    change: (inout ObservationFacts) -> Void = { _ in }
  ) -> ObservationFacts {
    .call(id, of: id, in: project ?? write.project, model: model) { facts in
      facts.startedAt = time
      facts.endedAt = time.adding(seconds: 2)
      facts.user = "user\(team)"
      change(&facts)
    }
  }

  /// Calls of one send are of one project.
  func send(_ calls: [ObservationFacts]) async throws {
    for (project, calls) in Dictionary(grouping: calls, by: \.project).sorted(by: { $0.key < $1.key }) {
      var submission = write.submission(calls, decide: FixedPrices.decide)
      submission.context = IngestContext(project: project, key: KeyID(1), environment: nil, receivedAt: WriteFixture.noon)
      _ = try await write.writer.write([submission])[0].get()
    }
    try await write.foldAll()
  }

  func report(
    _ month: String, _ view: ReportView = .bookedMonth, breakdown: [CostDimension] = [], filter: CostFilter = [:],
    scope: AccessScope? = nil
  ) async throws -> AllocationReport {
    let request = AllocationRequest(period: .month(month), view: view, breakdown: breakdown, filter: filter)
    return try await reports.run(request, scope: scope ?? self.scope, organisation: organisation)
  }

  func charges(
    _ month: String, _ view: ReportView = .bookedMonth, breakdown: [CostDimension] = [], filter: CostFilter = [:],
    scope: AccessScope? = nil
  ) async throws -> [Charge] {
    let request = AllocationRequest(period: .month(month), view: view, breakdown: breakdown, filter: filter)
    var all: [Charge] = []
    try await reports.charges(request, scope: scope ?? self.scope, organisation: organisation) { all += $0 }
    return all
  }

  @discardableResult
  func close(_ month: String, comment: String = "") async throws -> Statement {
    try await statements.close(month, comment: comment, by: "finance@acme.test", scope: scope, organisation: organisation)
  }

  func bridge(_ month: String) async throws -> StatementBridge {
    try await statements.bridge(month, scope: scope, organisation: organisation)
  }

  func ledger(_ months: [String]) async throws -> USD {
    var sum = USD.zero
    for month in months { sum += try await report(month, .usageMonth).direct.effective }
    return sum
  }

  func waiting() async throws -> [WaitingCorrection] {
    try await statements.correctionsWaiting(range("2025-01-01T00:00:00Z", "2029-01-01T00:00:00Z"), scope: scope, organisation: organisation)
  }
}

extension AllocationReport {
  func amounts(_ kinds: Set<AllocationLine.Kind>) -> Amounts {
    lines.filter { kinds.contains($0.kind) }.reduce(Amounts()) { $0 + $1.exact }
  }
  /// What the period's own calls cost.
  var direct: Amounts { amounts([.team, .unallocated]) }
}

/// What must hold of every report, whatever is in it.
func expectSound(_ report: AllocationReport, sourceLocation: SourceLocation = #_sourceLocation) {
  let exact = report.lines.reduce(Amounts()) { $0 + $1.exact }
  let rounded = report.lines.reduce(Amounts()) { $0 + $1.rounded }
  #expect(exact == report.total.exact, sourceLocation: sourceLocation)
  #expect(rounded == report.total.rounded, sourceLocation: sourceLocation)
  #expect(report.lines.contains { $0.kind == .unallocated }, sourceLocation: sourceLocation)
  for column in Amounts.columns {
    let cent: Int128 = 10_000_000_000
    let total = report.total
    let difference = (total.rounded[keyPath: column] - total.exact[keyPath: column]).pico.magnitude
    #expect(difference <= UInt128(cent / 2), "the total is rounded once", sourceLocation: sourceLocation)
    for line in report.lines {
      let moved = (line.rounded[keyPath: column] - line.exact[keyPath: column]).pico.magnitude
      #expect(moved < UInt128(cent), sourceLocation: sourceLocation)
      #expect(line.rounded[keyPath: column].pico % cent == 0, sourceLocation: sourceLocation)
    }
  }
  #expect(report.lines.reduce(0) { $0 + $1.calls } == report.total.calls, sourceLocation: sourceLocation)
}

/// Charges are the report's lines: by team exact without rounding, rounded with it; quantity × unit price is the cost.
func expectSame(_ charges: [Charge], as report: AllocationReport, sourceLocation: SourceLocation = #_sourceLocation) {
  struct Account: Hashable {
    var kind: AllocationLine.Kind
    var team: TeamID?
  }
  func sums(_ pairs: [(AllocationLine, Amounts)]) -> [Account: Amounts] {
    Dictionary(pairs.map { (Account(kind: $0.0.kind, team: $0.0.team), $0.1) }, uniquingKeysWith: +).filter { $0.value != Amounts() }
  }
  let plain = charges.filter { $0.meter != .rounding }
  #expect(sums(plain.map { ($0.team, $0.amounts) }) == sums(report.lines.map { ($0, $0.exact) }), sourceLocation: sourceLocation)
  #expect(sums(charges.map { ($0.team, $0.amounts) }) == sums(report.lines.map { ($0, $0.rounded) }), sourceLocation: sourceLocation)
  #expect(charges.reduce(0) { $0 + $1.calls } == report.total.calls, sourceLocation: sourceLocation)
  #expect(charges.reduce(0) { $0 + $1.errors } == report.total.errors, sourceLocation: sourceLocation)
  #expect(charges.reduce(0) { $0 + $1.unpricedCalls } == report.total.unpricedCalls, sourceLocation: sourceLocation)
  for charge in charges {
    guard case .usage = charge.meter else { continue }
    let quantity = Int128(charge.quantity)
    #expect(charge.amounts.contracted.pico == Int128(charge.contractedUnitPico ?? 0) * quantity, sourceLocation: sourceLocation)
    #expect(charge.amounts.list.pico == Int128(charge.listUnitPico ?? 0) * quantity, sourceLocation: sourceLocation)
  }
}
