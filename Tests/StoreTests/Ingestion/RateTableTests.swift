import Domain
import Postgres
import Testing

@testable import Store

/// Unit prices are stored once, and rows know theirs.
@Suite struct RateTableTests {
  private static func rates(_ name: String, _ pico: Int64, over: Int64? = nil, charges: Bool = false) -> CallRates {
    var contracted = [Int64?](repeating: nil, count: UsageBucket.allCases.count)
    contracted[UsageBucket.input.position] = pico
    var list = contracted
    list[UsageBucket.output.position] = pico + 1
    return CallRates(
      price: "acme/\(name)@always", variant: over.map { "over \($0)" }, contextOver: over, contracted: contracted, list: list,
      chargesRequests: charges)
  }

  /// Prices as the product does: a stored price stays, a new one comes as an object of its own.
  private static func decide(_ pico: Int64 = 7, keeps: Bool = false) -> Decide {
    { snapshot in
      let before = snapshot.observations.map(\.decision.cost)
      FixedPrices.decide(&snapshot)
      for i in snapshot.observations.indices where snapshot.observations[i].decision.isCall {
        if keeps, before[i].rateID != nil {
          snapshot.observations[i].decision.cost = before[i]
        } else if snapshot.observations[i].decision.cost.status == .priced {
          snapshot.observations[i].decision.cost.rates = rates(snapshot.observations[i].sentModel ?? "", pico)
        }
      }
    }
  }

  private func rows(_ fixture: WriteFixture) async throws -> [String] {
    try await fixture.pool.run { c in
      try c.query("select concat_ws(' ', id, ctid, xmin, rate_id, cost_pico) from observations order by 1") { try $0.string(0) }
    }
  }

  private func coldDoor(_ fixture: WriteFixture) -> ObservationDoor {
    ObservationDoor(pool: fixture.pool, partitions: Partitions(pool: fixture.pool))
  }

  @Test func unitPricesAreStoredOnceWithAllTheirContent() async throws {
    let fixture = try await WriteFixture.make()
    let rates = Self.rates("small", 5, over: 200_000, charges: true)
    let decide: Decide = { snapshot in
      FixedPrices.decide(&snapshot)
      for i in snapshot.observations.indices {
        snapshot.observations[i].decision.cost.rates = Self.rates("small", 5, over: 200_000, charges: true)
        snapshot.observations[i].decision.cost.avoided = USD(pico: 77)
      }
    }
    let calls = (1...3).map { ObservationFacts.call(UInt64($0), of: UInt64($0), in: fixture.project) }
    try await fixture.send(calls, decide: decide)
    let stored = try await fixture.pool.run { c in
      try c.query(
        "select price, variant, context_over, contracted_pico, list_pico, charges_requests, digest, id from rates"
      ) { row in
        (
          CallRates(
            price: try row.string(0), variant: try row.stringOrNil(1), contextOver: try row.int64OrNil(2),
            contracted: try row.int64sWithNulls(3), list: try row.int64sWithNulls(4), chargesRequests: try row.bool(5)),
          try row.bytes(6), try row.id(7, as: RateID.self)
        )
      }
    }
    #expect(stored.count == 1)
    #expect(stored.first?.0 == rates)
    #expect(stored.first?.1 == rates.digest)
    let read = try await fixture.observations(of: calls[1].trace)
    #expect(read.first?.decision.cost.rateID == stored.first?.2)
    #expect(read.first?.decision.cost.rates == nil)
    #expect(read.first?.decision.cost.avoided == USD(pico: 77))
  }

  @Test func everyPartOfTheContentIsInTheDigest() {
    let all = [
      Self.rates("a", 1), Self.rates("b", 1), Self.rates("a", 2), Self.rates("a", 1, over: 1), Self.rates("a", 1, charges: true),
      CallRates(price: "p", variant: nil, contextOver: nil, contracted: [1, nil], list: [2], chargesRequests: false),
      CallRates(price: "p", variant: "", contextOver: nil, contracted: [1, nil], list: [2], chargesRequests: false),
      CallRates(price: "p", variant: nil, contextOver: nil, contracted: [1], list: [nil, 2], chargesRequests: false),
      CallRates(price: "p", variant: nil, contextOver: nil, contracted: [1, 0], list: [2], chargesRequests: false),
      CallRates(price: "p", variant: nil, contextOver: 0, contracted: [1, nil], list: [2], chargesRequests: false),
    ]
    #expect(Set(all.map(\.digest)).count == all.count)
    #expect(Self.rates("a", 1).digest == Self.rates("a", 1).digest)
  }

  @Test func duplicatesAndDecidingAgainByTheSamePriceRewriteNoRow() async throws {
    let fixture = try await WriteFixture.make()
    let calls = (1...4).map { ObservationFacts.call(UInt64($0), of: 1, in: fixture.project, model: $0 > 2 ? "large" : "small") }
    try await fixture.send(calls, decide: Self.decide())
    let before = try await rows(fixture)
    try await fixture.send(calls, decide: Self.decide())
    // By a process that has met neither the rows nor their prices.
    for door in [fixture.door, coldDoor(fixture)] {
      try await door.decideAgain([calls[0].trace], in: fixture.project, decide: Self.decide())
      try await door.decideAgain([calls[0].trace], in: fixture.project, decide: Self.decide(keeps: true))
      #expect(try await rows(fixture) == before)
    }
    try await fixture.door.decideAgain([calls[0].trace], in: fixture.project, decide: Self.decide(8))
    #expect(try await rows(fixture) != before)
    #expect(try await fixture.number("select count(*) from rates") == 4)
  }

