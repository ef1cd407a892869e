import Dispatch
import Domain
import Postgres
import Testing

@testable import Store

/// A day has at most 1,000 endpoints, and so has each declared dimension.
@Suite struct ValueGuardTests {
  /// The endpoint is what was sent; the first extra is the service.
  private static let decide: Decide = { snapshot in
    FixedPrices.decide(&snapshot)
    for i in snapshot.observations.indices {
      snapshot.observations[i].decision.endpoint = snapshot.observations[i].facts.endpointHint
      if let service = snapshot.observations[i].facts.service { snapshot.observations[i].decision.extras = [service, "", "", "same"] }
    }
  }

  private func calls(_ names: Range<Int>, _ fixture: WriteFixture, atSeconds: Int64 = 0) -> [ObservationFacts] {
    names.map { n in
      ObservationFacts.call(1, of: UInt64(n + 1), in: fixture.project, atSeconds: atSeconds) { $0.endpointHint = "/page-\(n)" }
    }
  }

  private func admitted(_ fixture: WriteFixture) async throws -> Int64 { try await fixture.number("select count(*) from admitted_values") }
  private func others(_ fixture: WriteFixture) async throws -> Int64 {
    try await fixture.number("select count(*) from observations where endpoint = '(other)'")
  }
  private func coldDoor(_ fixture: WriteFixture) -> ObservationDoor {
    ObservationDoor(pool: fixture.pool, partitions: Partitions(pool: fixture.pool))
  }
  private func rows(_ fixture: WriteFixture) async throws -> [String] {
    try await fixture.pool.run { c in
      try c.query("select concat_ws(' ', trace_id, id, ctid, xmin, endpoint, extra_1) from observations order by 1") { try $0.string(0) }
    }
  }

  @Test func firstThousandValuesOfADayKeepTheirNameAndAllOthersFold() async throws {
    let fixture = try await WriteFixture.make()
    try await fixture.send(calls(0..<600, fixture), decide: Self.decide)
    try await fixture.send(calls(500..<1100, fixture, atSeconds: 5), decide: Self.decide)
    try await fixture.send(calls(1100..<1200, fixture), decide: Self.decide)
    #expect(try await admitted(fixture) == 1000)
    #expect(try await others(fixture) == 200)
    #expect(try await fixture.number("select count(distinct endpoint) from observations") == 1001)
    // Rollups have what the rows have.
    try await fixture.foldAll()
    #expect(try await fixture.number("select count(distinct endpoint) from spend_endpoint_hour") == 1001)
    #expect(try await fixture.number("select sum(calls) from spend_endpoint_hour where endpoint = '(other)'") == 200)
    // The next day begins anew.
    try await fixture.send(calls(2000..<2010, fixture, atSeconds: 43_200), decide: Self.decide)
    #expect(try await others(fixture) == 200)
    #expect(try await admitted(fixture) == 1010)
  }

  @Test func dimensionsAreCountedByThemselves() async throws {
    let fixture = try await WriteFixture.make()
    let calls = calls(0..<1005, fixture).map { call in
      var call = call
      call.service = "tenant \(call.trace.low)"
      if call.trace.low > 3 { call.endpointHint = "/one" }
      return call
    }
    try await fixture.send(calls, decide: Self.decide)
    #expect(try await others(fixture) == 0)
    #expect(try await fixture.number("select count(*) from observations where extra_1 = '(other)'") == 5)
    #expect(try await fixture.number("select count(*) from observations where extra_4 = 'same' and extra_2 is null") == 1005)
    #expect(try await fixture.number("select count(*) from admitted_values where dimension = 0") == 4)
    #expect(try await fixture.number("select count(*) from admitted_values where dimension = 1") == 1000)
    #expect(try await fixture.number("select count(*) from admitted_values where dimension = 4") == 1)
  }

  @Test func duplicatesAndDecidingAgainChangeNothing() async throws {
    let fixture = try await WriteFixture.make()
    let sent = calls(0..<1010, fixture)
    try await fixture.send(sent, decide: Self.decide)
    let before = try await rows(fixture)
    try await fixture.send(Array(sent.reversed()), decide: Self.decide)
    for door in [fixture.door, coldDoor(fixture)] {
      try await door.decideAgain(sent.map(\.trace), in: fixture.project, decide: Self.decide)
      #expect(try await rows(fixture) == before)
    }
    #expect(try await admitted(fixture) == 1000)
  }

