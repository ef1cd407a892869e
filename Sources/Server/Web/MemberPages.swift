import Domain
import HTTPTypes
import Hummingbird
import Pages
import Store

/// Members as settings: who there is, invitations, one member's roles and grants, what signing in asks.
struct MemberPages {
  let backend: Backend

  func list(_ request: Request, _ context: Context) async throws -> Response {
    .page(.ok, try await listPage(try WorkParts(request, context, backend)).render())
  }

  /// Makes the member and shows the link, once.
  func invite(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    do {
      let token = Secrets.token(bytes: 32)
      let member = try await backend.members.invite(
        try newMember(form), tokenHash: SHA256Digest.of(token.utf8), validSeconds: MemberMail.invitationSeconds,
        organisation: parts.organisation.id, by: parts.memberActor)
      var page = try await listPage(parts)
      page.made = await made(token, member, .invitation, parts)
      return .page(.ok, page.render())
    } catch {
      var page = try await listPage(parts, problem: try PriceParts.sentence(error))
      (page.input.email, page.input.role, page.input.place) = (form.typed("email"), form.typed("role"), form.typed("place"))
      page.input.readsContent = form.text("content") == "1"
      return .page(.badRequest, page.render())
    }
  }

  func savePolicy(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    let policy = SignInPolicy(
      secondFactorRoles: Set(form.all("role").compactMap(Member.Role.init(rawValue:))), auditsPayloadReads: form.text("payloads") == "1")
    try await backend.members.setPolicy(policy, organisation: parts.organisation.id, by: parts.memberActor)
    return .seeOther(Route.members)
  }

  func member(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    return .page(.ok, try await page(parts, try await find(context, parts)).render())
  }

  func change(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    let listed = try await find(context, parts)
    do {
      if form.text("do") == "link" { return try await newLink(listed, parts) }
      try await apply(form, to: listed.member, parts)
      // Some changes end keys.
      backend.keys.forget()
      return .seeOther(form.text("do") == "remove" ? Route.members : Route.member(listed.member.id))
    } catch {
      return .page(.badRequest, try await page(parts, listed, problem: try PriceParts.sentence(error)).render())
    }
  }

  private func apply(_ form: QueryParameters, to member: Member, _ parts: WorkParts) async throws {
    let members = backend.members, id = member.id, organisation = parts.organisation.id, actor = parts.memberActor
    switch form.text("do") {
    case "role": try await members.setRole(try form.role("role"), of: id, organisation: organisation, by: actor)
    case "place": try await members.setRole(try form.role("role"), in: try form.place(), of: id, organisation: organisation, by: actor)
    case "unplace": try await members.setRole(nil, in: try form.place(), of: id, organisation: organisation, by: actor)
    case "grant": try await giveContent(form, id, parts)
    case "withdraw": try await withdraw(form, id, parts)
    case "unfactor": try await members.removeSecondFactor(of: id, organisation: organisation, by: actor)
    case "sessions": try await members.endSessions(of: id, organisation: organisation, by: actor)
    case "unlink": try await backend.unlink(form, of: id, by: actor, organisation: organisation)
    case "disable": try await members.setDisabled(true, id, organisation: organisation, by: actor)
    case "enable": try await members.setDisabled(false, id, organisation: organisation, by: actor)
    case "remove":
      guard form.typed("email").lowercased() == member.email else {
        throw Failure.badRequest("what you typed is not \(member.email); nothing was removed")
      }
      try await members.remove(id, organisation: organisation, by: actor)
    default: throw Failure.badRequest("the form did not arrive whole")
    }
  }

  private func giveContent(_ form: QueryParameters, _ id: MemberID, _ parts: WorkParts) async throws {
    let days = form.text("days").flatMap { Int64($0) }
    guard form.text("days") == nil || (days.map { (1...366).contains($0) } ?? false) else { throw Failure.badRequest("days is not one of the menu") }
    try await backend.members.giveContent(
      of: try form.id("project"), to: id, reason: form.typed("reason"), expiresInSeconds: days.map { $0 * 86_400 },
      organisation: parts.organisation.id, by: parts.memberActor)
  }

