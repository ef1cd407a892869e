import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct BootstrapTests {
  private let plan = BootstrapPlan(
    organisationName: "Acme", timeZone: "Europe/Berlin", teamName: "Platform", projectName: "My App",
    keyPair: KeyPair(publicKey: "pk-lf-1", secretKey: "sk-lf-0123456789abcdef"), ownerEmail: "Owner@Example.com",
    ownerPasswordHash: "$argon2id$x")

  @Test func theFirstStartSetsUpEverything() async throws {
    let accounts = AccountStore(pool: try await TestDatabase.make().pool)
    #expect(try await accounts.isEmpty())
    let made = try #require(try await accounts.bootstrap(plan))
    #expect(try await accounts.isEmpty() == false)
    #expect(try await accounts.organisations() == [made.organisation])
    #expect(try await accounts.organisation(made.organisation.id)?.timeZone == "Europe/Berlin")
    #expect(try await accounts.grant(publicKey: "pk-lf-1", secret: "sk-lf-0123456789abcdef")?.project == made.project)
    #expect(try await accounts.credentials(email: "owner@example.com")?.member == made.owner)
    #expect(made.owner.role == .owner)
    #expect(made.project.team == made.team.id)
    #expect(made.key.key.team == .default(made.team.id))
  }

  @Test func ofManyStartsAtOnceOneSetsUp() async throws {
    let accounts = AccountStore(pool: try await TestDatabase.make().pool)
    let plan = plan
    let made = try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 { group.addTask { try await accounts.bootstrap(plan) != nil } }
      return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(made == 1)
    #expect(try await accounts.organisations().count == 1)
  }

  @Test func theDemonstrationKeepsItsFirstAnchor() async throws {
    let accounts = AccountStore(pool: try await TestDatabase.make().pool)
    let organisation = try await accounts.createOrganisation(name: "Acme", timeZone: "UTC").id
    let first = Timestamp(microseconds: 1_790_000_000_000_001)
    #expect(try await accounts.demoAnchor(organisation: organisation, orSet: first) == first)
    #expect(try await accounts.demoAnchor(organisation: organisation, orSet: first.adding(seconds: 9)) == first)
  }

  @Test func aPlanThatFailsLeavesNothing() async throws {
    let accounts = AccountStore(pool: try await TestDatabase.make().pool)
    var bad = plan
    bad.ownerEmail = "nobody"
    await #expect(throws: AccountError.self) { try await accounts.bootstrap(bad) }
    #expect(try await accounts.isEmpty())
    #expect(try await accounts.bootstrap(plan) != nil)
  }
}
