import Domain
import HTTPTypes
import Hummingbird
import Pages
import Store

/// What belongs to the signed-in member: password, second factor, sessions, an auditor's access to content.
struct AccountPages {
  let backend: Backend
  private var limits: SignInLimits { SignInLimits(backend: backend) }

  init(backend: Backend) { self.backend = backend }

  func account(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    let done = [
      "password": "The password was changed; other sessions have ended.", "sessions": "The sessions have ended.",
      "factor": "The second factor was taken off.", "unlinked": "The account was unlinked; other sessions have ended.",
    ]
    return .page(.ok, try await page(parts, done: QueryParameters(request).text("done").flatMap { done[$0] }).render())
  }

  func changePassword(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    let member = parts.visit.member, password = form.text("password") ?? ""
    do {
      let stored = try await backend.members.passwordHash(of: member.id)
      try await limit(member, request, context)
      guard await Passwords.verify(form.text("current") ?? "", stored) else { throw Failure.badRequest("the current password is not the one you typed") }
      if let problem = PasswordRules.problem(password, again: form.text("again"), email: member.email) { throw Failure.badRequest(problem) }
      guard let hash = await Passwords.hash(password) else { throw Failure(.internalServerError, "internal", "the password could not be hashed") }
      try await backend.members.changePassword(hash: hash, of: member)
    } catch {
      return .page(.badRequest, try await page(parts, problem: try PriceParts.sentence(error)).render())
    }
    return try await again(member, Route.account + "?done=password", request, context)
  }

  func endSessions(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    let id = form.text("id").flatMap { Int64($0) }
    guard id != nil || !form.has("id") else { throw Failure.badRequest("id is no number of a session") }
    _ = try await backend.accounts.endSessions(id, of: parts.visit.member.id, besides: parts.visit.tokenHash)
    return .seeOther(Route.account + "?done=sessions")
  }

  func unlink(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    let member = parts.visit.member
    do {
      try await backend.unlink(form, of: member.id, by: MemberActor(member), organisation: member.organisation)
    } catch {
      return .page(.badRequest, try await page(parts, problem: try PriceParts.sentence(error)).render())
    }
    var response = Response.seeOther(Route.account + "?done=unlinked")
    response.setCookie(try await WebSession(backend: backend).start(member, request))
    return response
  }

  /// Offers a key to set up, the same one while it is not proved.
  func secondFactor(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    guard try await backend.members.secondFactor(of: parts.visit.member.id) == nil else { return .seeOther(Route.account) }
    return try await offerPage(.ok, parts)
  }

  func changeSecondFactor(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    let member = parts.visit.member, code = (form.text("code") ?? "").filter { $0 != " " }
    do {
      try await limit(member, request, context)
      if form.text("do") == "confirm" { return try await confirm(code, parts, request, context) }
      guard try await SecondFactorPages(backend: backend).takes(code, of: member) != nil else {
        throw Failure.badRequest("the code is wrong, or was used before; wait for the next one")
      }
      try await limits.forget(member.email, request, context)
      return try await changeProved(form.text("do"), parts, request, context)
    } catch {
      let problem = try PriceParts.sentence(error)
      if form.text("do") == "confirm" { return try await offerPage(.badRequest, parts, problem: problem) }
      return .page(.badRequest, try await page(parts, problem: problem).render())
    }
  }

  private func changeProved(_ act: String?, _ parts: WorkParts, _ request: Request, _ context: Context) async throws -> Response {
    let member = parts.visit.member
    switch act {
    case "codes":
      let codes = RecoveryCodes.make()
      try await backend.members.setRecoveryCodes(codes.map(RecoveryCodes.hash), of: member)
      return codesPage(codes, request)
    case "replace", "remove":
      if act == "remove", try await needsSecondFactor(member) { throw Failure.badRequest("your role asks for a second factor; set up another app instead") }
      try await backend.members.removeSecondFactor(of: member.id, organisation: member.organisation, by: MemberActor(member), isProved: true)
      return try await again(member, act == "replace" ? Route.accountSecondFactor : Route.account + "?done=factor", request, context)
    default: throw Failure.badRequest("the form did not arrive whole")
    }
  }

  private func confirm(_ code: String, _ parts: WorkParts, _ request: Request, _ context: Context) async throws -> Response {
    let member = parts.visit.member
    guard try await backend.members.secondFactor(of: member.id) == nil else { return .seeOther(Route.account) }
    guard let offered = try await backend.members.offeredSecondFactor(session: parts.visit.tokenHash),
      let step = TOTP.match(code, offered, at: Timestamp.now, after: 0)
    else { throw Failure.badRequest("these are not the six digits of this key; check the clock of the telephone, and try the next ones") }
    let codes = RecoveryCodes.make()
    try await backend.members.setSecondFactor(secret: offered, step: step, recoveryHashes: codes.map(RecoveryCodes.hash), of: member)
    var response = codesPage(codes, request)
    response.setCookie(try await WebSession(backend: backend).start(member, request))
    return response
  }