  private func withdraw(_ form: QueryParameters, _ id: MemberID, _ parts: WorkParts) async throws {
    guard let grant = form.text("grant").flatMap({ Int32($0) }),
      try await backend.members.contentGrants(of: id, organisation: parts.organisation.id).contains(where: { $0.id == grant })
    else { throw Failure.notFound("no such grant") }
    try await backend.members.withdrawContent(grant: grant, organisation: parts.organisation.id, by: parts.memberActor)
  }

  private func newLink(_ listed: ListedMember, _ parts: WorkParts) async throws -> Response {
    let token = Secrets.token(bytes: 32)
    let seconds = listed.state == .invited ? MemberMail.invitationSeconds : MemberMail.resetSeconds
    let purpose = try await backend.members.makeLink(
      for: listed.member.id, tokenHash: SHA256Digest.of(token.utf8), validSeconds: seconds, organisation: parts.organisation.id,
      by: parts.memberActor)
    var page = try await page(parts, listed)
    page.made = await made(token, listed.member, purpose, parts)
    return .page(.ok, page.render())
  }

  private func made(_ token: String, _ member: Member, _ purpose: MemberLink.Purpose, _ parts: WorkParts) async -> MadeLink {
    let address = backend.baseURL + Route.welcome(token)
    let mail = await MemberMail(backend: backend).send(
      address, to: member, organisation: parts.organisation.name, purpose: purpose, by: parts.actor)
    return MadeLink(email: member.email, address: address, isInvitation: purpose == .invitation, mail: mail)
  }

  private func newMember(_ form: QueryParameters) throws -> NewMember {
    let role = try form.role("role")
    guard let place = form.text("place") else { return NewMember(email: form.typed("email"), role: role, readsContent: form.text("content") == "1") }
    guard place.isEmpty || role.hasOwnReach else {
      throw Failure.badRequest("\(RoleWords.name(role)) reaches the whole organisation: choose no team or project")
    }
    let where_ = try form.place(), isTeam = if case .team = where_ { true } else { false }
    let inPlace = isTeam ? role : role == .engineer ? .engineer : .viewer
    return NewMember(
      email: form.typed("email"), role: role, roles: [RoleGrant(place: where_, role: inPlace)], readsContent: form.text("content") == "1")
  }

  private func find(_ context: Context, _ parts: WorkParts) async throws -> ListedMember {
    let id: MemberID = try context.id("member", of: "member")
    guard let listed = try await backend.members.find(id, scope: parts.scope) else { throw Failure.notFound("no member of this number") }
    return listed
  }

  private func listPage(_ parts: WorkParts, problem: String? = nil) async throws -> MemberListPage {
    let teams = try await backend.accounts.teams(scope: parts.scope), projects = try await backend.accounts.projects(scope: parts.scope)
    let policy = try await backend.members.policy(parts.organisation.id)
    return MemberListPage(
      work: parts.frame(problem, at: Route.members),
      members: try await backend.members.list(scope: parts.scope).map { MemberView($0, teams, projects) }, teams: teams, projects: projects,
      givenRoles: parts.visit.member.role.mayGive, secondFactorRoles: policy.secondFactorRoles, auditsPayloadReads: policy.auditsPayloadReads)
  }

  private func page(_ parts: WorkParts, _ listed: ListedMember, problem: String? = nil) async throws -> MemberPage {
    let teams = try await backend.accounts.teams(scope: parts.scope), projects = try await backend.accounts.projects(scope: parts.scope)
    let given = parts.visit.member.role.mayGive, member = listed.member
    return MemberPage(
      work: parts.frame(problem, at: Route.member(member.id)), view: MemberView(listed, teams, projects),
      grants: try await backend.members.contentGrants(of: member.id, organisation: parts.organisation.id).map { ContentGrantView($0, projects) },
      sessions: try await backend.accounts.sessions(of: member.id).map(SessionView.init), teams: teams, projects: projects,
      givenRoles: given.contains(member.role) ? given : [], isSelf: member.id == parts.visit.member.id,
      linked: try await backend.linkedViews(of: member.id, scope: parts.scope))
  }
}

