import Domain
import HTML

/// A provider on the sign-in page.
public struct ProviderLink: Sendable, Hashable {
  public var id: SignInProviderID
  public var name: String

  public init(id: SignInProviderID, name: String) {
    self.id = id
    self.name = name
  }

  /// Links, as what a form leads to may be no other site. `next` is where to go afterwards.
  static func list(_ links: [ProviderLink], next: String) -> HTML {
    if links.isEmpty { return "" }
    return """
      <ul class="providers">\(links, { link in
        "<li><a class=\"button\" href=\"\(url: Route.signIn(with: link.id, next: next))\">Sign in with \(link.name)</a></li>"
      })</ul><p class="or"><span>or with a password</span></p>
      """
  }
}

extension Route {
  public static let providers = "/settings/sign-in"
  public static let newProvider = "/settings/sign-in/new"

  public static func provider(_ id: SignInProviderID) -> String { "\(providers)/\(id)" }
  public static func removeProvider(_ id: SignInProviderID) -> String { "\(providers)/\(id)/remove" }
  public static func providerTest(_ id: SignInProviderID) -> String { "\(providers)/\(id)/test" }
  public static func beginProviderTest(_ id: SignInProviderID) -> String { "\(providers)/\(id)/test/begin" }
  public static func linkAccount(_ id: SignInProviderID) -> String { "\(providers)/\(id)/link" }
  /// Where a provider sends browsers back to.
  public static func providerCallback(_ id: SignInProviderID) -> String { "\(signIn)/with/\(id)/callback" }
  public static func signIn(with id: SignInProviderID, next: String) -> String {
    query("\(signIn)/with/\(id)", [("next", next == overview ? nil : next)])
  }
}
