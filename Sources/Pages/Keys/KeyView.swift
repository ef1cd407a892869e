import Domain
import HTML

/// An API key as pages show it, with the names of what it is bound to.
public struct KeyView: Sendable {
  public var key: APIKey
  public var project: String
  /// Slug, for filters.
  public var projectSlug: String
  public var team: String?
  public var userGroup: String?
  /// Names of the teams whose money it shows; nil: all of its project.
  public var moneyTeams: [String]?
  /// To the minute.
  public var lastUsedAt: Timestamp?
  public var lastUsedAddress: String?
  public var revokedBy: String?
  public var costTrust: CostTrust?
  /// What its maker leaves of it now; nil: not asked.
  public var reach: KeyReach?

  public init(key: APIKey, project: String, projectSlug: String) {
    self.key = key
    self.project = project
    self.projectSlug = projectSlug
  }

  enum State { case inUse, unused, expired, revoked }

  func state(at now: Timestamp) -> State {
    if key.revokedAt != nil { return .revoked }
    if !key.isValid(at: now) { return .expired }
    return lastUsedAt == nil ? .unused : .inUse
  }
}

/// How keys are told to people.
enum KeyWords {
  static func scope(_ scope: KeyScope) -> String {
    switch scope {
    case .ingest: "send"
    case .read: "read traces and money"
    case .readMoney: "read money"
    case .admin: "administer"
    }
  }

  static func explained(_ scope: KeyScope) -> String {
    switch scope {
    case .ingest: "traces, scores"
    case .read: "of its project, with prompts and answers"
    case .readMoney: "of its project, no trace, no prompt"
    case .admin: "prices, teams, rules and keys of the organisation"
    }
  }

  /// What of it its maker may not any more; nil: nothing.
  static func ended(_ view: KeyView) -> String? {
    guard let reach = view.reach, view.key.revokedAt == nil else { return nil }
    let scopes = view.key.scopes.subtracting(reach.scopes)
    var ended = KeyScope.allCases.filter(scopes.contains).map(scope)
    if reach.scopes.contains(.read), !reach.readsContent { ended.append("read inputs and outputs") }
    if view.key.readsMoney, !reach.scopes.isDisjoint(with: [.read, .readMoney, .admin]), reach.money != view.key.money {
      ended.append(reach.money == .nothing ? "see its project’s money" : "see as much money")
    }
    return ended.isEmpty ? nil : "\(ended.joined(separator: ", ")): its maker may not any more"
  }

  /// In the order of what they open.
  static func scopes(_ scopes: Set<KeyScope>) -> String {
    KeyScope.allCases.filter(scopes.contains).map(scope).joined(separator: ", ")
  }

  static func content(_ policy: APIKey.ContentPolicy) -> String {
    switch policy {
    case .keep: "as its project keeps it"
    case .mask: "masked"
    case .drop: "dropped"
    }
  }

  static func trust(_ trust: CostTrust?) -> String {
    switch trust {
    case nil: "by its source: given by the sender counts, computed by an instrumentation is kept beside"
    case .trust: "it counts"
    case .keepBeside: "kept beside the computed one"
    case .ignore: "ignored"
    }
  }

  static func team(_ view: KeyView) -> String {
    switch view.key.team {
    case .none: "no team of its own"
    case .default: "\(view.team ?? "a team"), when nothing else decides"
    case .fixed: "\(view.team ?? "a team"), always"
    }
  }

  /// What of money it shows; nil for a key that reads none.
  static func money(_ view: KeyView) -> String? {
    guard view.key.readsMoney else { return nil }
    let teams = view.moneyTeams.map { $0.isEmpty ? "of no team" : "of \($0.joined(separator: ", ")), wherever it was spent" }
    let whole = view.key.scopes.contains(.admin) ? "of the organisation" : "of its project"
    let bound = view.key.money == .none ? "" : ": at most what its maker sees"
    return (teams ?? whole) + (view.key.money.namesUsers ? "" : ", not by end user") + bound
  }

  static func limits(_ limits: KeyLimits) -> String {
    let parts = [
      limits.requestsPerMinute.map { "\(Digits.grouped(Int64($0))) requests a minute" },
      limits.spansPerMinute.map { "\(Digits.grouped(Int64($0))) spans a minute" },
      limits.requestBytesMax.map { "\(Digits.grouped(Int64(($0 + 1023) / 1024))) KiB a request" },
    ].compactMap(\.self)
    return parts.isEmpty ? "none of its own" : parts.joined(separator: ", ")
  }

  static func size(_ bytes: Int64) -> String { bytes < 1000 ? "\(bytes)\u{A0}B" : TokenText(bytes).text + "B" }

  /// What a request of the route does: "GET /api/v1/costs" reads.
  static func does(_ route: String) -> String {
    if route.hasPrefix("GET ") { return "read" }
    let sends = ["/v1/traces", "/v1/logs", "/v1/metrics", "/public/ingestion", "/public/scores", "/public/media"]
    if sends.contains(where: route.hasSuffix) { return "sent" }
    return route.hasSuffix("/what-if") || route.hasSuffix("/preview") || route.hasSuffix("/dry-run") ? "asked" : "changed"
  }
}

extension Route {
  public static let keys = "/settings/keys"
  public static let newKey = "/settings/keys/new"
  public static let projects = "/settings/projects"
  public static func key(_ id: KeyID) -> String { "\(keys)/\(id)" }
  public static func project(_ id: ProjectID) -> String { "\(projects)/\(id)" }
}
