import Domain
import HTML

/// A provider: who it is, whom it lets in, and as what.
public struct ProviderFormPage: Sendable {
  public var work: WorkFrame
  public var draft: ProviderInput
  public var teams: [Team]
  /// To be registered at the provider; nil until it is saved.
  public var redirectURI: String?
  /// Only owners map values to owners.
  public var mayMakeOwners: Bool

  public init(work: WorkFrame, draft: ProviderInput, teams: [Team], redirectURI: String?, mayMakeOwners: Bool) {
    self.work = work
    self.draft = draft
    self.teams = teams
    self.redirectURI = redirectURI
    self.mayMakeOwners = mayMakeOwners
  }

  public func render() -> HTML {
    work.page(
      draft.id == nil ? "Add a provider" : "Provider \(draft.name)", tab: SettingsTab.signIn,
      """
      \(work.problemNote)\(redirectURI, some: redirectNote)\
      <form class="entry wide provider" method="post" action="\(url: Route.providers)">\(work.token)\
      \(draft.id, some: { "<input type=\"hidden\" name=\"id\" value=\"\($0.description)\">" })
      \(client)\(people)\(roles)\(mappings)
      <fieldset><legend>State</legend><label class="check span">\(box("enabled", draft.isEnabled))On: the sign-in page offers it</label></fieldset>
      <p class="actions"><button class="primary">Save and test</button></p></form>
      \(draft.id, some: removal)
      """)
  }

  private func redirectNote(_ address: String) -> HTML {
    """
    <p class="notice">Redirect address to register at the provider: <code class="wrap">\(address)</code></p>
    """
  }

  private var client: HTML {
    """
    <fieldset><legend>Provider</legend>\
    <label>Name on the button<input name="name" value="\(draft.name)" required maxlength="60" placeholder="Acme SSO"></label>\
    <label>Issuer<input name="issuer" value="\(draft.issuer)" required maxlength="500" placeholder="https://login.example.com/realms/acme" autocapitalize="off" spellcheck="false"></label>\
    <label>Client id<input name="clientID" value="\(draft.clientID)" required maxlength="300" autocapitalize="off" spellcheck="false"></label>\
    <label>Scopes<input name="scopes" value="\(draft.scopes)" required maxlength="500" autocapitalize="off" spellcheck="false"></label>\
    <label>Client secret\(Select(name: "secretSource", options: sources, chosen: draft.secretSource.rawValue))</label>\
    <label>Secret, where kept here<input type="password" name="secret" value="" maxlength="1000" autocomplete="new-password"\
     placeholder="\(draft.id == nil || draft.secretSource != .stored ? "" : "unchanged")"></label></fieldset>
    """
  }

  private var sources: [(value: String, label: String)] {
    SignInProvider.SecretSource.allCases.map { ($0.rawValue, ProviderWords.source($0)) }
  }

  private var people: HTML {
    """
    <fieldset><legend>Whom it lets in</legend>\
    <label>Claim of the e-mail<input name="claimEmail" value="\(draft.claims.email)" required maxlength="200"></label>\
    <label>Claim that it is verified<input name="claimVerified" value="\(draft.claims.verified)" required maxlength="200"></label>\
    <label class="check span">\(box("linksMembers", draft.linksMembers))Members whose e-mail it says is verified. Linked once, then known by the provider’s own id</label>\
    <label class="check span">\(box("admitsUnknown", draft.admitsUnknown))Also people who are no members yet: they become members</label>\
    <label class="span">… with an address of these domains<input name="emailDomains" value="\(draft.emailDomains)" maxlength="2000" placeholder="any"></label></fieldset>
    <p class="note">An owner is never linked by e-mail: an owner links the own account on the test page. An e-mail that is not verified opens nothing.</p>
    """
  }

  private var roles: HTML {
    """
    <fieldset><legend>As what</legend>\
    <label>Claim with roles or groups<input name="claimRoles" value="\(draft.claims.roles)" maxlength="200" placeholder="groups, or realm_access.roles"></label>\
    <label>Role of whom no line names\(Select(name: "defaultRole", options: defaults, chosen: draft.defaultRole))</label></fieldset>
    <p class="note">With roles in the organisation below, they are read anew at every sign-in: the first line that fits counts, and whoever has none any more is kept out. \
    Without, a role given by hand stays. The last owner stays an owner whatever the claims say.</p>
    """
  }

  private var defaults: [(value: String, label: String)] { [("", "none: not let in")] + organisationRoles }
  private var organisationRoles: [(value: String, label: String)] {
    Member.Role.allCases.filter { mayMakeOwners || $0 != .owner || draft.defaultRole == "owner" }.map { ($0.rawValue, ProviderWords.role($0)) }
  }

  /// Filled lines, and three more.
  private var mappings: HTML {
    let lines = draft.mappings + Array(repeating: ProviderInput.Mapping(), count: 3)
    return """
      <fieldset class="mappings"><legend>Values and what they stand for</legend>\(lines.enumerated(), { index, line in mapping(index + 1, line) })</fieldset>
      """
  }

  private func mapping(_ number: Int, _ line: ProviderInput.Mapping) -> HTML {
    """
    <div class="mapping"><label>Value \(number)<input name="value" value="\(line.value)" maxlength="300" autocapitalize="off" spellcheck="false"></label>\
    <label>Role\(Select(name: "role", options: roleOptions(line), chosen: line.role))</label>\
    <label>In\(Select(name: "place", options: places, chosen: line.place))</label></div>
    """
  }

  private func roleOptions(_ line: ProviderInput.Mapping) -> [(value: String, label: String)] {
    let known = Member.Role.allCases.filter { mayMakeOwners || $0 != .owner || line.role == "owner" }
    return known.map { ($0.rawValue, ProviderWords.role($0)) }
  }

  private var places: [(value: String, label: String)] { [("", "the organisation")] + teams.map { ($0.id.description, "team \($0.name)") } }

  private func box(_ name: HTML, _ isOn: Bool) -> HTML { "<input type=\"checkbox\" name=\"\(name)\" value=\"1\"\(if: isOn, " checked")>" }

  private func removal(_ id: SignInProviderID) -> HTML {
    """
    <section class="measure"><h2>Remove</h2><p class="note">Whoever signed in by it stays a member and needs a password or another provider.</p>
    <form class="filters" method="post" action="\(url: Route.removeProvider(id))">\(work.token)\
    <label>Name of the provider, to be sure<input name="name" required maxlength="60" autocomplete="off"></label><button>Remove provider</button></form></section>
    """
  }
}
