import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Pages
import Store

/// Identity providers as settings, and their test.
struct ProviderPages {
  let backend: Backend
  private var signIn: ProviderSignIn { ProviderSignIn(backend: backend) }

  func list(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    return .page(.ok, try await listPage(parts).render())
  }

  private func listPage(_ parts: WorkParts, problem: String? = nil) async throws -> ProviderListPage {
    ProviderListPage(
      work: parts.frame(problem, at: Route.providers), providers: try await backend.signIns.providers(organisation: parts.organisation.id),
      linked: try await backend.signIns.linkedCounts(organisation: parts.organisation.id))
  }

  func new(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    return .page(.ok, try await page(parts, ProviderInput()).render())
  }

  func edit(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    return .page(.ok, try await page(parts, ProviderInput(try await own(context, parts))).render())
  }

  func save(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    let input = ProviderInput(form)
    do {
      let provider = try input.provider(organisation: parts.organisation.id)
      _ = try OutboundAddress(provider.issuer)
      let saved = try await backend.signIns.save(
        provider, secret: form.text("secret"), isNew: input.id == nil, by: MemberActor(parts.visit.member))
      return .seeOther(Route.providerTest(saved.id))
    } catch let error as OutboundError {
      return .page(.badRequest, try await page(parts, input, problem: "The issuer \(error.description).").render())
    } catch {
      return .page(.badRequest, try await page(parts, input, problem: try PriceParts.sentence(error)).render())
    }
  }

  func remove(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    let provider = try await own(context, parts)
    do {
      guard form.typed("name") == provider.name else {
        throw Failure.badRequest("name is \"\(form.typed("name"))\": expected the name of the provider, “\(provider.name)”")
      }
      try await backend.signIns.remove(provider.id, organisation: parts.organisation.id, by: MemberActor(parts.visit.member))
      return .seeOther(Route.providers)
    } catch {
      return .page(.badRequest, try await page(parts, ProviderInput(provider), problem: try PriceParts.sentence(error)).render())
    }
  }

  private func own(_ context: Context, _ parts: WorkParts) async throws -> SignInProvider {
    let id: SignInProviderID = try context.id("provider", of: "provider")
    guard let provider = try await backend.signIns.provider(id, organisation: parts.organisation.id) else {
      throw Failure.notFound("no provider of this number")
    }
    return provider
  }

  private func page(_ parts: WorkParts, _ input: ProviderInput, problem: String? = nil) async throws -> ProviderFormPage {
    ProviderFormPage(
      work: parts.frame(problem, at: input.id.map(Route.provider) ?? Route.newProvider), draft: input,
      teams: try await backend.teams.list(scope: parts.scope),
      redirectURI: input.id.map { backend.baseURL + Route.providerCallback($0) }, mayMakeOwners: parts.visit.member.role == .owner)
  }
}

