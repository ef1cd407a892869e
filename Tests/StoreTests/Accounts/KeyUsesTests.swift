import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct KeyUsesTests {
  /// 23:30 UTC: the next day already in Berlin.
  private static let late = Timestamp(seconds: 1_795_303_800)

  private func use(_ key: APIKey, _ address: String, at time: Timestamp = late, route: String = "POST /v1/traces", refused: Int64 = 0) -> KeyUse {
    var use = KeyUse(key: key.id, route: route, address: address, at: time)
    (use.requests, use.refused, use.items, use.bytes) = (2, refused, 10, 1000)
    return use
  }

  private func told(_ fixture: ReportFixture) async throws -> [String?] {
    try await fixture.pool.run { c in
      try c.query("select address from audit_entries where action = 'key used from a new address' order by id") { try $0.stringOrNil(0) }
    }
  }

  @Test func usesOfSeveralProcessesAddUpByDayOfTheOrganisation() async throws {
    let fixture = try await ReportFixture.make(timeZone: "Europe/Berlin")
    let (a, b) = (KeyUseStore(pool: fixture.pool), KeyUseStore(pool: fixture.pool))
    let (key, other) = (fixture.keys[0], fixture.keys[1])
    async let first: Void = a.add([use(key, "10.0.0.1"), use(other, "10.0.0.9")])
    async let second: Void = b.add([use(other, "10.0.0.9"), use(key, "10.0.0.1", refused: 1), use(key, "10.0.0.1", route: "GET /api/v1/costs")])
    _ = try await (first, second)
    let activity = try #require(try await a.activity(of: key.id, since: "2026-01-01", scope: fixture.scope))
    #expect(activity.days.map(\.day) == ["2026-11-22", "2026-11-22"])
    #expect(activity.days.map(\.route) == ["GET /api/v1/costs", "POST /v1/traces"])
    let sent = activity.days[1]
    #expect(sent.requests == 4 && sent.refused == 1 && sent.items == 20 && sent.bytes == 2000)
    #expect(activity.addresses.map(\.address) == ["10.0.0.1"] && activity.addresses[0].requests == 6)
    let listed = try #require(try await fixture.accounts.key(key.id, scope: fixture.scope))
    #expect(listed.lastUsedAt == Self.late && listed.lastUsedAddress == "10.0.0.1")
  }

  @Test func everyAddressButTheFirstIsToldOnce() async throws {
    let fixture = try await ReportFixture.make()
    let store = KeyUseStore(pool: fixture.pool), key = fixture.keys[0]
    try await store.add([use(key, "10.0.0.1")])
    #expect(try await told(fixture) == [])
    try await store.add([use(key, "10.0.0.1"), use(key, "203.0.113.7")])
    try await store.add([use(key, "203.0.113.7")])
    #expect(try await told(fixture) == ["203.0.113.7"])
    // Of several in its very first minute the earliest is where it lives.
    try await store.add([use(fixture.keys[1], "10.1.1.2", at: Self.late.adding(seconds: 5)), use(fixture.keys[1], "10.1.1.1")])
    #expect(try await told(fixture) == ["203.0.113.7", "10.1.1.2"])
  }

  @Test func addressesBeyondTheMostAreCountedAsOne() async throws {
    let fixture = try await ReportFixture.make()
    let store = KeyUseStore(pool: fixture.pool), key = fixture.keys[0]
    try await store.add((0..<(KeyUseStore.addressesMax + 20)).map { use(key, "10.2.\($0 / 250).\($0 % 250)", at: Self.late.adding(seconds: Int64($0))) })
    let activity = try #require(try await store.activity(of: key.id, since: "2026-01-01", scope: fixture.scope))
    #expect(activity.addresses.count == KeyUseStore.addressesMax + 1)
    #expect(activity.addresses.first { $0.address == KeyUseStore.otherAddresses }?.requests == 40)
    #expect(try await told(fixture).count == KeyUseStore.addressesMax - 1)
  }

  @Test func anOlderUseDoesNotTakeTheLastOnesPlace() async throws {
    let fixture = try await ReportFixture.make()
    let store = KeyUseStore(pool: fixture.pool), key = fixture.keys[0]
    try await store.add([use(key, "10.0.0.2")])
    try await store.add([use(key, "10.0.0.1", at: Self.late.adding(seconds: -600))])
    let listed = try #require(try await fixture.accounts.key(key.id, scope: fixture.scope))
    #expect(listed.lastUsedAt == Self.late && listed.lastUsedAddress == "10.0.0.2")
  }

  @Test func processesTogetherTakeNoMoreOfAMinuteThanTheLimit() async throws {
    let fixture = try await ReportFixture.make()
    var key = fixture.keys[0]
    key.limits = KeyLimits(requestsPerMinute: 100, spansPerMinute: 1000)
    let limited = key, windows = KeyWindows(pool: fixture.pool)
    let taken = try await withThrowingTaskGroup(of: KeyShare.self) { group in
      for _ in 0..<30 { group.addTask { try await windows.take(limited, minute: 7, requests: 7, spans: 90) } }
      return try await group.reduce(into: [KeyShare]()) { $0.append($1) }
    }
    #expect(taken.reduce(0) { $0 + $1.requests } == 100)
    #expect(taken.reduce(0) { $0 + $1.spans } == 1000)
    let next = try await windows.take(limited, minute: 8, requests: 7, spans: 0)
    #expect(next == KeyShare(minute: 8, requests: 7, spans: 0))
    // A process whose clock is behind gets of the minute that the others are in.
    #expect(try await windows.take(limited, minute: 7, requests: 200, spans: 0) == KeyShare(minute: 8, requests: 93, spans: 0))
  }

  @Test func usesOfLongAgoAreForgotten() async throws {
    let fixture = try await ReportFixture.make()
    let store = KeyUseStore(pool: fixture.pool), key = fixture.keys[0]
    try await store.add([use(key, "10.0.0.1", at: Timestamp(seconds: 1_500_000_000))])
    #expect(try await store.removeOld() == 2)
    #expect(try await store.activity(of: key.id, since: "2000-01-01", scope: fixture.scope)?.days == [])
  }
}