extension WorkParts {
  var memberActor: MemberActor { MemberActor(visit.member) }
}

extension Member.Role {
  /// Roles that stand in the forms of who has this one; Store decides.
  var mayGive: [Member.Role] {
    switch self {
    case .owner: Self.allCases
    case .admin: Self.allCases.filter { $0 != .owner }
    case .finance, .teamLead, .engineer, .viewer, .auditor: []
    }
  }
}

extension QueryParameters {
  /// - Throws: `Failure` 400 for what is no role.
  fileprivate func role(_ name: String) throws -> Member.Role {
    guard let role = text(name).flatMap(Member.Role.init(rawValue:)) else { throw Failure.badRequest("role is not one of the menu") }
    return role
  }

  /// "team 3" or "project 1".
  fileprivate func place() throws -> RoleGrant.Place {
    let words = typed("place").split(separator: " ")
    guard words.count == 2, let id = Int32(words[1]) else { throw Failure.badRequest("choose a team or project") }
    switch words[0] {
    case "team": return .team(TeamID(id))
    case "project": return .project(ProjectID(id))
    default: throw Failure.badRequest("choose a team or project")
    }
  }
}

extension PlacedRole {
  init(_ grant: RoleGrant, _ teams: [Team], _ projects: [Project]) {
    let place =
      switch grant.place {
      case .team(let id): "team \(teams.first { $0.id == id }?.name ?? id.description)"
      case .project(let id): "project \(projects.first { $0.id == id }?.name ?? id.description)"
      }
    self.init(grant: grant, place: place)
  }
}

extension MemberView {
  init(_ listed: ListedMember, _ teams: [Team], _ projects: [Project]) {
    let state: State =
      switch listed.state {
      case .invited: .invited
      case .active: .active
      case .disabled: .disabled
      }
    self.init(
      member: listed.member, state: state, hasSecondFactor: listed.hasSecondFactor, readsContent: listed.hasContentGrant,
      roles: listed.roles.map { PlacedRole($0, teams, projects) }, lastSignInAt: listed.lastSignInAt, invitedUntil: listed.invitedUntil)
  }
}

extension ContentGrantView {
  init(_ listed: ListedContentGrant, _ projects: [Project]) {
    let grant = listed.grant
    self.init(
      id: listed.id, project: grant.project.map { id in projects.first { $0.id == id }?.name ?? "project \(id)" }, givenBy: listed.givenBy,
      givenAt: grant.givenAt, expiresAt: grant.expiresAt, reason: listed.reason, withdrawnAt: listed.withdrawnAt, withdrawnBy: listed.withdrawnBy)
  }
}

extension Backend {
  /// nil when there are neither accounts nor providers.
  func linkedViews(of member: MemberID, scope: AccessScope) async throws -> [LinkedAccountView]? {
    let accounts = try await signIns.linkedAccounts(of: member, scope: scope)
    if accounts.isEmpty, try await signIns.providers(organisation: scope.organisation).isEmpty { return nil }
    return accounts.map(LinkedAccountView.init)
  }

  /// What the form beside a linked account asks for. *Errors:* `StructureError`.
  func unlink(_ form: QueryParameters, of member: MemberID, by actor: MemberActor, organisation: OrganisationID) async throws {
    try await signIns.unlink(
      issuer: form.text("issuer") ?? "", subject: form.text("subject") ?? "", of: member, knowingly: form.text("lastWay") == "1",
      organisation: organisation, by: actor)
  }
}

extension LinkedAccountView {
  init(_ account: LinkedAccount) {
    self.init(
      providers: account.providers, isOpen: account.isOpen, issuer: account.issuer, subject: account.subject, email: account.email,
      linkedAt: account.linkedAt, linkedBy: account.linkedBy, lastUsedAt: account.lastUsedAt, isLastWay: account.isLastWay)
  }
}

extension SessionView {
  init(_ listed: ListedSession) {
    self.init(
      id: listed.id, address: listed.address, agent: listed.agent, createdAt: listed.createdAt, lastSeenAt: listed.lastSeenAt,
      isCurrent: listed.isCurrent)
  }
}
