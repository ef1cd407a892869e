import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

/// Every query about traces, asked by every kind of reader.
@Suite struct TraceAccessTests {
  private func text(_ value: Any) -> String {
    var text = ""
    dump(value, to: &text)
    return text
  }

  private func query(_ change: (inout TraceQuery) -> Void = { _ in }) -> TraceQuery {
    var query = TraceQuery(range: AccessFixture.range)
    change(&query)
    return query
  }

  /// What the reader may find in answers about traces; anything else would be a leak.
  private func check(_ text: String, _ what: String, _ reader: Reader, _ fixture: AccessFixture, _ traces: Set<UInt64>, content: Bool) {
    let expected = reader.expected
    let seen = traces.intersection(expected.traces)
    for call in AccessFixture.calls {
      let ofUser = AccessFixture.calls.filter { $0.user == call.user && seen.contains($0.trace) }
      let named = ofUser.contains { reader.names($0.trace) }
      let pseudonym = fixture.pseudonyms[call.user] ?? "none"
      #expect(text.contains(call.user) == named, "\(what): \(reader) and the user \(call.user)")
      #expect(text.contains(pseudonym) == (expected.users == .pseudonyms && !ofUser.isEmpty), "\(what): \(reader) and \(pseudonym)")
    }
    for project in [ProjectID(1), ProjectID(2)] {
      let readable = AccessFixture.calls.contains {
        $0.project == project && traces.contains($0.trace) && expected.content.contains($0.trace)
      }
      #expect(text.contains(AccessFixture.secret(project)) == (content && readable), "\(what): \(reader) and content of \(project)")
    }
  }

  @Test func listsHoldTracesInReachAndNoContent() async throws {
    let fixture = try await AccessFixture.make()
    for reader in Reader.allCases {
      for sort in TraceSort.allCases {
        let page = try await TraceList(pool: fixture.pool).run(query { $0.sort = sort }, scope: reader.scope)
        #expect(Set(page.traces.compactMap(\.name)) == Set(reader.expected.traces.map(AccessFixture.traceName)), "\(reader)")
        check(text(page), "list by \(sort)", reader, fixture, [1, 2, 3, 4], content: false)
      }
    }
  }

  @Test func aFilterByUserFindsOnlyUsersThatAreNamed() async throws {
    let fixture = try await AccessFixture.make()
    let list = TraceList(pool: fixture.pool)
    for reader in Reader.allCases {
      for user in fixture.pseudonyms {
        let own = Set(AccessFixture.calls.filter { $0.user == user.key }.map(\.trace)).intersection(reader.expected.traces)
        let byName = try await list.run(query { $0.filter = [.user: [user.key]] }, scope: reader.scope)
        let byPseudonym = try await list.run(query { $0.filter = [.user: [user.value]] }, scope: reader.scope)
        let named = own.filter(reader.names)
        #expect(Set(byName.traces.compactMap(\.name)) == Set(named.map(AccessFixture.traceName)), "\(reader) \(user.key)")
        let told = reader.expected.users == .pseudonyms ? own : []
        #expect(Set(byPseudonym.traces.compactMap(\.name)) == Set(told.map(AccessFixture.traceName)), "\(reader) \(user.value)")
      }
      // Who has no user is a question about users too.
      let without = try await list.run(query { $0.filter = [.user: [""]] }, scope: reader.scope)
      #expect(without.traces.isEmpty)
    }
  }

  @Test func aTextIsSearchedWhereContentMayBeReadAlone() async throws {
    let fixture = try await AccessFixture.make()
    let search = TraceSearch(pool: fixture.pool, budget: SearchBudget(milliseconds: 5000))
    for reader in Reader.allCases {
      var found: Set<String> = []
      for project in [ProjectID(1), ProjectID(2)] {
        let page = try await search.run(query { $0.text = AccessFixture.secret(project) }, scope: reader.scope)
        found.formUnion(page.found.compactMap(\.trace.name))
        #expect(page.found.allSatisfy { $0.trace.project == project && !$0.match.excerpt.isEmpty })
        #expect(page.searchedBodies == !reader.expected.content.isEmpty)
        check(text(page.found), "search", reader, fixture, reader.expected.content.filter { trace in
          AccessFixture.calls.contains { $0.trace == trace && $0.project == project }
        }, content: true)
        let absent = try await search.run(query { $0.text = "absentword" }, scope: reader.scope)
        #expect(absent.searchedBodies == page.searchedBodies && absent.found.isEmpty)
        if reader.expected.content.isEmpty {
          #expect(text(absent) == text(page), "\(reader): nothing tells that the text is there")
        }
      }
      #expect(found == Set(reader.expected.content.map(AccessFixture.traceName)), "\(reader)")
    }
  }

