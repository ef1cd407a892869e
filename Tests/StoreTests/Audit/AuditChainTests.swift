import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct AuditChainTests {
  private struct Log {
    let fixture: ReportFixture
    let log: AuditLog
    var organisation: OrganisationID { fixture.organisation.id }

    func add(_ count: Int) async throws {
      for n in 0..<count {
        try await log.record(
          AuditEvent("tested", "subject \(n)", detail: ["n": "\(n)", "none": nil], before: ["é": "\"1\""], after: ["é": "2"]),
          by: "ann@example.com", in: organisation)
      }
    }

    func verdict(_ marks: [AuditMark] = []) async throws -> AuditVerdict { try await log.verify(organisation, marks: marks) }

    /// As somebody who may do anything in the database.
    func tamper(_ sql: SQL) async throws {
      try await fixture.pool.transaction { c in
        try c.execute("set local session_replication_role = replica")
        try c.execute(sql)
      }
    }
  }

  private func make(_ entries: Int = 5) async throws -> Log {
    let fixture = try await ReportFixture.make()
    let log = Log(fixture: fixture, log: AuditLog(pool: fixture.pool))
    // What the fixture did is told too.
    try await log.tamper("delete from audit_entries")
    try await log.tamper("delete from audit_heads")
    try await log.add(entries)
    return log
  }

  @Test func anUntouchedChainIsInOrderAndItsHeadIsTheLastHash() async throws {
    let log = try await make()
    let verdict = try await log.verdict()
    let entries = try await log.log.entries(scope: log.fixture.scope)
    #expect(verdict.fault == nil && verdict.entries == 5)
    #expect(verdict.head == entries.first?.sha256 && entries.map(\.number) == [5, 4, 3, 2, 1])
    #expect(entries.last?.previousSHA256 == [UInt8](repeating: 0, count: 32))
    #expect(entries[0].detail == #"{"n": "4", "none": null}"# && entries[0].before == #"{"é": "\"1\""}"#)
  }

  @Test(arguments: [
    "actor = 'bob@example.com'", "action = 'other'", "subject = 'x'", "detail = '{}'", "before = null", "after = '{}'", "address = '10.0.0.9'",
    "agent = 'curl'", "at = at + interval '1 microsecond'", "sha256 = decode(repeat('11', 32), 'hex')",
  ])
  func aChangedColumnIsFound(_ change: String) async throws {
    let log = try await make()
    try await log.tamper("update audit_entries set \(unescaped: change) where number = 3")
    let fault = try #require(try await log.verdict().fault)
    #expect(fault.number == 3 && fault.id != nil)
  }

  @Test func removedEntriesAreFoundAlsoAtTheEnd() async throws {
    let middle = try await make(), end = try await make()
    try await middle.tamper("delete from audit_entries where number = 2")
    #expect(try await middle.verdict().fault == .init(id: nil, number: 2, reason: "it is gone: entry 3 follows 1"))
    try await end.tamper("delete from audit_entries where number >= 4")
    #expect(try await end.verdict().fault == .init(id: nil, number: 4, reason: "it is gone: the chain had 5 entries"))
  }

  @Test func aChainWrittenAnewIsFoundByANotedHead() async throws {
    let log = try await make()
    let entries = try await log.log.entries(scope: log.fixture.scope)
    let mark = try #require(AuditMark(AuditMark(number: 4, sha256: entries[1].sha256).description))
    try await log.tamper("update audit_entries set actor = 'bob@example.com' where number = 3")
    try await log.tamper("update audit_heads set entries = 2, sha256 = (select sha256 from audit_entries where number = 2)")
    for id in entries.filter({ $0.number >= 3 }).map(\.id).sorted() { try await log.tamper("select chain_audit_entry(\(id))") }
    #expect(try await log.verdict().fault == nil, "alone, it looks well")
    #expect(try await log.verdict([mark]).fault?.number == 4)
  }

  @Test(arguments: ["update audit_entries set actor = 'x'", "delete from audit_entries", "truncate audit_entries", "update audit_entries set sha256 = null"])
  func theLogIsAppendOnly(_ change: String) async throws {
    let log = try await make(2)
    await #expect { try await log.fixture.pool.run { c in _ = try c.execute(SQL(change)) } } throws: { ($0 as? DatabaseError)?.sqlState == "23001" }
    #expect(try await log.verdict().entries == 2)
  }

  @Test func entriesOfManyAtOnceMakeOneChainInOrderOfCommit() async throws {
    let log = try await make(0)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 { group.addTask { try await log.add(10) } }
      try await group.waitForAll()
    }
    let verdict = try await log.verdict()
    #expect(verdict.fault == nil && verdict.entries == 40)
  }

  @Test func anEntryTellsWhereTheRequestCameFrom() async throws {
    let log = try await make(0)
    try await AuditOrigin.$current.withValue(AuditOrigin(address: "192.0.2.7", agent: "Browser\u{0}/1")) { try await log.add(1) }
    try await log.add(1)
    let entries = try await log.log.entries(scope: log.fixture.scope)
    #expect(entries.map(\.address) == [nil, "192.0.2.7"] && entries.map(\.agent) == [nil, "Browser/1"])
    #expect(try await log.verdict().fault == nil)
  }

  @Test func filtersKeepWhatTheyAskFor() async throws {
    let log = try await make(3)
    try await log.log.record(AuditEvent("signed in", "member 1"), by: "Bob", in: log.organisation)
    func found(_ query: AuditQuery) async throws -> [Int64] { try await log.log.entries(query, scope: log.fixture.scope).map(\.number) }
    #expect(try await found(AuditQuery(actor: "BOB")) == [4])
    #expect(try await found(AuditQuery(action: "tested", subject: "JECT 1")) == [2])
    #expect(try await found(AuditQuery(subject: "100%_")) == [])
    let past = TimeRange(spanning: Timestamp(seconds: 0), Timestamp(seconds: 1))
    #expect(try await found(AuditQuery(range: past)) == [])
    #expect(try await log.log.actions(scope: log.fixture.scope) == ["signed in", "tested"])
  }

  @Test func theChainIsReadOnFromWhereOneStoppedInBothOrders() async throws {
    let log = try await make(5), scope = log.fixture.scope
    func numbers(_ query: AuditQuery = AuditQuery(), from: Int64? = nil, up: Bool, limit: Int = 2) async throws -> [Int64] {
      try await log.log.chain(query, from: from, isAscending: up, limit: limit, scope: scope).map(\.number)
    }
    #expect(try await numbers(up: false) == [5, 4])
    #expect(try await numbers(from: 4, up: false, limit: 9) == [3, 2, 1])
    #expect(try await numbers(up: true) == [1, 2])
    #expect(try await numbers(from: 5, up: true) == [])
    try await log.add(1)
    #expect(try await numbers(from: 5, up: true) == [6])
    #expect(try await numbers(AuditQuery(subject: "subject 0"), up: true, limit: 9) == [1, 6])
  }

  @Test func theHeadIsWhatVerifyingFindsAndWhatALogLineKeeps() async throws {
    let log = try await make(3), head = try #require(try await log.log.head(scope: log.fixture.scope))
    #expect(try await log.verdict().head == head.sha256 && head.number == 3)
    #expect(try await log.log.heads().map(\.head) == [head])
    let kept = "2026-11-23T09:00:00Z notice quipu: mark=\(head) organisation=Acme [Server] audit head\nmark=12:beef \"mark\":\"\(head)\","
    #expect(AuditMark.all(in: kept) == [head, head])
  }

  @Test func anotherOrganisationReadsNothingOfTheChain() async throws {
    let log = try await make(3)
    let stranger = AccessScope(organisation: OrganisationID(log.organisation.rawValue + 1), teams: .all, projects: .all, readsContent: true)
    #expect(try await log.log.chain(scope: stranger).isEmpty)
    #expect(try await log.log.entries(scope: stranger).isEmpty)
    #expect(try await log.log.head(scope: stranger) == nil)
  }

  @Test func whatAStrangerRepeatsIsToldOnce() async throws {
    let log = try await make(0)
    for _ in 0..<3 { try await log.log.recordOfStranger(AuditEvent("sign-in limited", "unknown account"), onceInSeconds: 900) }
    #expect(try await log.log.entries(scope: log.fixture.scope).count == 1)
  }
}