  @Test func twoProcessesAtOnceAdmitNoMoreThanTheLimitAndAgree() async throws {
    let fixture = try await WriteFixture.make()
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      for process in 0..<2 {
        let door = coldDoor(fixture)
        for part in 0..<4 {
          // Half of the values are sent by both, in traces of their own.
          let names = (part * 200)..<(part * 200 + 200)
          let submission = fixture.submission(
            names.map { n in
              ObservationFacts.call(1, of: UInt64(process * 10_000 + n), in: fixture.project) {
                $0.endpointHint = n.isMultiple(of: 2) ? "/both-\(n)" : "/of-\(process)-\(n)"
              }
            }, decide: Self.decide)
          tasks.addTask { _ = try await GroupWriter(door: door).write([submission])[0].get() }
        }
      }
      try await tasks.waitForAll()
    }
    #expect(try await admitted(fixture) == 1000)
    let unknown: SQL = """
      select count(*) from observations o where endpoint <> '(other)' and not exists
        (select from admitted_values a where a.value = o.endpoint and a.dimension = 0)
      """
    #expect(try await fixture.number(unknown) == 0)
    let folded: SQL = """
      select count(*) from observations o where endpoint = '(other)' and exists
        (select from admitted_values a where a.value = o.endpoint_hint and a.dimension = 0)
      """
    #expect(try await fixture.number(folded) == 0)
    #expect(try await others(fixture) > 0)
  }

  @Test func valuesOfARolledBackTransactionAreNotTakenForAdmitted() async throws {
    let fixture = try await WriteFixture.make()
    let call = calls(0..<1, fixture)
    let tooMuch: Decide = { snapshot in
      Self.decide(&snapshot)
      for i in snapshot.observations.indices { snapshot.observations[i].decision.cost.cost = USD(pico: Int128(Int64.max) + 1) }
    }
    let refused = try await fixture.send(call, decide: tooMuch)
    #expect(refused.rejections.count == 1)
    #expect(try await admitted(fixture) == 0)
    try await fixture.send(call, decide: Self.decide)
    #expect(try await admitted(fixture) == 1)
  }

  /// While another holds both tables, calls with known values and prices are written all the same.
  @Test func knownValuesAndPricesAreNotAskedFor() async throws {
    let fixture = try await WriteFixture.make()
    let rates = CallRates(price: "p", variant: nil, contextOver: nil, contracted: [1], list: [1], chargesRequests: false)
    let decide: Decide = { snapshot in
      Self.decide(&snapshot)
      for i in snapshot.observations.indices { snapshot.observations[i].decision.cost.rates = rates }
    }
    try await fixture.send(calls(0..<1000, fixture), decide: decide)
    let isDone = DispatchSemaphore(value: 0)
    let (locked, isLocked) = AsyncStream.makeStream(of: Void.self)
    let holder = Task {
      try await fixture.pool.transaction { c in
        try c.execute("lock table admitted_values, rates in access exclusive mode")
        isLocked.yield()
        isDone.wait()
      }
    }
    _ = await locked.first { true }
    let known = (0..<20).map { n in
      ObservationFacts.call(1, of: UInt64(9000 + n), in: fixture.project) { $0.endpointHint = n < 10 ? "/page-\(n)" : "/new-\(n)" }
    }
    let result = try await fixture.send(known, decide: decide)
    isDone.signal()
    try await holder.value
    #expect(result.accepted == 20)
    #expect(try await others(fixture) == 10)
  }

  @Test func onlyCallsAreCounted() async throws {
    let fixture = try await WriteFixture.make()
    let span = ObservationFacts.call(1, of: 1, in: fixture.project) {
      $0.kind = .span
      $0.usage = nil
      $0.endpointHint = "/span"
    }
    try await fixture.send([span], decide: Self.decide)
    #expect(try await admitted(fixture) == 0)
    #expect(try await fixture.observations(of: span.trace).first?.decision.endpoint == "/span")
  }

  @Test func textsThatDifferOnlyInTheirNormalFormAreTwoValues() async throws {
    let fixture = try await WriteFixture.make()
    let names = ["/caf\u{E9}", "/cafe\u{301}"]
    let calls = names.enumerated().map { i, name in
      ObservationFacts.call(1, of: UInt64(i + 1), in: fixture.project) { $0.endpointHint = name }
    }
    try await fixture.send(calls, decide: Self.decide)
    #expect(try await admitted(fixture) == 2)
    #expect(ByteText(names[0]) != ByteText(names[1]) && ByteText(names[0]) == ByteText("/caf\u{E9}"))
  }

  @Test func valueThatNoIndexHoldsIsFolded() async throws {
    let fixture = try await WriteFixture.make()
    var random = SeededNumbers(seed: 1)
    let long = String((0..<9000).map { _ in Character(UnicodeScalar(UInt8.random(in: 97...122, using: &random))) })
    let calls = ["/short", long].enumerated().map { i, name in
      ObservationFacts.call(1, of: UInt64(i + 1), in: fixture.project) { $0.endpointHint = name }
    }
    let result = try await fixture.send(calls, decide: Self.decide)
    #expect(result.rejections.isEmpty)
    #expect(try await others(fixture) == 1)
    #expect(try await admitted(fixture) == 1)
  }

  /// Rows from before the guard keep their value when nothing but their price is decided.
  @Test func repricingLeavesValuesAlone() async throws {
    let fixture = try await WriteFixture.make()
    let sent = calls(0..<1, fixture)
    try await fixture.send(sent, decide: Self.decide)
    try await fixture.pool.run { c in
      try c.execute("delete from admitted_values")
      try c.execute(
        """
        insert into admitted_values (project_id, day, dimension, value)
        select 1, (started_at at time zone 'UTC')::date, 0, 'v' || n from observations, generate_series(1, 1000) n
        """)
    }
    let selection = RepricingSelection(range: TimeRange(spanning: WriteFixture.frozenBefore, WriteFixture.noon.adding(seconds: 99)), models: [])
    let repricing = TraceRepricing(selection: selection) { $0.decision.cost.cost = USD(pico: 5) }
    let revisions = DecisionRevisions(catalogue: 9, agreements: 9, attribution: 9)
    try await coldDoor(fixture).reprice([sent[0].trace], in: fixture.project, repricing, decidedBy: revisions)
    #expect(try await fixture.number("select count(*) from observations where endpoint = '/page-0' and cost_pico = 5") == 1)
    try await coldDoor(fixture).decideAgain([sent[0].trace], in: fixture.project, decide: Self.decide)
    #expect(try await others(fixture) == 1)
  }
}