  func breakGlass(_ request: Request, _ context: Context) async throws -> Response {
    .page(.ok, try await breakGlassPage(try auditor(request, context)).render())
  }

  func changeBreakGlass(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try auditor(request, context), form = try await request.form(), member = parts.visit.member
    try parts.check(request, csrf: form.text("csrf"))
    do {
      if form.text("do") == "withdraw" {
        try await withdrawOwn(form, member)
      } else {
        try await backend.members.breakGlass(
          member, project: try form.id("project"), reason: form.typed("reason"), hours: Int(form.typed("hours")) ?? 0,
          organisation: member.organisation)
      }
      return .seeOther(Route.breakGlass)
    } catch {
      var page = try await breakGlassPage(parts, problem: try PriceParts.sentence(error))
      (page.reason, page.hours, page.project) = (form.typed("reason"), form.typed("hours"), form.typed("project"))
      return .page(.badRequest, page.render())
    }
  }

  private func withdrawOwn(_ form: QueryParameters, _ member: Member) async throws {
    guard let id = form.text("grant").flatMap({ Int32($0) }),
      try await backend.members.contentGrants(of: member.id, organisation: member.organisation).contains(where: { $0.id == id })
    else { throw Failure.notFound("no such grant of yours") }
    try await backend.members.withdrawContent(grant: id, organisation: member.organisation, by: MemberActor(member))
  }

  /// - Throws: `Failure` 403 for every other role.
  private func auditor(_ request: Request, _ context: Context) throws -> WorkParts {
    let parts = try WorkParts(request, context, backend)
    guard parts.visit.member.role.contentAccess == .breakGlass else { throw Failure.forbidden("only auditors open inputs and outputs like this") }
    return parts
  }

  private func breakGlassPage(_ parts: WorkParts, problem: String? = nil) async throws -> BreakGlassPage {
    let projects = try await backend.accounts.projects(scope: parts.scope)
    let grants = try await backend.members.contentGrants(of: parts.visit.member.id, organisation: parts.organisation.id)
    return BreakGlassPage(
      work: parts.frame(problem, at: Route.breakGlass), grants: grants.map { ContentGrantView($0, projects) }, projects: projects)
  }

  /// A password or a code typed by who is signed in is guessed at no faster than at sign-in.
  private func limit(_ member: Member, _ request: Request, _ context: Context) async throws {
    if try await limits.isLimited(member.email, request, context) {
      throw Failure.badRequest("too many tries for now; wait \(limits.windowSeconds / 60) minutes")
    }
  }

  /// A session anew, because all of the member's ended.
  private func again(_ member: Member, _ path: String, _ request: Request, _ context: Context) async throws -> Response {
    try await limits.forget(member.email, request, context)
    var response = Response.seeOther(path)
    response.setCookie(try await WebSession(backend: backend).start(member, request))
    return response
  }

  private func codesPage(_ codes: [String], _ request: Request) -> Response {
    .page(.ok, RecoveryCodesPage(assets: backend.assets.links, theme: Theme.of(request), codes: codes, next: Route.account).render())
  }

  private func offerPage(_ status: HTTPResponse.Status, _ parts: WorkParts, problem: String? = nil) async throws -> Response {
    let hash = parts.visit.tokenHash
    var secret = try await backend.members.offeredSecondFactor(session: hash) ?? []
    if secret.isEmpty {
      secret = TOTP.newSecret()
      try await backend.members.offerSecondFactor(secret, session: hash)
    }
    let offer = SecondFactorOffer(secret, account: parts.visit.member.email, organisation: parts.organisation.name)
    return .page(status, SecondFactorPage(work: parts.frame(problem, at: Route.accountSecondFactor), offer: offer).render())
  }

  private func needsSecondFactor(_ member: Member) async throws -> Bool {
    try await backend.accounts.credentials(email: member.email)?.needsSecondFactor ?? false
  }

  private func page(_ parts: WorkParts, problem: String? = nil, done: String? = nil) async throws -> AccountPage {
    let member = parts.visit.member, organisation = parts.organisation.id
    let whole = AccessScope(organisation: organisation, teams: .all, projects: .all, readsContent: false)
    let teams = try await backend.accounts.teams(scope: whole), projects = try await backend.accounts.projects(scope: whole)
    let listed = try await backend.members.find(member.id, scope: whole)
    let grants = try await backend.members.contentGrants(of: member.id, organisation: organisation)
    return AccountPage(
      work: parts.frame(problem, at: Route.account), roles: (listed?.roles ?? []).map { PlacedRole($0, teams, projects) },
      grants: grants.map { ContentGrantView($0, projects) },
      sessions: try await backend.accounts.sessions(of: member.id, current: parts.visit.tokenHash).map(SessionView.init),
      hasPassword: listed?.hasPassword ?? false, recoveryCodesLeft: try await backend.members.secondFactor(of: member.id)?.recoveryCodesLeft,
      needsSecondFactor: try await needsSecondFactor(member), linked: try await backend.linkedViews(of: member.id, scope: parts.scope), done: done)
  }
}
