import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

/// The whole way: messages through the door, deltas folded, then read by every report.
@Suite struct WrittenCallsTests {
  @Test func reportsTracesAndCallsAgreeOnWhatWasWritten() async throws {
    let fixture = try await WriteFixture.make()
    let traffic = RandomTraffic(seed: 31, traces: 60, project: fixture.project)
    for start in stride(from: 0, to: traffic.messages.count, by: 17) {
      let request = fixture.submission(traffic.messages[start..<min(start + 17, traffic.messages.count)])
      _ = try await fixture.writer.write([request])[0].get()
    }
    try await fixture.foldAll()
    let organisation = try #require(try await AccountStore(pool: fixture.pool).organisations().first)
    let scope = AccessScope(organisation: organisation.id, teams: .all, projects: .all, readsContent: true)
    let day: Int64 = 86_400
    let whole = TimeRange(
      from: WriteFixture.noon.adding(seconds: -20 * day), to: WriteFixture.noon.adding(seconds: 5 * day))
    let range = try #require(whole)

    var totals: Set<Measures> = []
    for groupBy in [[], [.team], [.model, .kind], [.endpoint], [.user, .team], [.key]] as [[CostDimension]] {
      let query = CostQuery(range: range, timeZone: organisation.timeZone, interval: .day, groupBy: groupBy)
      let report = try await CostReports(pool: fixture.pool).run(query, scope: scope, organisation: organisation)
      let exact = try await CostReports(pool: fixture.pool).run(
        query, scope: scope, organisation: organisation, source: .observations)
      #expect(report.rows == exact.rows, "\(groupBy)")
      totals.insert(report.total)
    }
    #expect(totals.count == 1)
    let total = try #require(totals.first)
    #expect(total.calls > 50)

    var traces = TraceQuery(range: range)
    traces.limit = TraceList.limitMax
    let items = try await TraceList(pool: fixture.pool).run(traces, scope: scope).traces
    var sum = items.reduce(Measures()) { $0 + $1.measures }
    // A trace counts failed steps of every kind, a report failed calls.
    sum.errors = total.errors
    #expect(sum == total)
  }

  @Test func bodiesComeBackAsTheyWereSent() async throws {
    let fixture = try await WriteFixture.make()
    var facts = ObservationFacts.call(5, of: 9, in: fixture.project)
    facts.bodies = [
      BodyPart(
        kind: .input, text: "[{\"role\":\"user\",\"content\":\"größer?\"}]", stamp: Stamp(time: 0, rank: 0, hash: 0)),
      BodyPart(kind: .output, text: "ja", stamp: Stamp(time: 0, rank: 0, hash: 0)),
    ]
    facts.stampAll(Stamp(time: 1, rank: 0, hash: 1))
    try await fixture.send([facts])
    let scope = AccessScope(organisation: OrganisationID(1), teams: .all, projects: .all, readsContent: true)
    let found = try await ObservationQuery(pool: fixture.pool).run(
      project: fixture.project, trace: facts.trace.hex, id: facts.id.hex, scope: scope)
    #expect(found?.bodies == Bodies(input: "[{\"role\":\"user\",\"content\":\"größer?\"}]", output: "ja"))
    #expect(found?.observation.facts.name == "chat")
  }
}
