import Domain
import HTML

@testable import Pages

/// Keys and projects of Meridian & Sons.
enum KeySamples {
  static let projects = [
    Project(id: ProjectID(1), slug: "support", name: "Support desk", team: TeamID(2)),
    Project(id: ProjectID(2), slug: "contracts", name: "Contract review", team: TeamID(3)),
  ]

  private static func view(_ id: Int32, _ name: String, _ scopes: Set<KeyScope>, _ change: (inout KeyView) -> Void) -> KeyView {
    let key = APIKey(
      id: KeyID(id), project: ProjectID(1), name: name, publicKey: "pk-lf-5a1c9d0e-77b2-4f0e-9b1f-2f6f1b8f0c1\(id)", secretHint: "sk-lf-…9c4e",
      environment: nil, scopes: scopes, team: .none, createdAt: Sample.ago(40 * 86_400), revokedAt: nil)
    var view = KeyView(key: key, project: "Support desk", projectSlug: "support")
    change(&view)
    return view
  }

  static let production = view(1, "Support <desk>, production", [.ingest]) {
    $0.key.environment = "production"
    ($0.key.team, $0.team) = (.fixed(TeamID(2)), "Support desk")
    ($0.userGroup, $0.key.userGroup) = ("Free plan", UserGroupID(2))
    ($0.lastUsedAt, $0.lastUsedAddress) = (Sample.ago(240), "203.0.113.7")
    ($0.key.madeBy, $0.key.maker) = ("grace@meridian.example", MemberID(2))
    $0.key.limits = KeyLimits(requestsPerMinute: 600, spansPerMinute: 60_000, requestBytesMax: 4 << 20)
    ($0.key.rotatedAt, $0.key.previousSecretUntil) = (Sample.ago(3600), Sample.now.adding(seconds: 82_800))
    $0.key.expiresAt = Sample.now.adding(seconds: 9 * 86_400)
    $0.key.contentPolicy = .mask
  }
  static let finance = view(2, "Finance sheet", [.readMoney]) {
    $0.lastUsedAt = Sample.ago(86_400)
    $0.key.expiresAt = Sample.ago(7200)
  }
  static let fresh = view(3, "Evaluations", [.ingest, .read]) { $0.key.madeBy = "ada@meridian.example" }
  static let revoked = view(4, "Laptop", [.ingest, .admin]) {
    $0.key.revokedAt = Sample.ago(500_000)
    $0.revokedBy = "ada@meridian.example"
  }

  static func page(_ view: KeyView, canOpen: Bool = true, canBound: Bool = true) -> KeyPage {
    var page = KeyPage(
      work: StructureSamples.work(Route.key(view.key.id)), view: view, span: 30, draft: draft(view.key), canOpen: canOpen, canBound: canBound)
    guard view.lastUsedAt != nil else { return page }
    var calls = Measures()
    (calls.calls, calls.cost) = (412, Sample.usd("18.204511"))
    page.days = [
      KeyDayView(day: "2026-11-22", requests: 1830, refused: 0, items: 9120, bytes: 8_200_441, calls: calls),
      KeyDayView(day: "2026-11-21", requests: 2211, refused: 14, items: 11_040, bytes: 9_912_002, calls: calls),
      KeyDayView(day: "2026-10-30", calls: calls),
    ]
    var total = Measures()
    (total.calls, total.cost) = (1236, Sample.usd("54.613533"))
    page.total = total
    page.routes = [
      KeyRouteView(route: "POST /v1/traces", requests: 4010, refused: 0, lastAt: Sample.ago(240)),
      KeyRouteView(route: "GET /api/v1/traces/:trace", requests: 31, refused: 14, lastAt: Sample.ago(86_400)),
    ]
    page.addresses = [
      KeyAddressView(address: "203.0.113.7", firstAt: Sample.ago(30 * 86_400), lastAt: Sample.ago(240), requests: 4010),
      KeyAddressView(address: "2001:db8:85a3:8d3:1319:8a2e:370:7348", firstAt: Sample.ago(86_400), lastAt: Sample.ago(86_000), requests: 31),
    ]
    page.countedSince = Sample.ago(30 * 86_400)
    return page
  }

  private static func draft(_ key: APIKey) -> KeyInput {
    var draft = KeyInput()
    (draft.name, draft.expires, draft.requestsPerMinute) = (key.name, key.expiresAt == nil ? "" : "2026-12-01", "600")
    draft.content = key.contentPolicy
    return draft
  }

  static func form(problem: String? = nil, rights: KeyRights = KeyRights(managesAll: true, scopes: Set(KeyScope.allCases), teams: .all)) -> KeyFormPage {
    KeyFormPage(
      work: StructureSamples.work(Route.newKey, problem: problem), draft: KeyInput(),
      projects: projects.map { KeyProject(project: $0, rights: rights) }, teams: StructureSamples.teams, groups: StructureSamples.groups)
  }

  static let secret = KeySecretPage(
    work: StructureSamples.work(Route.key(KeyID(1))), key: production.key, secret: "sk-lf-0e8d4a54-5b7c-4b2f-9f0e-0c8a77aa9c4e",
    baseURL: "https://quipu.meridian.example", isRotation: true)

  static let all: [(name: String, html: HTML)] = [
    ("keys", KeyListPage(work: StructureSamples.work(Route.keys), keys: [fresh, production, finance, revoked], makesKeys: true).render()),
    ("keys-empty", KeyListPage(work: StructureSamples.work(Route.keys), keys: [], makesKeys: false).render()),
    ("key", page(production).render()), ("key-unused", page(fresh, canOpen: false, canBound: false).render()), ("key-revoked", page(revoked).render()),
    ("key-new", form().render()), ("key-new-refused", form(problem: "Choose what the key may do.", rights: KeyRights(managesAll: false, scopes: [.ingest, .readMoney], teams: .all)).render()),
    ("key-secret", secret.render()),
    (
      "projects",
      ProjectListPage(
        work: StructureSamples.work(Route.projects),
        projects: [ProjectView(project: projects[0], team: "Support desk", keys: 3), ProjectView(project: projects[1], team: "Contract review", keys: 0)],
        teams: StructureSamples.teams
      ).render()
    ),
  ]
}
