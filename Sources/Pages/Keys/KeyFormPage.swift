import Domain
import HTML

/// What was typed into the form of a key.
public struct KeyInput: Sendable, Hashable {
  /// Ids as sent; "" for none.
  public var project = ""
  public var team = ""
  public var userGroup = ""
  public var name = ""
  public var environment = ""
  public var scopes: Set<KeyScope> = [.ingest]
  public var teamIsFixed = false
  /// A day, "" for none; the key ends as it begins.
  public var expires = ""
  public var content = APIKey.ContentPolicy.keep
  public var requestsPerMinute = ""
  public var spansPerMinute = ""
  /// Largest request in KiB.
  public var requestKiB = ""

  public init() {}
}

/// A project for which the reader may make keys, and what these may be given.
public struct KeyProject: Sendable {
  public var project: Project
  public var rights: KeyRights

  public init(project: Project, rights: KeyRights) {
    self.project = project
    self.rights = rights
  }
}

public struct KeyFormPage: Sendable {
  public var work: WorkFrame
  public var draft: KeyInput
  public var projects: [KeyProject]
  public var teams: [Team]
  public var groups: [UserGroup]

  public init(work: WorkFrame, draft: KeyInput, projects: [KeyProject], teams: [Team], groups: [UserGroup]) {
    self.work = work
    self.draft = draft
    self.projects = projects
    self.teams = teams
    self.groups = groups
  }

  public func render() -> HTML {
    work.page(
      "Make a key", tab: SettingsTab.keys,
      """
      \(work.problemNote)<form class="entry wide" method="post" action="\(url: Route.keys)">\(work.token)
      <fieldset><legend>What for</legend><label class="span">Name<input name="name" value="\(draft.name)" required maxlength="200" placeholder="Support desk, production"></label>\
      <label>Project\(Select(name: "project", options: projects.map { ($0.project.id.description, $0.project.name) }, chosen: draft.project))</label>\
      <label>Environment<input name="environment" value="\(draft.environment)" maxlength="40" placeholder="as the sender says"></label></fieldset>
      <fieldset class="scopes"><legend>It may</legend>\(offered, scope)</fieldset>\(contentNote)
      <fieldset><legend>Whose calls they are</legend><label>Team\(Select(name: "team", options: [("", "none")] + teams.map { ($0.id.description, $0.name) }, chosen: draft.team))</label>\
      <label class="span">The team pays\(Select(name: "teamIs", options: [("default", "when nothing else decides"), ("fixed", "always")], chosen: draft.teamIsFixed ? "fixed" : "default"))</label>\
      <label class="span">User group of calls whose user is in none\(Select(name: "userGroup", options: [("", "none")] + groups.map { ($0.id.description, $0.name) }, chosen: draft.userGroup))</label></fieldset>
      \(KeyBounds(draft: draft))
      <p class="note">What a key opens and whose calls it sends stay as made; name, expiry, limits and content can be changed. The secret is shown once, on the next page.</p>
      <p class="actions"><button class="primary">Make key</button></p></form>
      """)
  }

  /// Of any of the projects; for the one chosen it is checked again.
  private var offered: [KeyScope] {
    let all = projects.reduce(into: Set<KeyScope>()) { $0.formUnion($1.rights.scopes) }
    return KeyScope.allCases.filter(all.contains)
  }

  private func scope(_ scope: KeyScope) -> HTML {
    """
    <label class="check"><input type="checkbox" name="scope" value="\(scope.rawValue)"\(if: draft.scopes.contains(scope), " checked")>\
    <span>\(KeyWords.scope(scope)) <span class="note">\(KeyWords.explained(scope))</span></span></label>
    """
  }

  private var contentNote: HTML {
    if offered.contains(.read) { return "" }
    return "<p class=\"note\">A key that reads prompts and answers is made by a member who may read them.</p>"
  }
}

/// Expiry, content and limits: what can be changed later too.
struct KeyBounds: HTMLConvertible {
  let draft: KeyInput

  var html: HTML {
    """
    <fieldset><legend>Bounds</legend><label>Expires<input type="date" name="expires" value="\(draft.expires)"></label>\
    <label>Requests a minute<input name="requests" inputmode="numeric" value="\(draft.requestsPerMinute)" placeholder="no limit"></label>\
    <label>Spans a minute<input name="spans" inputmode="numeric" value="\(draft.spansPerMinute)" placeholder="no limit"></label>\
    <label>Largest request, KiB<input name="kib" inputmode="numeric" value="\(draft.requestKiB)" placeholder="no limit"></label>\
    <label class="span">Prompts and answers that come with it\(Select(name: "content", options: Self.policies, chosen: String(draft.content.rawValue)))</label></fieldset>
    """
  }

  private static let policies = APIKey.ContentPolicy.allCases.map { (String($0.rawValue), KeyWords.content($0)) }
}

/// A key just made, or given a new secret: the only page that shows it.
public struct KeySecretPage: Sendable {
  public var work: WorkFrame
  public var key: APIKey
  public var secret: String
  /// Address of this installation as senders reach it.
  public var baseURL: String
  /// After a rotation: until when the secret before is taken.
  public var previousUntil: Timestamp?
  public var isRotation: Bool

  public init(work: WorkFrame, key: APIKey, secret: String, baseURL: String, isRotation: Bool) {
    self.work = work
    self.key = key
    self.secret = secret
    self.baseURL = baseURL
    self.isRotation = isRotation
    previousUntil = isRotation ? key.previousSecretUntil : nil
  }

  public func render() -> HTML {
    work.page(
      isRotation ? "New secret of \(key.name)" : "Key \(key.name)", tab: SettingsTab.keys,
      """
      <p class="notice amber" role="status"><b>Copy the secret now.</b> It is not stored and can’t be shown again.</p>
      <section class="measure secret"><h2>Secret key</h2><pre data-copyable>\(secret)</pre><h2>Public key</h2><pre data-copyable>\(key.publicKey)</pre></section>
      \(if: isRotation, "<p class=\"note\">\(overlap)</p>")\(if: key.scopes.contains(.ingest), senders)
      <p class="actions"><a class="button" href="\(url: Route.key(key.id))">Done</a></p>
      """)
  }

  private var overlap: HTML {
    guard let until = previousUntil else { return "The secret before is no longer taken." }
    return "The secret before is taken until \(work.moment(until)); then senders that still use it get 401."
  }

  private var senders: HTML {
    """
    <section class="measure secret"><h2>Langfuse SDKs</h2><pre data-copyable>export LANGFUSE_HOST=\(baseURL)
    export LANGFUSE_PUBLIC_KEY=\(key.publicKey)
    export LANGFUSE_SECRET_KEY=\(secret)</pre>
    <h2>OpenTelemetry exporters</h2><pre data-copyable>export OTEL_EXPORTER_OTLP_ENDPOINT=\(baseURL)
    export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
    export OTEL_EXPORTER_OTLP_HEADERS="Authorization=Bearer%20\(secret)"</pre></section>
    """
  }
}
