import Domain
import HTML

/// Each step of a sign-in by a provider, the claims, and what they would do here.
public struct ProviderTestPage: Sendable {
  public enum Link: Sendable, Hashable {
    /// Nobody was proved.
    case none
    case offered(account: String)
    /// The reader's own.
    case mine
  }

  public var work: WorkFrame
  public var provider: SignInProvider
  public var report: SignInReport
  /// nil: only what can be tried without a browser.
  public var testedAt: Timestamp?
  public var redirectURI: String
  public var link: Link

  public init(
    work: WorkFrame, provider: SignInProvider, report: SignInReport, testedAt: Timestamp?, redirectURI: String, link: Link
  ) {
    self.work = work
    self.provider = provider
    self.report = report
    self.testedAt = testedAt
    self.redirectURI = redirectURI
    self.link = link
  }

  public func render() -> HTML {
    work.page(
      "Test \(provider.name)", tab: SettingsTab.signIn,
      """
      \(work.problemNote)\(verdict)
      <p class="actions test-actions"><a class="button" href="\(url: Route.beginProviderTest(provider.id))">\(testedAt == nil ? "Go to \(provider.name) and back" : "Test again")</a>\
      <a class="button" href="\(url: Route.provider(provider.id))">Edit provider</a></p>
      <ol class="steps">\(report.steps, step)</ol>
      \(if: !report.claims.isEmpty, claims)\(linking)
      """)
  }

  private var verdict: HTML {
    let note: HTML = "Redirect address to register there: <code class=\"wrap\">\(redirectURI)</code>"
    if report.hasFailed { return "<p class=\"notice error\" role=\"alert\"><b>It does not work yet.</b> The step that failed says why. \(note)</p>" }
    guard let testedAt else {
      return "<p class=\"notice\"><b>The provider answers.</b> Go there and back to see whom it proves; nobody is signed in by a test. \(note)</p>"
    }
    return """
      <p class="notice"><b>It works.</b> Tested \(work.moment(testedAt)); nobody was signed in.\
      \(if: !provider.isEnabled, " The provider is off still: switch it on by its <a href=\"\(url: Route.provider(provider.id))\">settings</a>.")</p>
      """
  }

  private func step(_ step: ProviderStep) -> HTML {
    """
    <li class="\(Self.style(step.outcome))"><span class="kind">\(Self.word(step.outcome))</span><b>\(step.name)</b><span class="detail">\(step.detail)</span></li>
    """
  }

  private static func word(_ outcome: ProviderStep.Outcome) -> String {
    switch outcome {
    case .done: "ok"
    case .failed: "failed"
    case .noted: "–"
    }
  }

  private static func style(_ outcome: ProviderStep.Outcome) -> HTML {
    switch outcome {
    case .done: "ok"
    case .failed: "failed"
    case .noted: "noted"
    }
  }

  private var claims: HTML {
    """
    <section class="measure"><h2>Claims</h2><table class="rows claims"><thead><tr><th scope="col">Claim</th><th scope="col">Value</th><th scope="col" class="fold">From</th></tr></thead>
    <tbody>\(report.claims, { "<tr><th scope=\"row\"><code>\($0.name)</code></th><td><code class=\"wrap\">\($0.value)</code></td><td class=\"fold note\">\($0.source)</td></tr>" })</tbody></table></section>
    """
  }

  private var linking: HTML {
    switch link {
    case .none: ""
    case .mine: "<section class=\"measure\"><h2>Your account</h2><p class=\"note\">This account at \(provider.name) is linked to you, \(work.frame.member).</p></section>"
    case .offered(let account):
      """
      <section class="measure"><h2>Your account</h2><p class="note">Linked, \(account) at \(provider.name) signs you in here as \(work.frame.member), whatever its e-mail is.</p>
      <form class="actions" method="post" action="\(url: Route.linkAccount(provider.id))">\(work.token)<button>Link it to my account</button></form></section>
      """
    }
  }
}
