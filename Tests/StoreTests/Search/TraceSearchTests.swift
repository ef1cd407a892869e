import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct TraceSearchTests {
  private static let day = TimeRange(
    spanning: WriteFixture.noon.adding(seconds: -43_200), WriteFixture.noon.adding(seconds: 43_200))

  private func scope(readsContent: Bool = true) -> AccessScope {
    AccessScope(organisation: OrganisationID(1), teams: .all, projects: .all, readsContent: readsContent)
  }

  private func body(_ kind: BodyKind, _ text: String) -> BodyPart {
    BodyPart(kind: kind, text: text, stamp: Stamp(time: 0, rank: 0, hash: 0))
  }

  private func call(
    _ id: UInt64, of trace: UInt64, _ fixture: WriteFixture, at seconds: Int64 = 0, _ bodies: [BodyPart]
  ) -> ObservationFacts {
    .call(id, of: trace, in: fixture.project, atSeconds: seconds) { $0.bodies = bodies }
  }

  private func query(_ text: String, _ range: TimeRange = day, limit: Int = 50) -> TraceQuery {
    var query = TraceQuery(range: range)
    query.text = text
    query.limit = limit
    return query
  }

  private func search(
    _ fixture: WriteFixture, _ query: TraceQuery, budget: SearchBudget = SearchBudget(milliseconds: 60_000),
    readsContent: Bool = true
  ) async throws -> TraceSearchPage {
    try await TraceSearch(pool: fixture.pool, budget: budget).run(query, scope: scope(readsContent: readsContent))
  }

  private func traces(_ page: TraceSearchPage) -> [UInt64] { page.found.map(\.trace.id.low) }

  @Test func everyKindOfBodyIsSearchedAndSaysWhere() async throws {
    let fixture = try await WriteFixture.make()
    try await fixture.send([
      call(1, of: 1, fixture, [body(.input, "an apple"), body(.output, "a banana")]),
      call(2, of: 2, fixture, [body(.metadata, #"{"fruit":"M\u00fcsli"}"#)]),
      call(3, of: 3, fixture, [body(.attributes, #"{"app.colour":"Вишня"}"#)]),
    ])
    let metadata = try await search(fixture, query("MÜSLI"))
    #expect(traces(metadata) == [2])
    let place = TraceMatch.Place.body(.metadata, of: .init(id: ObservationID(2).hex, name: "chat"))
    #expect(metadata.found.first?.match.place == place)
    #expect(metadata.found.first?.match.excerpt.first { $0.isHit }?.text == "Müsli")
    #expect(try await traces(search(fixture, query("вишня"))) == [3])
    #expect(try await traces(search(fixture, query("banana apple"))) == [1])
    #expect(try await traces(search(fixture, query("banana вишня"))) == [])
    #expect(metadata.next == nil && metadata.searchedBackTo == nil)
  }

  @Test func allWordsMustStandInOneObservationAndAPhraseInOnePart() async throws {
    let fixture = try await WriteFixture.make()
    try await fixture.send([
      call(1, of: 1, fixture, [body(.input, "green"), body(.output, "house")]),
      call(2, of: 2, fixture, [body(.input, "green")]), call(3, of: 2, fixture, [body(.input, "house")]),
      call(4, of: 3, fixture, [body(.input, "a green house")]),
      call(5, of: 4, fixture, [body(.input, "greenh"), body(.output, "ouse")]),
    ])
    #expect(try await Set(traces(search(fixture, query("house green")))) == [1, 3])
    #expect(try await traces(search(fixture, query("\"green house\""))) == [3])
    #expect(try await traces(search(fixture, query("greenhouse"))) == [])
  }

  @Test func wordsOfOneObservationMayComeInSeveralRequests() async throws {
    let fixture = try await WriteFixture.make()
    for (time, bodies) in [
      (1, [body(.input, "how old is the pyramid")]), (2, [body(.output, "about 4500 years")]),
      (3, [body(.metadata, #"{"review":"excellent"}"#)]),
    ] as [(Int64, [BodyPart])] {
      var facts = ObservationFacts(project: fixture.project, trace: TraceID(high: 7, low: 1), id: ObservationID(1))
      facts.startedAt = WriteFixture.noon
      facts.bodies = bodies
      facts.stampAll(Stamp(time: time, rank: 0, hash: 1))
      try await fixture.send([facts])
    }
    for text in ["pyramid years", "excellent pyramid", "years excellent", "pyramid", "pyramid years excellent"] {
      #expect(try await traces(search(fixture, query(text))) == [1], "\(text)")
    }
    #expect(try await traces(search(fixture, query("pyramid absent"))) == [])
  }

  @Test func onlyTheLatestInputIsSearched() async throws {
    let fixture = try await WriteFixture.make()
    for (time, text) in [(1, "obsolete"), (2, "current")] as [(Int64, String)] {
      var facts = ObservationFacts(project: fixture.project, trace: TraceID(high: 7, low: 1), id: ObservationID(1))
      facts.startedAt = WriteFixture.noon
      facts.bodies = [body(.input, text)]
      facts.stampAll(Stamp(time: time, rank: 0, hash: 1))
      try await fixture.send([facts])
    }
    #expect(try await traces(search(fixture, query("current"))) == [1])
    #expect(try await traces(search(fixture, query("obsolete"))) == [])
  }

  @Test func goingOnReachesEveryTraceOnceLatestFirst() async throws {
    let fixture = try await WriteFixture.make()
    // Three steps a trace in requests of their own, so that each trace has three blocks that match.
    for step in 0..<3 as Range<UInt64> {
      try await fixture.send(
        (1...40 as ClosedRange<UInt64>).map { trace in
          call(trace * 10 + step, of: trace, fixture, at: Int64(trace) * 600 + Int64(step) * 7200, [body(.input, "needle \(step)")])
        })
    }
    var query = query("needle", limit: 7)
    var seen: [UInt64] = []
    var times: [Timestamp] = []
    for _ in 0..<100 {
      let page = try await search(fixture, query)
      seen += traces(page)
      if let back = page.searchedBackTo { times.append(back) }
      query.cursor = page.next
      if page.next == nil { break }
    }
    #expect(seen == Array((1...40).reversed()))
    #expect(times == times.sorted(by: >) && times.count >= 5)
  }

  @Test func aPageEndsWithItsBudgetAndGetsFurtherEachTime() async throws {
    let fixture = try await WriteFixture.make()
    for i in 1...60 as ClosedRange<UInt64> {
      try await fixture.send([call(i, of: i, fixture, at: Int64(i) * 60, [body(.input, i == 1 ? "the rare one" : "nothing here")])])
    }
    var query = query("one")
    var pages = 0
    var found: [UInt64] = []
    repeat {
      let page = try await search(fixture, query, budget: SearchBudget(milliseconds: 0))
      found += traces(page)
      query.cursor = page.next
      pages += 1
      #expect(page.isSlow)
      #expect((page.next == nil) == (page.searchedBackTo == nil))
    } while query.cursor != nil && pages < 200
    #expect(found == [1])
    #expect(pages > 3 && pages < 100)
    let bytes = try await search(fixture, self.query("one"), budget: SearchBudget(milliseconds: 60_000, inflatedBytesMax: 1))
    #expect(bytes.next != nil && bytes.found.isEmpty)
  }

  @Test func exactIdsIgnoreTheRangeAndComeFirst() async throws {
    let fixture = try await WriteFixture.make()
    let early = WriteFixture.noon.adding(seconds: -20 * 86_400)
    for i in 1...5 as ClosedRange<UInt64> {
      var facts = TraceFacts(project: fixture.project, id: TraceID(high: 7, low: i))
      facts.user = "jane doe"
      facts.session = "s-\(i % 2)"
      facts.stampAll(Stamp(time: 1, rank: 0, hash: i))
      var first = call(i, of: i, fixture, [body(.input, "old")])
      first.startedAt = early.adding(seconds: Int64(i))
      first.stampAll(Stamp(time: 1, rank: 0, hash: i))
      try await fixture.send([first], traces: [facts])
    }
    try await fixture.send([call(9, of: 9, fixture, [body(.input, "about s-1 and jane doe")])])
    #expect(try await traces(search(fixture, query("jane doe"))) == [5, 4, 3, 2, 1, 9])
    let sessions = try await search(fixture, query("s-1"))
    #expect(traces(sessions) == [5, 3, 1, 9])
    #expect(sessions.found.map(\.match.place).first == .session)
    #expect(try await traces(search(fixture, query(TraceID(high: 7, low: 2).hex.uppercased()))) == [2])
    #expect(try await traces(search(fixture, query("jane do"))) == [9])
    var paged = query("jane doe", limit: 2)
    var seen: [UInt64] = []
    for _ in 0..<20 {
      let page = try await search(fixture, paged)
      seen += traces(page)
      paged.cursor = page.next
      if page.next == nil { break }
    }
    #expect(seen == [5, 4, 3, 2, 1, 9])
  }

  /// Most searches are no user's id: that must not take reading the traces.
  @Test func aTextThatIsNoUserIsToldByTheIndex() async throws {
    let fixture = try await WriteFixture.make()
    try await fixture.pool.run { c in
      try c.execute(
        """
        insert into traces (project_id, trace_id, started_at, received_at, user_id)
        select 1, gen_random_uuid(), timestamptz '2026-09-01' + i * interval '1 minute', now(), 'user-' || i / 500
        from generate_series(1, 20000) i
        """)
      try c.executeScript("vacuum analyze traces")
    }
    let one = [ProjectID(1)]
    let reach = SearchReach(projects: one, readable: one, usersKnown: one, range: Self.day, filter: "true")
    let plan = try await fixture.pool.transaction { c in
      try NamedTraces.readByBitmap(c)
      return try c.query("explain (analyze, costs off, timing off) \(NamedTraces(id: "nobody", reach: reach).userIsKnown)") { try $0.string(0) }
    }.joined(separator: "\n")
    #expect(plan.contains("Bitmap Index Scan on traces_user"), "\(plan)")
    #expect(!plan.contains("Seq Scan") && !plan.contains("traces_time"), "\(plan)")
    #expect(try await search(fixture, query("user-7")).found.count == 50)
    #expect(try await search(fixture, query("nobody")).found.isEmpty)
  }

  @Test func whoReadsNoContentFindsIdsOnly() async throws {
    let fixture = try await WriteFixture.make()
    var facts = TraceFacts(project: fixture.project, id: TraceID(high: 7, low: 1))
    facts.session = "secret"
    facts.stampAll(Stamp(time: 1, rank: 0, hash: 1))
    try await fixture.send([call(1, of: 1, fixture, [body(.input, "x")]), call(2, of: 2, fixture, [body(.input, "secret")])], traces: [facts])
    let page = try await search(fixture, query("secret"), readsContent: false)
    #expect(traces(page) == [1] && !page.searchedBodies && page.next == nil)
    #expect(try await Set(traces(search(fixture, query("secret")))) == [1, 2])
    let other = AccessScope(organisation: OrganisationID(1), teams: .all, projects: .only([ProjectID(99)]), readsContent: true)
    #expect(try await TraceSearch(pool: fixture.pool).run(query("secret"), scope: other).found.isEmpty)
  }

  @Test func rangeAndOtherFiltersHold() async throws {
    let fixture = try await WriteFixture.make()
    try await fixture.send([
      call(1, of: 1, fixture, at: 0, [body(.input, "common")]), call(2, of: 2, fixture, at: 3600, [body(.input, "common")]),
      .call(3, of: 3, in: fixture.project, atSeconds: 60, model: "large") { $0.bodies = [body(.input, "common")]; $0.user = "u7" },
    ])
    let half = TimeRange(spanning: WriteFixture.noon, WriteFixture.noon.adding(seconds: 1800))
    #expect(try await traces(search(fixture, query("common", half))) == [3, 1])
    var filtered = query("common")
    filtered.filter = [.model: ["large"]]
    #expect(try await traces(search(fixture, filtered)) == [3])
  }

  @Test func blocksOfBeforeSignaturesAndOfTheTraceItselfAreFoundAndDroppedOnesAreNot() async throws {
    let fixture = try await WriteFixture.make()
    var facts = TraceFacts(project: fixture.project, id: TraceID(high: 7, low: 2))
    facts.bodies = [body(.output, "the summary")]
    facts.stampAll(Stamp(time: 1, rank: 0, hash: 1))
    try await fixture.send([call(1, of: 1, fixture, [body(.input, "unsigned words")]), call(2, of: 2, fixture, [])], traces: [facts])
    try await fixture.pool.run { try $0.execute("update payload_signatures set signature = null, continues = true") }
    #expect(try await traces(search(fixture, query("unsigned words"))) == [1])
    let summary = try await search(fixture, query("summary"))
    #expect(traces(summary) == [2] && summary.found.first?.match.place == .body(.output, of: nil))
    try await fixture.pool.run { try $0.execute("delete from payloads") }
    let gone = try await search(fixture, query("unsigned"))
    #expect(gone.found.isEmpty && gone.next == nil)
  }

  @Test func everyPlaceToGoOnFromCanBeRead() throws {
    let noon = WriteFixture.noon
    let position = SearchPosition(startedAt: noon, block: 7, trace: TraceID(high: 7, low: 9))
    for cursor in [
      .bodies(nil), .bodies(position), .bodies(.before(noon)), .named(startedAt: noon, project: ProjectID(3), trace: position.trace),
    ] as [SearchCursor] {
      #expect(try SearchCursor(text: cursor.text) == cursor)
    }
  }

  @Test(arguments: ["", "x", "czF8Ynx4fDF8MDA", "czF8YnwxfDF8MDA"])
  func aForeignCursorIsRefused(cursor: String) async throws {
    let fixture = try await WriteFixture.make()
    var query = query("word")
    query.cursor = cursor
    await #expect(throws: InvalidCursor.self) { try await search(fixture, query) }
  }

  /// The signatures of a range are read by its partitions and, in these, by time; nothing of other days is read whole.
  @Test func onlyTheRangesSignaturesAreRead() async throws {
    let fixture = try await WriteFixture.make()
    let days = (-9...0).map { UTCDay(WriteFixture.noon).adding($0) }
    try await fixture.partitions.ensure(Set(days.map { .payloads(.days90, $0) }))
    try await fixture.pool.run { c in
      for day in days {
        try c.execute(
          """
          insert into payload_signatures
          select ((extract(epoch from at) * 1000)::bigint << 16) | 32768 | i % 16384, gen_random_uuid(), at, at, 1, 1000, at::date, 90, false,
            decode(repeat('0f', 256), 'hex')
          from generate_series(1, 20000) i, lateral (select \(day.start) + i * interval '4 seconds' as at) t
          """)
      }
      try c.executeScript("vacuum analyze payload_signatures")
    }
    let noon = WriteFixture.noon
    let range = TimeRange(spanning: noon.adding(seconds: -3 * 86_400), noon.adding(seconds: -2 * 86_400))
    let candidates = SearchCandidates(text: try SearchText("zebra"), projects: [ProjectID(1)], range: range)
    let plan = try await fixture.pool.run { c in
      try c.query("explain (analyze, costs off, timing off) \(candidates.statement(after: nil, bottom: range.from))") { try $0.string(0) }
    }.joined(separator: "\n")
    #expect(plan.contains("Bitmap Heap Scan on payload_signatures_90_\(UTCDay(range.from).compact)"), "\(plan)")
    for day in days where day < UTCDay(range.from).adding(-1) {
      #expect(!plan.contains("payload_signatures_90_\(day.compact)"), "\(plan)")
    }
    #expect(!plan.contains("Seq Scan on payload_signatures_90"), "\(plan)")
    #expect(!plan.contains("payloads_90"))
  }
}
