import Domain
import HTML

/// Identity providers by which members sign in.
public struct ProviderListPage: Sendable {
  public var work: WorkFrame
  public var providers: [SignInProvider]
  /// Linked accounts by issuer.
  public var linked: [String: Int]

  public init(work: WorkFrame, providers: [SignInProvider], linked: [String: Int]) {
    self.work = work
    self.providers = providers
    self.linked = linked
  }

  public func render() -> HTML {
    work.page(
      "Sign-in", tab: SettingsTab.signIn,
      """
      <p class="note intro">Members sign in with a password, or by an identity provider of yours (OpenID Connect: Keycloak, Okta, Google, Entra ID, GitLab …). \
      It says who somebody is; roles can follow its groups.</p>
      \(work.problemNote)<p class="actions top-actions"><a class="button" href="\(url: Route.newProvider)">Add a provider</a></p>
      \(if: !providers.isEmpty, table)\(if: providers.isEmpty, empty)
      """)
  }

  private var table: HTML {
    """
    <table class="rows providers"><thead><tr><th scope="col">Provider</th><th scope="col">Lets in</th><th scope="col" class="fold">Roles</th>\
    <th scope="col" class="n fold">Linked</th><th scope="col">State</th></tr></thead><tbody>\(providers, row)</tbody></table>
    """
  }

  private func row(_ provider: SignInProvider) -> HTML {
    """
    <tr><th scope="row"><a class="row" href="\(url: Route.provider(provider.id))">\(provider.name)</a><small class="under">\(provider.issuer)</small></th>\
    <td>\(ProviderWords.admission(provider))</td><td class="fold">\(ProviderWords.roles(provider))</td>\
    <td class="n fold">\(linked[provider.issuer] ?? 0)</td>\
    <td>\(provider.isEnabled ? "on" : "<span class=\"none\">off</span>" as HTML) · <a class="above" href="\(url: Route.providerTest(provider.id))">test</a></td></tr>
    """
  }

  private var empty: HTML {
    """
    <section class="empty"><h2>No provider yet</h2><p>Add one and test it; nobody but you sees it until it is switched on.</p></section>
    """
  }
}
