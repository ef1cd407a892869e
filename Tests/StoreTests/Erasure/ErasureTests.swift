import Domain
import Postgres
import Testing

@testable import Store

/// Forgetting one person: nothing of them is left, and no total moves.
@Suite struct ErasureTests {
  private static let alice = "alice@example.com"
  private let scope = AccessScope(organisation: OrganisationID(1), teams: .all, projects: .all, readsContent: true)

  private func body(_ kind: BodyKind, _ text: String, _ hash: UInt64) -> BodyPart {
    BodyPart(kind: kind, text: text, stamp: Stamp(time: 1, rank: 0, hash: hash))
  }

  private func call(_ id: UInt64, of trace: UInt64, _ project: ProjectID, change: (inout ObservationFacts) -> Void = { _ in }) -> ObservationFacts {
    .call(id, of: trace, in: project, atSeconds: Int64(id) * 10) { facts in
      facts.bodies = [self.body(.input, "hello from \(Self.alice)", id), self.body(.metadata, "{\"mail\":\"\(Self.alice)\"}", id)]
      change(&facts)
    }
  }

  private func trace(_ id: UInt64, _ project: ProjectID, user: String) -> TraceFacts {
    var facts = TraceFacts(project: project, id: TraceID(high: 7, low: id))
    facts.user = user
    facts.session = "session of \(user)"
    facts.name = "chat with \(user)"
    facts.tags = ["vip", user]
    facts.stampAll(Stamp(time: 1, rank: 0, hash: id))
    return facts
  }

  /// Trace 1 names Alice, in trace 2 one observation does, trace 3 is Bob's.
  private func fill(_ fixture: WriteFixture) async throws {
    let project = fixture.project
    let failed = call(2, of: 1, project) {
      $0.level = .error
      $0.statusMessage = "\(Self.alice) was refused"
    }
    let hers = call(4, of: 2, project) { $0.user = Self.alice }
    var bobs = ObservationFacts.call(5, of: 3, in: project)
    bobs.bodies = [body(.input, "hello from bob", 5)]
    var score = Score(
      project: project, id: "s1", stamp: Stamp(time: 1, rank: 0, hash: 1), name: "quality", dataType: .numeric, source: .api,
      environment: "default", createdAt: WriteFixture.noon)
    score.trace = TraceID(high: 7, low: 1)
    score.number = 1
    score.comment = "asked by \(Self.alice)"
    try await fixture.send(
      [call(1, of: 1, project), failed, call(3, of: 2, project), hers, bobs],
      traces: [trace(1, project, user: Self.alice), trace(2, project, user: "carol"), trace(3, project, user: "bob")], scores: [score])
    try await fixture.pool.run { c in
      try c.execute("insert into user_groups (organisation_id, name) values (1, 'Testers')")
      try c.execute("insert into user_group_members (organisation_id, user_id, group_id) values (1, \(Self.alice), 1)")
    }
    _ = try await fixture.state()
  }

  private func erase(_ fixture: WriteFixture) async throws -> Erasure {
    let erasures = Erasures(pool: fixture.pool, door: fixture.door)
    let begun = try await erasures.begin(user: Self.alice, reason: "asked for it", scope: scope, by: "owner@example.com")
    while try await erasures.work() {}
    return try #require(try await erasures.find(begun.id, scope: scope))
  }

  /// Tables whose rows hold the text, blocks inflated.
  private func places(of text: String, _ fixture: WriteFixture) async throws -> [String] {
    try await fixture.pool.run { c in
      let tables = try c.query("select relname from pg_class where relkind in ('r', 'p') and not relispartition and relnamespace = 'public'::regnamespace") { try $0.string(0) }
      var found = try tables.filter { table in
        try c.first("select 1 from \(unescaped: SQL.quoted(identifier: table)) t where position(\(text) in t::text) > 0 limit 1", { _ in true }) != nil
      }
      let zstd = Zstd()
      let blocks = try c.query("select data from payloads") { try $0.bytes(0) }
      if blocks.contains(where: { block in
        block.withUnsafeBytes { zstd.decompress($0) }.map { String(decoding: $0, as: UTF8.self).contains(text) } ?? false
      }) { found.append("payload blocks") }
      return found
    }
  }

  @Test func nothingOfTheUserIsLeftAndEveryTotalStays() async throws {
    let fixture = try await WriteFixture.make()
    try await fill(fixture)
    let before = try await fixture.number("select sum(cost_pico) from spend_hour")
    #expect(before > 0)
    let named = try await places(of: Self.alice, fixture)
    #expect(Set(["traces", "observations", "scores", "user_group_members", "payload blocks", "spend_user_day"]).isSubset(of: Set(named)))
    let erasure = try await erase(fixture)
    _ = try await fixture.state()
    let left = try await places(of: Self.alice, fixture)
    #expect(left == [])
    #expect(try await fixture.number("select sum(cost_pico) from spend_hour") == before)
    #expect(try await fixture.number("select sum(cost_pico) from observations") == before)
    #expect(try await fixture.number("select sum(calls) from spend_user_day where user_id = \(erasure.pseudonym)") == 3)
    #expect(try await fixture.number("select count(*) from user_group_members where user_id = \(erasure.pseudonym)") == 1)
  }

