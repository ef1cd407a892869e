import Domain
import HTTPTypes
import Hummingbird
import Pages
import Store

/// The second factor between the right password and the session: a code of the app, a recovery code, or setting one up where the role needs it.
struct SecondFactorPages {
  let backend: Backend
  private static let cookieName = "quipu_step"
  private var limits: SignInLimits { SignInLimits(backend: backend) }

  init(backend: Backend) { self.backend = backend }

  /// After the password: a step that this browser alone can take.
  func begin(_ known: MemberCredentials, next: String) async throws -> Response {
    let token = Secrets.token(bytes: 32)
    try await backend.members.beginStep(
      tokenHash: SHA256Digest.of(token.utf8), csrfToken: Secrets.token(bytes: 16), member: known.member.id, next: next,
      offered: known.hasSecondFactor ? nil : TOTP.newSecret())
    var response = Response.seeOther(Route.signInCode)
    response.setCookie(Self.cookie(token, seconds: 600))
    return response
  }

  func form(_ request: Request, _ context: Context) async throws -> Response {
    guard let (step, _) = try await step(request) else { return .seeOther(Route.signIn) }
    return page(.ok, step, request)
  }

  func check(_ request: Request, _ context: Context) async throws -> Response {
    guard let (step, hash) = try await step(request) else { return .seeOther(Route.signIn) }
    let form = try await request.form()
    try FormToken.check(request, sent: form.text("csrf"), expected: step.csrfToken)
    let isLimited = try await limits.isLimited(step.member.email, request, context), isCounted = try await backend.members.countTry(tokenHash: hash)
    guard !isLimited, isCounted else {
      return try await SignInPages(backend: backend).page(
        .tooManyRequests, request, next: step.next, problem: .limited(seconds: limits.windowSeconds))
    }
    let code = form.text("code") ?? ""
    if let offered = step.offered { return try await setUp(offered, code, step, hash, request, context) }
    guard let means = try await takes(code, of: step.member), try await backend.members.endStep(tokenHash: hash) else {
      try await limits.tellFailure(step.member.email)
      return page(.unauthorized, step, request, problem: "This code is wrong, or was used before. Wait for the next one and try again.")
    }
    var response = try await SignInPages(backend: backend).finish(step.member, next: step.next, by: means, request, context)
    response.setCookie(Self.cookie("", seconds: 0))
    return response
  }

  /// How the code lets in; nil: it does not. Taken ones are taken for good.
  func takes(_ typed: String, of member: Member) async throws -> String? {
    guard let factor = try await backend.members.secondFactor(of: member.id) else { return nil }
    let digits = typed.filter { $0 != " " && $0 != "-" }
    if digits.utf8.count == 6, digits.utf8.allSatisfy({ (48...57).contains($0) }) {
      guard let step = TOTP.match(digits, factor.secret, at: Timestamp.now, after: factor.lastStep) else { return nil }
      return try await backend.members.takeStep(step, of: member.id) ? "password and second factor" : nil
    }
    guard (8...64).contains(typed.utf8.count) else { return nil }
    return try await backend.members.takeRecoveryCode(hash: RecoveryCodes.hash(typed), of: member) ? "password and recovery code" : nil
  }

  private func setUp(
    _ offered: [UInt8], _ code: String, _ step: SignInStep, _ hash: [UInt8], _ request: Request, _ context: Context
  ) async throws -> Response {
    let digits = code.filter { $0 != " " }
    guard let at = TOTP.match(digits, offered, at: Timestamp.now, after: 0) else {
      return page(.unauthorized, step, request, problem: "These are not the six digits of this key. Check the clock of the telephone, and try the next ones.")
    }
    guard try await backend.members.endStep(tokenHash: hash) else { return .seeOther(Route.signIn) }
    let codes = RecoveryCodes.make()
    try await backend.members.setSecondFactor(secret: offered, step: at, recoveryHashes: codes.map(RecoveryCodes.hash), of: step.member)
    let page = RecoveryCodesPage(assets: backend.assets.links, theme: Theme.of(request), codes: codes, next: SignInPages.local(step.next))
    var response = Response.page(.ok, page.render())
    response.setCookie(try await SignInPages(backend: backend).begin(step.member, by: "password and second factor", request, context))
    response.setCookie(Self.cookie("", seconds: 0))
    return response
  }

  private func step(_ request: Request) async throws -> (SignInStep, [UInt8])? {
    guard let token = request.cookies[Self.cookieName]?.value, token.count == 64 else { return nil }
    let hash = SHA256Digest.of(token.utf8)
    return try await backend.members.step(tokenHash: hash).map { ($0, hash) }
  }

  private func page(_ status: HTTPResponse.Status, _ step: SignInStep, _ request: Request, problem: String? = nil) -> Response {
    let offer = step.offered.map { SecondFactorOffer($0, account: step.member.email, organisation: step.organisation.name) }
    return .page(
      status,
      SignInCodePage(
        assets: backend.assets.links, theme: Theme.of(request), csrf: step.csrfToken, email: step.member.email, offer: offer, problem: problem
      ).render())
  }

  private static func cookie(_ token: String, seconds: Int) -> Cookie {
    Cookie(name: cookieName, value: token, maxAge: seconds, path: "/", httpOnly: true, sameSite: .strict)
  }
}

extension SecondFactorOffer {
  init(_ secret: [UInt8], account: String, organisation: String) {
    let address = TOTP.address(secret, account: account, issuer: "Quipu \(organisation)")
    self.init(key: TOTP.base32(secret), code: QRMatrix(address))
  }
}
