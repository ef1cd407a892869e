import HTML

/// A page outside of the frame: signing in and what belongs to it.
struct PlainPage {
  var title: String
  var assets: Assets
  var theme: Theme

  func page(_ content: HTML) -> HTML {
    Document.page(
      title: "\(title) · Quipu", theme: theme, assets: assets,
      body: """
        <body class="plain"><main id="main" class="sign-in">
        <p class="brand">\(Icon.brand)<span>Quipu</span></p>
        <h1>\(title)</h1>
        \(content)
        </main></body>
        """)
  }
}

/// Squares of a QR code, row by row.
public struct QRMatrix: Sendable, HTMLConvertible {
  public var width: Int
  public var dark: [Bool]

  public init(width: Int, dark: [Bool]) {
    self.width = width
    self.dark = dark
  }

  /// Dark on white whatever the theme, with the quiet zone of four squares that readers need.
  public var html: HTML {
    let size = width + 8
    return """
      <svg class="qr" viewBox="0 0 \(size) \(size)" role="img" shape-rendering="crispEdges"><title>QR code of the key</title>\
      <rect width="\(size)" height="\(size)" fill="#fff"/><path d="\(path)" fill="#000"/></svg>
      """
  }

  private var path: String {
    var path = ""
    for (i, isDark) in dark.enumerated() where isDark && width > 0 { path += "M\(i % width + 4) \(i / width + 4)h1v1h-1z" }
    return path
  }
}

/// A second factor on offer: key to type and its QR code.
public struct SecondFactorOffer: Sendable {
  /// Base32, 32 characters.
  public var key: String
  public var code: QRMatrix?

  public init(key: String, code: QRMatrix?) {
    self.key = key
    self.code = code
  }

  private var groups: String {
    var groups: [String] = [], rest = key[...]
    while !rest.isEmpty { groups.append(String(rest.prefix(4))); rest = rest.dropFirst(4) }
    return groups.joined(separator: " ")
  }

  var html: HTML {
    """
    <p class="note">Scan this with an authenticator app (Aegis, 1Password, Google Authenticator …), or type the key. Then enter the six digits that it shows.</p>
    <div class="offer">\(code?.html)<p><span class="note">Key</span> <code class="key">\(groups)</code></p></div>
    """
  }
}

extension Route {
  public static let signInCode = "/sign-in/code"
  public static func welcome(_ token: String) -> String { "/welcome/\(token)" }
}

/// The second factor at sign-in: a code is asked for, or one is set up first where the role needs it.
public struct SignInCodePage: Sendable {
  public var assets: Assets
  public var theme: Theme
  public var csrf: String
  public var email: String
  /// nil: the member has a second factor.
  public var offer: SecondFactorOffer?
  public var problem: String?

  public init(assets: Assets, theme: Theme, csrf: String, email: String, offer: SecondFactorOffer?, problem: String? = nil) {
    self.assets = assets
    self.theme = theme
    self.csrf = csrf
    self.email = email
    self.offer = offer
    self.problem = problem
  }

  public func render() -> HTML {
    PlainPage(title: offer == nil ? "Second factor" : "Set up a second factor", assets: assets, theme: theme).page(
      """
      \(problem, some: { "<p class=\"problem\" role=\"alert\">\($0)</p>" })
      \(if: offer != nil, "<p class=\"asked\">Your role asks for a second factor beside the password.</p>")\(offer?.html)
      <form method="post" action="\(Route.signInCode)"><input type="hidden" name="csrf" value="\(csrf)">
      <input type="hidden" name="username" value="\(email)" autocomplete="username">
      <label>\(offer == nil ? "Six digits of the app, or a recovery code" : "Six digits")<input name="code" autocomplete="one-time-code" required maxlength="40" \
      autocapitalize="off" spellcheck="false"\(if: offer != nil, " inputmode=\"numeric\"") autofocus></label>
      <button class="primary">\(offer == nil ? "Sign in" : "Set up and sign in")</button></form>
      <p class="note">Signing in as \(email). <a href="\(url: Route.signIn)">Someone else?</a>\
      \(if: offer == nil, " Telephone and recovery codes lost? An owner or admin can take the second factor off.")</p>
      """)
  }
}

/// Recovery codes, shown once.
public struct RecoveryCodesPage: Sendable {
  public var assets: Assets
  public var theme: Theme
  public var codes: [String]
  /// Where to go on.
  public var next: String

  public init(assets: Assets, theme: Theme, codes: [String], next: String) {
    self.assets = assets
    self.theme = theme
    self.codes = codes
    self.next = next
  }

  public func render() -> HTML {
    PlainPage(title: "Keep these recovery codes", assets: assets, theme: theme).page(
      """
      <p class="note">Each lets you in once, in place of the six digits, when the telephone is lost. They are shown this one time: print them or put them into a password manager.</p>
      <ul class="codes">\(codes, { "<li><code>\($0)</code></li>" })</ul>
      <p><a class="button primary" href="\(url: next)">I have kept them</a></p>
      """)
  }
}

/// Where a link of invitation or reset leads.
public struct WelcomePage: Sendable {
  public var assets: Assets
  public var theme: Theme
  public var csrf: String
  public var token: String
  public var organisation: String
  public var email: String
  public var isInvitation: Bool
  public var problem: String?

  public init(
    assets: Assets, theme: Theme, csrf: String, token: String, organisation: String, email: String, isInvitation: Bool, problem: String? = nil
  ) {
    self.assets = assets
    self.theme = theme
    self.csrf = csrf
    self.token = token
    self.organisation = organisation
    self.email = email
    self.isInvitation = isInvitation
    self.problem = problem
  }

  public func render() -> HTML {
    PlainPage(title: isInvitation ? "Welcome to \(organisation)" : "New password", assets: assets, theme: theme).page(
      """
      \(problem, some: { "<p class=\"problem\" role=\"alert\">\($0)</p>" })
      <form method="post" action="\(url: Route.welcome(token))"><input type="hidden" name="csrf" value="\(csrf)">
      <label>E-mail<input type="email" name="email" value="\(email)" autocomplete="username" readonly></label>
      <label>Password<input type="password" name="password" autocomplete="new-password" required minlength="12" maxlength="256" autofocus></label>
      <label>The same again<input type="password" name="again" autocomplete="new-password" required maxlength="256"></label>
      <button class="primary">Set the password</button></form>
      <p class="note">\(PasswordWords.hint)\(if: !isInvitation, " You are signed out everywhere.")</p>
      """)
  }
}

/// A link that was used, replaced, or is too old.
public struct LinkOverPage: Sendable {
  public var assets: Assets
  public var theme: Theme

  public init(assets: Assets, theme: Theme) {
    self.assets = assets
    self.theme = theme
  }

  public func render() -> HTML {
    PlainPage(title: "This link holds no longer", assets: assets, theme: theme).page(
      """
      <p class="asked">It was used, a newer one was made, or its time is over. Nothing was changed. Ask whoever sent it for another.</p>
      <p><a class="button" href="\(url: Route.signIn)">Sign in</a></p>
      """)
  }
}

enum PasswordWords {
  static let hint = "12 characters or more; several words are fine. Common passwords and what is made from your e-mail are refused."
}
