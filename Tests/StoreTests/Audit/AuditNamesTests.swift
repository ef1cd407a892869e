import Domain
import Postgres
import Testing

@testable import Store

/// The audit log can't forget, and auditors know end users by pseudonyms alone.
@Suite struct AuditNamesTests {
  private static let user = "secret.user@customer.example"
  private let scope = AccessScope(organisation: OrganisationID(1), teams: .all, projects: .all, readsContent: true)

  private func details(_ fixture: WriteFixture) async throws -> [String] {
    try await fixture.pool.run { c in try c.query("select detail::text from audit_entries order by id") { try $0.string(0) } }
  }

  private func pseudonym(_ fixture: WriteFixture) async throws -> String {
    let secret = try await fixture.pool.run { c in try Erasures.secret(OrganisationID(1), c) }
    return KeyedHash(secret: secret).pseudonym(ofUser: Self.user)
  }

  @Test func rulesAboutUsersAreToldWithPseudonyms() async throws {
    let fixture = try await WriteFixture.make()
    let rules = RuleStore(pool: fixture.pool, patterns: AttributionDirectory.withoutPatterns)
    let draft = RuleDraft(
      name: "hers", conditions: [
        RuleCondition(field: .user, match: .equals, values: [Self.user, "bob"]), RuleCondition(field: .tag, match: .equals, values: ["vip"]),
      ], team: TeamID(1))
    let rule = try await rules.save(draft, replacing: nil, scope: scope, by: "owner")
    try await rules.end(rule.id, scope: scope, by: "owner")
    let told = try await details(fixture)
    #expect(told.count == 2)
    let pseudonym = try await pseudonym(fixture)
    #expect(told.allSatisfy { !$0.contains(Self.user) && $0.contains(pseudonym) && $0.contains("vip") })
  }

  @Test func usersWhoseTracesAreKeptAreToldWithPseudonyms() async throws {
    let fixture = try await WriteFixture.make()
    var keep = KeepRules()
    keep.users = [Self.user]
    keep.tags = ["vip"]
    let store = SamplingStore(pool: fixture.pool)
    _ = try await store.save(
      SamplingPolicy(payloads: SamplingShare(millionths: 10), spans: .all, keep: keep), of: fixture.project, environment: nil, scope: scope, by: "owner")
    _ = try await store.save(SamplingPolicy(payloads: SamplingShare(millionths: 10), spans: .all, keep: KeepRules()), of: fixture.project, environment: nil, scope: scope, by: "owner")
    let told = try await details(fixture)
    #expect(told.count == 2)
    let pseudonym = try await pseudonym(fixture)
    #expect(!told[0].contains(Self.user) && told[0].contains(pseudonym) && told[0].contains("vip"))
  }
}