  @Test func aFoldThatRunsMeanwhileLeavesNoNameInTheSums() async throws {
    let fixture = try await WriteFixture.make()
    try await fill(fixture)
    try await fixture.sumAll()
    #expect(try await fixture.number("select count(*) from spend_user_month where user_id = \(Self.alice)") == 1)
    async let fold: Void = holdTheFoldUntilItIsWaitedFor(fixture)
    while try await fixture.number("select count(*) from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())") == 0 { await Task.yield() }
    _ = try await erase(fixture)
    try await fold
    #expect(try await places(of: Self.alice, fixture) == [])
  }

  /// Or until an erasure has ended without waiting.
  private func holdTheFoldUntilItIsWaitedFor(_ fixture: WriteFixture) async throws {
    try await fixture.pool.transaction { c in
      try c.execute("select pg_advisory_xact_lock(\(AdvisoryLock.fold))")
      let sql: SQL = """
        select exists (select from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database()))
          or exists (select from erasures where finished_at is not null)
        """
      while try c.first(sql, { try $0.bool(0) }) != true { try c.execute("select pg_sleep(0.02)") }
    }
  }

  @Test func contentOfOthersStays() async throws {
    let fixture = try await WriteFixture.make()
    try await fill(fixture)
    _ = try await erase(fixture)
    #expect(try await places(of: "hello from bob", fixture) == ["payload blocks"])
    #expect(try await fixture.number("select count(*) from payload_signatures") == 1)
  }

  @Test func theReceiptTellsWhatWasDoneAndNotWho() async throws {
    let fixture = try await WriteFixture.make()
    try await fill(fixture)
    try await fixture.pool.run { c in
      _ = try c.execute(
        """
        insert into sampling_settings (project_id, payload_share, span_share, keep, created_by)
        select min(id), 0, 0, jsonb_build_object('users', jsonb_build_array(\(Self.alice)::text)), 'ann' from projects
        """)
    }
    let erasure = try await erase(fixture)
    let receipt = try #require(erasure.receipt)
    #expect(erasure.finishedAt != nil)
    #expect((erasure.traces, erasure.observations, erasure.scores) == (2, 4, 1))
    #expect(receipt.contains(erasure.pseudonym) && receipt.contains("backups"))
    #expect(receipt.contains("\"settingsThatNameTheUser\": 1"))
    #expect(!receipt.contains(Self.alice))
  }

  @Test func whatArrivesLaterTakesThePseudonymAndLosesItsContent() async throws {
    let fixture = try await WriteFixture.make()
    let erasure = try await erase(fixture)
    let directory = try await AccountStore(pool: fixture.pool).attributionDirectory(organisation: OrganisationID(1))
    var batch = IngestBatch()
    batch.observations = [call(9, of: 9, fixture.project), call(10, of: 10, fixture.project) { $0.user = "bob" }]
    batch.traces = [trace(9, fixture.project, user: Self.alice)]
    directory.erased.apply(to: &batch)
    #expect(batch.traces[0].user == erasure.pseudonym)
    #expect(batch.traces[0].tags == [erasure.pseudonym, "vip"].sorted())
    #expect(batch.observations[0].bodies.isEmpty && batch.observations[0].usage != nil)
    #expect(batch.observations[1].user == "bob" && batch.observations[1].bodies.count == 2)
  }

  @Test func writersThatDoNotKnowOfItAreRefused() async throws {
    let fixture = try await WriteFixture.make()
    _ = try await Erasures(pool: fixture.pool, door: fixture.door).begin(user: Self.alice, reason: "asked", scope: scope, by: "owner")
    var submission = fixture.submission([call(1, of: 1, fixture.project)])
    submission.decidedBy = DecisionRevisions(catalogue: .max, agreements: .max, attribution: 0)
    await #expect(throws: StaleDecision.self) { try await fixture.writer.write([submission])[0].get() }
  }

  @Test func sendingAgainWhatWasErasedBringsNothingBack() async throws {
    let fixture = try await WriteFixture.make()
    try await fill(fixture)
    _ = try await erase(fixture)
    let state = try await fixture.state()
    let directory = try await AccountStore(pool: fixture.pool).attributionDirectory(organisation: OrganisationID(1))
    var batch = IngestBatch()
    batch.observations = [call(1, of: 1, fixture.project)]
    batch.traces = [trace(1, fixture.project, user: Self.alice)]
    directory.erased.apply(to: &batch)
    try await fixture.send(batch.observations, traces: batch.traces)
    #expect(WriteFixture.difference(state, try await fixture.state()) == [])
  }

  @Test(arguments: [("e", "message of e", "message of erased-1"), ("bob", "bobsled and bob", "bobsled and erased-1"), ("@x", "a@x", "aerased-1"), ("李", "李先生", "erased-1先生")])
  func aShortNameIsNotTakenOutOfWords(user: String, text: String, left: String) {
    #expect(ErasedName(user: user, pseudonym: "erased-1").replaced(in: text) == left)
  }

  @Test func valuesThatOnlyContainTheNameStay() async throws {
    let fixture = try await WriteFixture.make()
    try await fixture.pool.run { c in
      try c.execute("insert into admitted_values (project_id, day, dimension, value) values (\(fixture.project), '2026-09-21', 0, '/messages'), (\(fixture.project), '2026-09-21', 0, '/of/e')")
    }
    let erasures = Erasures(pool: fixture.pool, door: fixture.door)
    _ = try await erasures.begin(user: "e", reason: "asked", scope: scope, by: "owner")
    while try await erasures.work() {}
    #expect(try await fixture.number("select count(*) from admitted_values where value = '/messages'") == 1)
    #expect(try await fixture.number("select count(*) from admitted_values") == 1)
  }
}
