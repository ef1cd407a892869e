import Domain
import Postgres
import Testing

@testable import Store

/// What is kept how long, and what goes when the disk is full.
@Suite struct StorageTests {
  private let scope = AccessScope(organisation: OrganisationID(1), teams: .all, projects: .all, readsContent: true)
  private static let day: Int64 = 86_400

  /// A trace whose body was written so many days before noon.
  private func send(_ trace: UInt64, daysAgo: Int64, _ fixture: WriteFixture) async throws {
    let written = WriteFixture.noon.adding(seconds: -daysAgo * Self.day)
    let door = ObservationDoor(pool: fixture.pool, partitions: fixture.partitions, clock: { written })
    var facts = ObservationFacts.call(1, of: trace, in: fixture.project, atSeconds: -daysAgo * Self.day)
    facts.bodies = [BodyPart(kind: .input, text: "text of trace \(trace)", stamp: Stamp(time: 1, rank: 0, hash: trace))]
    _ = try await GroupWriter(door: door).write([fixture.submission([facts])])[0].get()
  }

  private func input(_ trace: UInt64, _ fixture: WriteFixture) async throws -> String? {
    let id = TraceID(high: 7, low: trace)
    let parts = try await fixture.observations(of: id).first?.facts.parts ?? []
    return try await PayloadReader(pool: fixture.pool).bodies(of: parts, project: fixture.project, trace: id).input
  }

  @Test func olderBlocksFollowTheClassOnRequestAndAreStillRead() async throws {
    let fixture = try await WriteFixture.make()
    try await send(1, daysAgo: 1, fixture)
    try await send(2, daysAgo: 20, fixture)
    let classes = PayloadClasses(pool: fixture.pool, partitions: fixture.partitions)
    try await classes.choose(.days7, installation: 90, for: fixture.project, scope: scope, by: "owner")
    try await classes.move(fixture.project, scope: scope, by: "owner")
    while try await classes.work(now: WriteFixture.noon) {}
    #expect(try await input(1, fixture) == "text of trace 1")
    #expect(try await input(2, fixture) == nil)
    #expect(try await fixture.number("select count(*) from payloads_7") == 1)
    #expect(try await fixture.number("select count(*) from payload_signatures_7") == 1)
    #expect(try await fixture.number("select count(*) from payloads_90") == 0)
    let move = try #require(try await classes.moves(scope: scope).first)
    #expect((move.blocksMoved, move.blocksRemoved) == (1, 1))
  }

  @Test func theChoiceOfAProjectOutlivesTheInstallationsAge() async throws {
    let fixture = try await WriteFixture.make()
    let classes = PayloadClasses(pool: fixture.pool, partitions: fixture.partitions)
    try await classes.choose(.days400, installation: 90, for: fixture.project, scope: scope, by: "owner")
    try await AccountStore(pool: fixture.pool).applyRetention(payloadDays: 30, observationMonths: 25)
    #expect(try await fixture.number("select retention_days from projects") == 400)
    try await classes.choose(nil, installation: 30, for: fixture.project, scope: scope, by: "owner")
    #expect(try await fixture.number("select retention_days from projects") == 30)
  }

  @Test func aProjectOutOfReachKeepsItsClass() async throws {
    let fixture = try await WriteFixture.make()
    let classes = PayloadClasses(pool: fixture.pool, partitions: fixture.partitions)
    let other = AccessScope(organisation: OrganisationID(1), teams: .all, projects: .none, readsContent: false)
    await #expect(throws: StructureError.unknown("project")) {
      try await classes.choose(.days7, installation: 90, for: fixture.project, scope: other, by: "x")
    }
  }

  @Test func theBudgetTakesTheOldestPayloadsAndNoMoney() async throws {
    let fixture = try await WriteFixture.make()
    for (trace, days) in [(UInt64(1), Int64(30)), (2, 10), (3, 0)] { try await send(trace, daysAgo: days, fixture) }
    let state = try await fixture.state()
    let outcome = try await DiskBudget(pool: fixture.pool, worthDroppingBytes: 0).enforce(maxBytes: 1, now: WriteFixture.noon)
    #expect(outcome.isOver)
    #expect(outcome.droppedDays.count >= 2 && outcome.droppedDays == outcome.droppedDays.sorted())
    #expect(try await input(1, fixture) == nil)
    #expect(try await input(2, fixture) == nil)
    #expect(try await input(3, fixture) == "text of trace 3")
    #expect(WriteFixture.difference(state, try await fixture.state()) == [])
  }

  @Test func aBudgetThatIsKeptTakesNothing() async throws {
    let fixture = try await WriteFixture.make()
    try await send(1, daysAgo: 30, fixture)
    let outcome = try await DiskBudget(pool: fixture.pool, worthDroppingBytes: 0).enforce(maxBytes: .max, now: WriteFixture.noon)
    #expect(outcome.droppedDays.isEmpty && !outcome.isOver)
    #expect(try await input(1, fixture) != nil)
  }

  @Test func projectsAreToldWhatTheyKeepOnceADayIsOver() async throws {
    let fixture = try await WriteFixture.make()
    for trace in UInt64(1)...3 { try await send(trace, daysAgo: 2, fixture) }
    let storage = Storage(pool: fixture.pool)
    try await storage.count(now: WriteFixture.noon)
    try await storage.count(now: WriteFixture.noon)
    let report = try await storage.report(scope: scope)
    let project = try #require(report.projects.first)
    #expect((project.observations, project.blocks) == (3, 3))
    #expect(project.observationBytes > 0 && project.payloadBytes > 0)
    #expect(report.tables.contains { $0.name == "payloads, 90 days" } && report.tables.contains { $0.name == "observations" })
    #expect(report.databaseBytes > 0 && report.samples.count == 1 && report.growthBytesPerDay == nil)
  }

  @Test func agedDaysGoWithTheirTracesAndEverySumStays() async throws {
    let fixture = try await WriteFixture.make()
    for (trace, days) in [(UInt64(1), Int64(39)), (2, 38), (3, 1)] { try await send(trace, daysAgo: days, fixture) }
    let before = try await fixture.state()
    let frozen = WriteFixture.noon.adding(seconds: -30 * Self.day)
    try await fixture.pool.run { c in _ = try c.execute("update projects set frozen_before = \(frozen)") }
    let age = ObservationAge(pool: fixture.pool)
    var dropped = 0
    while try await age.dropNext() != nil { dropped += 1 }
    #expect(dropped >= 2)
    #expect(try await fixture.number("select count(*) from observations") == 1)
    #expect(try await fixture.number("select count(*) from traces") == 1)
    let after = try await fixture.state()
    for table in WriteFixture.sums { #expect(after[table] == before[table], "\(table)") }
    #expect(before["charges_day"]?.isEmpty == false)
  }

  @Test func aDayThatWaitsToBeSummedStays() async throws {
    let fixture = try await WriteFixture.make()
    try await send(1, daysAgo: 39, fixture)
    let frozen = WriteFixture.noon.adding(seconds: -30 * Self.day)
    try await fixture.pool.run { c in _ = try c.execute("update projects set frozen_before = \(frozen)") }
    let age = ObservationAge(pool: fixture.pool)
    #expect(try await age.dropNext() == nil)
    #expect(try await fixture.number("select count(*) from observations") == 1)
    #expect(try await fixture.number("select count(*) from traces") == 1)
    try await fixture.foldAll()
    try await fixture.sumAll()
    while try await age.dropNext() != nil {}
    #expect(try await fixture.number("select count(*) from observations") == 0)
  }
}
