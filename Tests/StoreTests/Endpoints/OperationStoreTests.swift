import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct OperationStoreTests {
  private let scope = AccessScope(organisation: OrganisationID(1), teams: .all, projects: .all, readsContent: false)

  private func make() async throws -> OperationStore { OperationStore(pool: try await WriteFixture.make().pool) }
  private func usd(_ text: String) -> USD { USD(decimal: text) ?? .zero }

  @Test func standardTypesAreThereUntilAnOrganisationHasItsOwn() async throws {
    let store = try await make()
    #expect(try await store.types(scope: scope) == OperationType.standard)
    let own = OperationType(name: "Classification", low: usd("0.001"), high: usd("0.002"))
    try await store.save(own, scope: scope, by: "ann")
    try await store.save(OperationType(name: " Translation ", low: .zero, high: usd("0.03")), scope: scope, by: "ann")
    let types = try await store.types(scope: scope)
    #expect(types.count == 5 && types.contains(own))
    await #expect(throws: OperationError.exists("Classification")) {
      try await store.save(OperationType(name: "Classification", low: .zero, high: usd("1")), isNew: true, scope: scope, by: "ann")
    }
    #expect(try await store.types(scope: scope).contains(own))
    #expect(types.first == OperationType(name: "Translation", low: .zero, high: usd("0.03")))
  }

  @Test func aRemovedTypeFreesItsEndpointsAndComesBackWhenSavedAgain() async throws {
    let store = try await make()
    try await store.assign("Classification", to: "/classify", scope: scope, by: "ann")
    try await store.assign("Complex reasoning", to: "/plan", scope: scope, by: "ann")
    try await store.remove("Classification", scope: scope, by: "ann")
    #expect(try await store.assignments(scope: scope) == ["/plan": "Complex reasoning"])
    #expect(try await store.types(scope: scope).contains { $0.name == "Classification" } == false)
    await #expect(throws: OperationError.unknown("Classification")) {
      try await store.assign("Classification", to: "/classify", scope: scope, by: "ann")
    }
    try await store.save(OperationType(name: "Classification", low: .zero, high: usd("1")), scope: scope, by: "ann")
    #expect(try await store.types(scope: scope).count == 4)
    try await store.assign(nil, to: "/plan", scope: scope, by: "ann")
    #expect(try await store.assignments(scope: scope).isEmpty)
  }

  @Test func everyChangeIsAuditedWithWhatItWas() async throws {
    let store = try await make()
    try await store.save(OperationType(name: "Classification", low: usd("0.001"), high: usd("0.002")), scope: scope, by: "ann")
    try await store.assign("Classification", to: "/classify", scope: scope, by: "ben")
    try await store.remove("Classification", scope: scope, by: "ann")
    let log = try await AuditLog(pool: store.pool).entries(scope: scope)
    #expect(log.map(\.action) == ["operation type removed", "endpoint typed", "operation band changed"])
    #expect(log.map(\.actor) == ["ann", "ben", "ann"])
    #expect(log.last?.detail.contains("\"highBefore\": \"0.01\"") == true && log.first?.detail.contains("\"endpoints\": 1") == true)
  }

  @Test(arguments: [("", "0", "1"), ("a", "1", "1"), ("a", "-1", "1"), ("a", "0", "99999999")])
  func whatIsNoBandIsRefused(name: String, low: String, high: String) async throws {
    let store = try await make()
    await #expect(throws: OperationError.self) {
      try await store.save(OperationType(name: name, low: usd(low), high: usd(high)), scope: scope, by: "ann")
    }
  }
}
