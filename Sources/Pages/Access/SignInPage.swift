import Domain
import HTML

/// Where members log in.
public struct SignInPage: Sendable {
  public enum Problem: Sendable, Equatable {
    /// The same words for an unknown address and a wrong password.
    case wrongCredentials
    /// Too many tries; the number of seconds to wait.
    case limited(seconds: Int)
    /// The form was older than its protection allows.
    case expired
    /// What came of signing in by a provider, in whole sentences.
    case provider(String)
  }

  public var assets: Assets
  public var theme: Theme
  public var csrf: String
  /// What was typed before.
  public var email: String
  /// Path to go to afterwards.
  public var next: String
  public var problem: Problem?
  /// Identity providers that members may sign in by.
  public var providers: [ProviderLink]

  public init(
    assets: Assets, theme: Theme = .system, csrf: String, email: String = "", next: String = "/",
    problem: Problem? = nil, providers: [ProviderLink] = []
  ) {
    self.assets = assets
    self.theme = theme
    self.csrf = csrf
    self.email = email
    self.next = next
    self.problem = problem
    self.providers = providers
  }

  public func render() -> HTML {
    PlainPage(title: "Sign in", assets: assets, theme: theme).page(
      """
      \(problem, some: { "<p class=\"problem\" role=\"alert\">\(Self.words($0))</p>" })\(ProviderLink.list(providers, next: next))
      <form method="post" action="\(Route.signIn)"><input type="hidden" name="csrf" value="\(csrf)">\
      <input type="hidden" name="next" value="\(next)">
      <label>E-mail<input type="email" name="email" value="\(email)" autocomplete="username" required\
      \(if: email.isEmpty, " autofocus")></label>
      <label>Password<input type="password" name="password" autocomplete="current-password" required\
      \(if: !email.isEmpty, " autofocus")></label>
      <button class="primary">Sign in</button></form>
      <p class="note">No account yet, or the password is lost? An owner or admin of this installation sends you a link.</p>
      """)
  }

  private static func words(_ problem: Problem) -> String {
    switch problem {
    case .wrongCredentials: "This e-mail and password don’t belong together. Check both and try again."
    case .limited(let seconds): "Too many tries for now. Wait \(wait(seconds)), then try again."
    case .expired: "This page was open for too long. Nothing was sent on; sign in again."
    case .provider(let sentences): sentences
    }
  }

  private static func wait(_ seconds: Int) -> String {
    if seconds < 90 { return "\(max(1, seconds)) seconds" }
    return "\((seconds + 59) / 60) minutes"
  }
}