  @Test func repricingGivesTheNewUnitPricesAndCountsOnlyWhatChanged() async throws {
    let fixture = try await WriteFixture.make()
    let calls = (1...2).map { ObservationFacts.call(UInt64($0), of: 1, in: fixture.project) }
    try await fixture.send(calls, decide: Self.decide())
    let before = try await rows(fixture)
    let selection = RepricingSelection(range: TimeRange(spanning: WriteFixture.frozenBefore, WriteFixture.noon.adding(seconds: 99)), models: [])
    func reprice(_ pico: Int64) async throws {
      let repricing = TraceRepricing(selection: selection) { $0.decision.cost.rates = Self.rates("small", pico); $0.decision.cost.rateID = nil }
      try await coldDoor(fixture).reprice(
        [calls[0].trace], in: fixture.project, repricing, decidedBy: DecisionRevisions(catalogue: 9, agreements: 9, attribution: 9))
    }
    try await reprice(7)
    #expect(try await rows(fixture) == before)
    try await reprice(9)
    let sql: SQL = "select count(*) from observations o join rates r on r.id = o.rate_id where r.contracted_pico[1] = 9"
    #expect(try await fixture.number(sql) == 2)
  }

  @Test(arguments: [11, 12] as [UInt64]) func everyOrderAndRepetitionGivesTheSameUnitPrices(seed: UInt64) async throws {
    func state(_ fixture: WriteFixture) async throws -> [String] {
      try await fixture.pool.run { c in
        let sql: SQL = """
          select ((to_jsonb(o) - 'parts' - 'rate_id') || jsonb_build_object('rates', to_jsonb(r) - 'id'))::text
          from observations o left join rates r on r.id = o.rate_id order by 1
          """
        return try c.query(sql) { try $0.string(0) }
      }
    }
    func send(_ messages: [RandomTraffic.Message], _ size: Int, _ fixture: WriteFixture) async throws {
      for start in stride(from: 0, to: messages.count, by: size) {
        var submission = fixture.submission(messages[start..<min(start + size, messages.count)])
        submission.decide = Self.decide()
        _ = try await fixture.writer.write([submission])[0].get()
      }
    }
    let reference = try await WriteFixture.make()
    let traffic = RandomTraffic(seed: seed, traces: 15, project: reference.project)
    try await send(traffic.messages, traffic.messages.count, reference)
    let expected = try await state(reference)
    #expect(try await reference.number("select count(distinct rate_id) from observations") == 3)
    var random = SeededNumbers(seed: seed)
    let fixture = try await WriteFixture.make()
    try await send((traffic.messages + traffic.messages).shuffled(using: &random), 3, fixture)
    #expect(try await state(fixture) == expected)
  }

  @Test func pricesOfARolledBackTransactionAreWrittenByTheNext() async throws {
    let fixture = try await WriteFixture.make()
    let call = ObservationFacts.call(1, of: 1, in: fixture.project)
    let decide = Self.decide()
    let tooMuch: Decide = { snapshot in
      decide(&snapshot)
      // No column holds it: the rows can't be written, after their prices were.
      for i in snapshot.observations.indices { snapshot.observations[i].decision.cost.cost = USD(pico: Int128(Int64.max) + 1) }
    }
    let refused = try await fixture.send([call], decide: tooMuch)
    #expect(refused.rejections.count == 1)
    #expect(try await fixture.number("select count(*) from rates") == 0)
    try await fixture.send([call], decide: decide)
    #expect(try await fixture.number("select count(*) from observations o join rates r on r.id = o.rate_id") == 1)
  }

  @Test func processesThatMeetNewPricesAtOnceShareTheirRows() async throws {
    let fixture = try await WriteFixture.make()
    let doors = (0..<4).map { _ in coldDoor(fixture) }
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      for (n, door) in doors.enumerated() {
        let models = (0..<30).map { "m\(n.isMultiple(of: 2) ? $0 : 29 - $0)" }
        for part in 0..<3 {
          let calls = models[(part * 10)..<(part * 10 + 10)].enumerated().map { i, model in
            ObservationFacts.call(UInt64(i + 1), of: UInt64(n * 10 + part), in: fixture.project, model: model)
          }
          let submission = fixture.submission(calls, decide: Self.decide())
          tasks.addTask { _ = try await GroupWriter(door: door).write([submission])[0].get() }
        }
      }
      try await tasks.waitForAll()
    }
    #expect(try await fixture.number("select count(*) from rates") == 30)
    let sql: SQL = "select count(*) from observations o join rates r on r.id = o.rate_id and r.price = 'acme/' || o.model || '@always'"
    #expect(try await fixture.number(sql) == 120)
  }
}