extension ProviderPages {
  /// What can be tried without a browser, or with `last` what the last test of the reader found.
  func test(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend), provider = try await own(context, parts)
    if QueryParameters(request).has("last"), let test = try await backend.signIns.test(of: provider.id, by: parts.visit.member.id) {
      let report = (try? JSONDecoder().decode(SignInReport.self, from: Data(test.report.utf8))) ?? SignInReport()
      return .page(.ok, try await testPage(parts, provider, report, test).render())
    }
    var proof = try await signIn.proof(provider)
    try? await proof.check()
    return .page(.ok, try await testPage(parts, provider, proof.report, nil).render())
  }

  private func testPage(
    _ parts: WorkParts, _ provider: SignInProvider, _ report: SignInReport, _ test: SignInTest?, problem: String? = nil
  ) async throws -> ProviderTestPage {
    let own = try await backend.signIns.linkedAccounts(of: parts.visit.member.id, scope: parts.scope)
    let isMine = own.contains { $0.issuer == test?.issuer && $0.subject == test?.subject }
    return ProviderTestPage(
      work: parts.frame(problem, at: Route.providerTest(provider.id)), provider: provider, report: report, testedAt: test?.testedAt,
      redirectURI: signIn.redirectURI(provider),
      link: test?.subject == nil ? .none : isMine ? .mine : .offered(account: test?.email ?? test?.subject ?? ""))
  }

  /// Leads to the provider; back, nobody is signed in.
  func begin(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend), provider = try await own(context, parts)
    do {
      return try await signIn.begin(
        provider, tester: parts.visit.member.id, next: Route.providerTest(provider.id) + "?last=1", request, context)
    } catch is ProviderFailure {
      return .seeOther(Route.providerTest(provider.id))
    } catch is OutboundError {
      return .seeOther(Route.providerTest(provider.id))
    }
  }

  /// Back from the provider: what was found is kept for whoever began the test, who must be the one that is signed in.
  func tested(
    _ provider: SignInProvider, _ state: SignInState, _ tester: MemberID, _ query: QueryParameters, _ request: Request
  ) async throws -> Response {
    guard let visit = try await WebSession(backend: backend).visit(request), visit.member.id == tester, visit.access.allows(.manageMembers) else {
      throw Failure.forbidden("this test was begun by another member")
    }
    var proof = try await signIn.proof(provider), identity: ProvenIdentity?
    if let code = query.text("code") {
      identity = try? await proof.run(code: code, state: state)
    } else {
      proof.note("Came back", .failed, "without a code: \(ProviderSignIn.refusal(query) ?? "it said nothing")")
    }
    if let identity { try await note(identity, provider, in: &proof) }
    let report = (try? JSONEncoder().encode(proof.report)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    try await backend.signIns.keepTest(of: provider, by: tester, report: report, identity: identity)
    return .seeOther(state.next)
  }

  /// What these claims would have done.
  private func note(_ identity: ProvenIdentity, _ provider: SignInProvider, in proof: inout ProviderProof) async throws {
    let verified = identity.isEmailVerified ? "verified" : "not verified (\(provider.claims.verified))"
    proof.note("E-mail", .noted, identity.email.map { "\($0), \(verified)" } ?? "none in claim \(provider.claims.email)")
    if !provider.claims.roles.isEmpty {
      let values = identity.roleValues.joined(separator: ", ")
      proof.note("Roles", .noted, "\(provider.claims.roles): \(values.isEmpty ? "no values" : String(values.prefix(500)))")
    }
    do {
      let admission = try await backend.signIns.look(at: identity, by: provider)
      let teams = try await backend.teams.list(scope: Self.everything(provider)).filter { admission.roles.teams[$0.id] != nil }
      let places = teams.map { "\(admission.roles.teams[$0.id].map(ProviderWords.role) ?? "") in \($0.name)" }
      let who = admission.member.map { "would sign in \($0.email)" } ?? "would make a member of \(identity.email ?? "")"
      let roles = [admission.roles.organisation.map(ProviderWords.role) ?? ""] + places
      proof.note("Here", .done, "\(who) as \(roles.joined(separator: ", "))")
      for note in admission.notes { proof.note("Here", .noted, note) }
    } catch let refusal as SignInRefusal {
      proof.note("Here", .failed, refusal.description)
    }
  }

  private static func everything(_ provider: SignInProvider) -> AccessScope {
    AccessScope(organisation: provider.organisation, teams: .all, projects: .all, readsContent: false)
  }

  /// Links the account that the last test proved to whoever made it.
  func link(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, _) = try await WorkParts.changing(request, context, backend)
    let provider = try await own(context, parts)
    guard let test = try await backend.signIns.test(of: provider.id, by: parts.visit.member.id), let subject = test.subject,
      test.issuer == provider.issuer
    else { return .seeOther(Route.providerTest(provider.id)) }
    do {
      try await backend.signIns.link(issuer: test.issuer, subject: subject, email: test.email, to: parts.visit.member)
      return .seeOther(Route.providerTest(provider.id) + "?last=1")
    } catch {
      let report = (try? JSONDecoder().decode(SignInReport.self, from: Data(test.report.utf8))) ?? SignInReport()
      return .page(.badRequest, try await testPage(parts, provider, report, test, problem: try PriceParts.sentence(error)).render())
    }
  }
}

extension ProviderInput {
  init(_ form: QueryParameters) {
    self.init()
    id = (try? form.id("id")) ?? nil
    (name, issuer, clientID) = (form.typed("name"), form.typed("issuer"), form.typed("clientID"))
    secretSource = form.text("secretSource").flatMap(SignInProvider.SecretSource.init(rawValue:)) ?? .stored
    scopes = form.typed("scopes")
    claims = SignInProvider.ClaimNames(email: form.typed("claimEmail"), verified: form.typed("claimVerified"), roles: form.typed("claimRoles"))
    isEnabled = form.has("enabled")
    linksMembers = form.has("linksMembers")
    admitsUnknown = form.has("admitsUnknown")
    emailDomains = form.typed("emailDomains")
    defaultRole = form.typed("defaultRole")
    let (values, places, roles) = (form.all("value"), form.all("place"), form.all("role"))
    for index in values.indices where places.indices.contains(index) && roles.indices.contains(index) {
      mappings.append(ProviderInput.Mapping(value: values[index], place: places[index], role: roles[index]))
    }
  }

  /// - Throws: `Failure` 400 for what no menu offers.
  func provider(organisation: OrganisationID) throws -> SignInProvider {
    let lines = mappings.filter { !$0.value.allSatisfy(\.isWhitespace) }
    return SignInProvider(
      id: id ?? SignInProviderID(0), organisation: organisation, name: name, issuer: issuer.filter { !$0.isWhitespace }, clientID: clientID,
      secretSource: secretSource, scopes: scopes, claims: claims, isEnabled: isEnabled, linksMembers: linksMembers,
      admitsUnknown: admitsUnknown, emailDomains: emailDomains.split { $0 == "," || $0 == ";" || $0.isWhitespace }.map(String.init),
      defaultRole: try defaultRole.isEmpty ? nil : Self.role(defaultRole), mappings: try lines.map(Self.mapping))
  }

  private static func role(_ text: String) throws -> Member.Role {
    guard let role = Member.Role(rawValue: text) else { throw Failure.badRequest("role is not one of the menu") }
    return role
  }

  private static func mapping(_ line: Mapping) throws -> ClaimMapping {
    guard line.place.isEmpty || Int32(line.place) != nil else { throw Failure.badRequest("place is not one of the menu") }
    return ClaimMapping(value: line.value.trimmingCharacters(in: .whitespaces), team: Int32(line.place).map { TeamID($0) }, role: try role(line.role))
  }
}
