import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct TraceDoubtTests {
  private let day = instant("2026-10-10T09:00:00Z")
  private let today = range("2026-10-10T00:00:00Z", "2026-10-11T00:00:00Z")

  @Test func tracesAreFoundByTheDoubtsAboutTheirUsage() async throws {
    let fixture = try await ReportFixture.make()
    let flags: [UsageFlags] = [[], .contradiction, [.unexplained, .estimatedBySender], .negativeRemainder]
    try await fixture.insert(
      flags.enumerated().map { i, flags in
        var call = fixture.call(at: day, trace: UInt64(i + 1), id: UInt64(i + 1))
        call.facts.usage?.flags = flags
        return call
      })
    func traces(_ flags: UsageFlags, user: String? = nil) async throws -> [UInt64] {
      var query = TraceQuery(range: today)
      query.usageFlags = flags
      if let user { query.filter = [.user: [user]] }
      return try await TraceList(pool: fixture.pool).run(query, scope: fixture.scope).traces.map(\.id.low).sorted()
    }
    #expect(try await traces([]) == [1, 2, 3, 4])
    #expect(try await traces(.contradiction) == [2])
    #expect(try await traces([.unexplained, .negativeRemainder]) == [3, 4])
    #expect(try await traces(.unreadable) == [])
    #expect(try await traces(.contradiction, user: "nobody") == [])
  }
}