  @Test func anIdIsFoundAsTheReaderKnowsIt() async throws {
    let fixture = try await AccessFixture.make()
    let search = TraceSearch(pool: fixture.pool, budget: SearchBudget(milliseconds: 5000))
    for reader in Reader.allCases {
      for user in fixture.pseudonyms {
        let own = Set(AccessFixture.calls.filter { $0.user == user.key }.map(\.trace)).intersection(reader.expected.traces)
        let named = own.filter(reader.names)
        let byName = try await search.run(query { $0.text = user.key }, scope: reader.scope).found.filter { $0.match.place == .user }
        #expect(Set(byName.compactMap(\.trace.name)) == Set(named.map(AccessFixture.traceName)), "\(reader) \(user.key)")
        let byPseudonym = try await search.run(query { $0.text = user.value }, scope: reader.scope).found
        let told = reader.expected.users == .pseudonyms ? own : []
        #expect(Set(byPseudonym.compactMap(\.trace.name)) == Set(told.map(AccessFixture.traceName)), "\(reader) \(user.value)")
      }
      for call in AccessFixture.calls {
        let found = try await search.run(query { $0.text = "session-\(call.trace)" }, scope: reader.scope).found
        #expect(found.map(\.match.place) == (reader.expected.traces.contains(call.trace) ? [.session] : []), "\(reader)")
      }
    }
  }

  @Test func aTraceAndItsObservationsAreToldAsFarAsTheScopeGoes() async throws {
    let fixture = try await AccessFixture.make()
    let (details, observations) = (TraceDetailQuery(pool: fixture.pool), ObservationQuery(pool: fixture.pool))
    for reader in Reader.allCases {
      for call in AccessFixture.calls {
        let (trace, id) = (TraceID(high: 7, low: call.trace).hex, ObservationID(call.trace).hex)
        let isSeen = reader.expected.traces.contains(call.trace), isRead = reader.expected.content.contains(call.trace)
        let detail = try await details.run(project: call.project, trace: trace, scope: reader.scope)
        let slug = call.project == ProjectID(1) ? "shop" : "docs"
        let bySlug = try await details.run(project: slug, trace: trace, scope: reader.scope)
        let found = try await details.find(trace: trace, scope: reader.scope)
        #expect((detail != nil) == isSeen && (bySlug != nil) == isSeen && found.map(\.slug) == (isSeen ? [slug] : []), "\(reader)")
        let one = try await observations.run(project: call.project, trace: trace, id: id, scope: reader.scope)
        #expect((one != nil) == isSeen && (one?.bodies != nil) == isRead, "\(reader)")
        #expect(one.map { $0.observation.facts.usage == nil || $0.observation.facts.usage?.usage[.input] == 100 } ?? true)
        let own = try await observations.traceBodies(project: call.project, trace: trace, scope: reader.scope)
        #expect((own?.input != nil) == isRead)
        // As an attacker would ask: with rows that were read by somebody else.
        let rows = try await fixture.shop.observations(of: TraceID(high: 7, low: call.trace))
        let bodies = try await observations.bodies(of: rows, scope: reader.scope)
        #expect(bodies.isEmpty == !isRead)
        for (what, value) in [("detail", detail as Any), ("detail by slug", bySlug as Any), ("observation", one as Any)] {
          check(text(value), what, reader, fixture, [call.trace], content: true)
        }
        #expect(text([own as Any, bodies as Any]).contains(AccessFixture.secret(call.project)) == isRead)
      }
    }
  }

  @Test func requestsAreThoseOfTracesInReachAndTheirSentencesContent() async throws {
    let fixture = try await AccessFixture.make()
    for reader in Reader.allCases {
      let found = try await RequestList(pool: fixture.pool).run(withoutProject: true, scope: reader.scope)
      let expected = Set(AccessFixture.calls.filter { reader.expected.traces.contains($0.trace) }.map(\.project))
      #expect(Set(found.compactMap(\.project)) == expected)
      #expect(found.allSatisfy { $0.reasons["tooOld"] == 1 && $0.reasons.count == 2 })
      for project in expected {
        let isRead = AccessFixture.calls.contains { $0.project == project && reader.expected.content.contains($0.trace) }
        #expect(text(found).contains(AccessFixture.secret(project)) == isRead, "\(reader)")
      }
    }
  }
}
