import Domain
import Testing

@Suite struct SignInProviderTests {
  private func provider(_ mappings: [ClaimMapping], defaultRole: Member.Role? = nil) -> SignInProvider {
    SignInProvider(
      id: SignInProviderID(1), organisation: OrganisationID(1), name: "Acme", issuer: "https://id.example.com", clientID: "quipu",
      claims: .init(roles: "groups"), admitsUnknown: true, emailDomains: ["example.com"], defaultRole: defaultRole, mappings: mappings)
  }

  @Test func theFirstLineThatMatchesGivesTheRole() {
    let provider = provider([ClaimMapping(value: "money", role: .finance), ClaimMapping(value: "all", role: .admin)])
    #expect(provider.roles(for: ["all", "money"]) == ClaimedRoles(organisation: .finance, teams: [:]))
    #expect(provider.roles(for: ["all"]).organisation == .admin)
    #expect(provider.roles(for: ["other"]).organisation == nil)
  }

  @Test func aRoleInATeamAloneMakesAViewerWhoseReachIsTheTeam() {
    let provider = provider([
      ClaimMapping(value: "search-leads", team: TeamID(7), role: .teamLead), ClaimMapping(value: "search", team: TeamID(7), role: .engineer),
    ])
    #expect(provider.roles(for: ["search", "search-leads"]) == ClaimedRoles(organisation: .viewer, teams: [TeamID(7): .teamLead]))
    #expect(provider.roles(for: []) == ClaimedRoles(organisation: nil, teams: [:]))
  }

  @Test func rolesThatReachEverythingTakeNoneInTeams() {
    let provider = provider([ClaimMapping(value: "search", team: TeamID(7), role: .engineer)], defaultRole: .auditor)
    #expect(provider.roles(for: ["search"]) == ClaimedRoles(organisation: .auditor, teams: [:]))
  }

  @Test(arguments: [("a@example.com", true), ("a@EXAMPLE.com", true), ("a@example.com.evil.org", false), ("a@evil.org", false), ("example.com", false)])
  func onlyAddressesOfItsDomainsAreAdmitted(email: String, isAdmitted: Bool) {
    #expect(provider([]).admits(email: email) == isAdmitted)
  }

  @Test func claimsAreFoundByNameThenByPath() {
    let claims: [String: ClaimValue] = [
      "https://acme.example/roles": .text("dot in its name"), "realm_access": .object(["roles": .list([.text("a"), .number(3), .text("b")])]),
    ]
    #expect(claims.claim("https://acme.example/roles")?.text == "dot in its name")
    #expect(claims.claim("realm_access.roles")?.texts == ["a", "b"])
    #expect(claims.claim("realm_access.groups") == nil && claims.claim("nothing.at.all") == nil)
  }

  @Test(arguments: [
    (ClaimValue.flag(true), true), (.text("true"), true), (.number(1), true), (.flag(false), false), (.text("false"), false), (.text("yes"), false),
    (.list([.flag(true)]), false), (.null, false),
  ])
  func onlyWhatSaysTrueIsVerified(value: ClaimValue, isTrue: Bool) {
    let identity = ProvenIdentity(
      issuer: "i", subject: "s", claims: ["email": .text("a@example.com"), "email_verified": value], names: .init())
    #expect(identity.isEmailVerified == isTrue)
  }

  @Test func anEmailOfWhichNothingIsSaidIsNotVerified() {
    #expect(!ProvenIdentity(issuer: "i", subject: "s", claims: ["email": .text("a@example.com")], names: .init()).isEmailVerified)
  }
}
