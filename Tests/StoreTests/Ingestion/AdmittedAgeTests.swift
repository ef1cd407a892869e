import Domain
import Postgres
import Testing

@testable import Store

@Suite struct AdmittedAgeTests {
  /// The endpoint is what was sent; the values of declared keys are what the service says, "tenant|feature".
  private static let decide: Decide = { snapshot in
    FixedPrices.decide(&snapshot)
    for i in snapshot.observations.indices {
      snapshot.observations[i].decision.endpoint = snapshot.observations[i].facts.endpointHint
      let values = (snapshot.observations[i].facts.service ?? "").split(separator: "|").map(String.init)
      if values.count == 2 { snapshot.observations[i].decision.extras = values + ["", ""] }
    }
  }

  /// Calls of some days, with more combinations than two a day, by a process that has just begun.
  private func send(_ seed: UInt64, _ fixture: WriteFixture, days: Range<Int64>, first: Int) async throws {
    var random = SeededNumbers(seed: seed)
    let other = fixture.admitting(newSets: 2)
    for n in 0..<30 {
      let facts = ObservationFacts.call(
        1, of: UInt64(first + n), in: fixture.project, atSeconds: 86_400 * Int64.random(in: days, using: &random)
      ) {
        $0.endpointHint = "/page-\(Int.random(in: 0..<6, using: &random))"
        $0.service = "t\(Int.random(in: 0..<3, using: &random))|f\(Int.random(in: 0..<4, using: &random))"
      }
      try await other.send([facts], decide: Self.decide)
    }
  }

  private func freeze(before day: Int64, _ fixture: WriteFixture) async throws {
    let start = UTCDay(WriteFixture.noon.adding(seconds: 86_400 * day)).start
    try await fixture.pool.run { _ = try $0.execute("update projects set frozen_before = \(start)") }
  }

  private func dropAged(_ fixture: WriteFixture) async throws {
    try await fixture.foldAll()
    try await fixture.sumAll()
    while try await ObservationAge(pool: fixture.pool).dropNext() != nil {}
  }

  private func days(of table: String, _ fixture: WriteFixture) async throws -> [String] {
    try await fixture.lines("select distinct day from \(unescaped: table)")
  }

  @Test func daysThatNobodyCanWriteToAreForgottenAndNoOthers() async throws {
    let fixture = try await WriteFixture.make()
    try await send(1, fixture, days: -6..<1, first: 1)
    // What was late.
    try await send(2, fixture, days: -7..<(-4), first: 100)
    let values = try await days(of: "admitted_values", fixture)
    let kept = try await fixture.number("select count(*) from admitted_sets where until is null")
    #expect(values.count == 8)
    #expect(try await AdmittedAge(pool: fixture.pool).remove() == 0)
    try await freeze(before: -2, fixture)
    #expect(try await AdmittedAge(pool: fixture.pool).remove() == 0, "rows of frozen days are still there")
    try await dropAged(fixture)
    #expect(try await AdmittedAge(pool: fixture.pool).remove() > 0)
    #expect(try await days(of: "admitted_values", fixture) == Array(values.suffix(4)))
    #expect(try await days(of: "admitted_set_days", fixture).allSatisfy { $0 >= values[4] })
    #expect(try await fixture.number("select count(*) from admitted_sets where until is null") == kept)
    #expect(try await fixture.number("select count(*) from admitted_sets where until <= (select min(day) from admitted_values)") == 0)
    #expect(try await AdmittedAge(pool: fixture.pool).remove() == 0)
  }

  /// The same calls to two databases, of which one forgets.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func forgettingChangesNoOutcome(seed: UInt64) async throws {
    var outcomes: [[String: [String]]] = []
    for isForgetting in [false, true] {
      let fixture = try await WriteFixture.make()
      var removed = 0
      for (round, frozen) in [Int64(-20), -9, -6, -3].enumerated() {
        try await freeze(before: frozen, fixture)
        try await dropAged(fixture)
        if isForgetting { removed += try await AdmittedAge(pool: fixture.pool).remove() }
        try await send(seed * 10 + UInt64(round), fixture, days: -12..<1, first: 1 + round * 100)
        let traces = (1..<400).map { TraceID(high: 7, low: UInt64($0)) }
        try await fixture.admitting(newSets: 2).door.decideAgain(traces, in: fixture.project, decide: Self.decide)
      }
      #expect(isForgetting == (removed > 0))
      outcomes.append(try await fixture.state())
    }
    #expect(WriteFixture.difference(outcomes[0], outcomes[1]) == [])
    #expect(outcomes[0]["observations"]?.contains { $0.contains("(other)") } == true)
  }

  @Test func manyDaysGoInSeveralTransactions() async throws {
    let fixture = try await WriteFixture.make()
    try await fixture.pool.run { c in
      try c.execute(
        """
        insert into admitted_values (project_id, day, dimension, value)
        select \(fixture.project), date '2020-01-01' + n, 0, 'v' from generate_series(0, 99) n
        """)
    }
    #expect(try await AdmittedAge(pool: fixture.pool).remove() == 100)
  }
}
