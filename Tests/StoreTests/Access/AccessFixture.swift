import Domain
import Postgres
import TestSupport

@testable import Store

/// Two projects of two teams, four calls, and a word of its own in every content field of each project.
///
/// | trace | project (team) | user | owner |
/// |---|---|---|---|
/// | 1 | shop (Red) | ann-1 | Red |
/// | 2 | shop (Red) | cat-2 | Green, without a price |
/// | 3 | docs (Green) | bob-2 | Green |
/// | 4 | docs (Green) | ann-1 | Red |
struct AccessFixture {
  let shop: WriteFixture
  let docs: WriteFixture
  let organisation: Organisation
  let pseudonyms: [String: String]

  var pool: ConnectionPool { shop.pool }
  static let range = TimeRange(
    from: WriteFixture.noon.adding(seconds: -3600), to: WriteFixture.noon.adding(seconds: 3600)).unsafelyUnwrapped
  static let red = TeamID(1), green = TeamID(2)
  static let calls: [(trace: UInt64, project: ProjectID, user: String, team: TeamID)] = [
    (1, ProjectID(1), "ann-1", red), (2, ProjectID(1), "cat-2", green), (3, ProjectID(2), "bob-2", green), (4, ProjectID(2), "ann-1", red),
  ]

  /// The word in a project's content.
  static func secret(_ project: ProjectID) -> String { project == ProjectID(1) ? "zebrashop" : "zebradocs" }
  static func traceName(_ trace: UInt64) -> String { "dialogue-\(trace)" }

  static func make() async throws -> AccessFixture {
    let shop = try await WriteFixture.make()
    let secret = try await shop.pool.run { c -> [UInt8] in
      try c.execute("insert into projects (organisation_id, slug, name, team_id) values (1, 'docs', 'Docs', 2)")
      try c.execute("insert into user_groups (organisation_id, name) values (1, 'Schools')")
      try c.execute("insert into user_group_members (organisation_id, user_id, group_id) values (1, 'ann-1', 1), (1, 'bob-2', 1)")
      return try c.first("select secret from organisations where id = 1") { try $0.bytes(0) } ?? []
    }
    let docs = WriteFixture(database: shop.database, project: ProjectID(2), partitions: shop.partitions, door: shop.door)
    let hash = KeyedHash(secret: secret)
    let fixture = AccessFixture(
      shop: shop, docs: docs, organisation: Organisation(id: OrganisationID(1), name: "Acme", timeZone: "Asia/Kolkata"),
      pseudonyms: Dictionary(Set(calls.map(\.user)).map { ($0, hash.pseudonym(ofUser: $0)) }) { a, _ in a })
    for call in calls { try await fixture.send(call.trace, call.project, call.user) }
    try await shop.foldAll()
    try await shop.sumAll()
    try await fixture.logRequests()
    return fixture
  }

  /// Masked by a pattern of that name.
  private static func notes(_ stamp: Stamp, _ name: String) -> ContentNotes {
    var note = ContentNote(stamp: stamp, level: .masked, isByKey: false)
    note.masked = [ContentNote.Masked(.input, name, 3)]
    return ContentNotes([note])
  }

  private func send(_ number: UInt64, _ project: ProjectID, _ user: String) async throws {
    let secret = Self.secret(project), stamp = Stamp(time: 1, rank: 0, hash: number)
    var call = ObservationFacts.call(number, of: number, in: project) { facts in
      facts.level = .error
      facts.statusMessage = "refused: \(secret)"
      facts.user = user
      facts.session = "session-\(number)"
      if number == 2 { facts.usage = nil } else { facts.usage?.raw = #"{"input":100,"note":"\#(secret)"}"# }
      facts.bodies = BodyKind.allCases.map { BodyPart(kind: $0, text: #"{"said":"the \#(secret) said"}"#, stamp: stamp) }
    }
    call.notes = Self.notes(call.bodies[0].stamp, secret)
    var trace = TraceFacts(project: project, id: call.trace)
    trace.name = Self.traceName(number)
    trace.user = user
    trace.session = call.session
    trace.bodies = [BodyPart(kind: .input, text: "trace \(secret)", stamp: stamp)]
    trace.stampAll(stamp)
    trace.notes = Self.notes(stamp, secret)
    var scores: [Score] = []
    for (place, type) in [Score.DataType.text, .correction, .categorical].enumerated() {
      var score = Score(
        project: project, id: "score-\(number)-\(place)", stamp: stamp, name: "quality", dataType: type, source: .api,
        environment: "default", createdAt: WriteFixture.noon)
      (score.trace, score.observation) = (call.trace, call.id)
      (score.text, score.comment, score.metadata) = (secret, "because \(secret)", #"{"why":"\#(secret)"}"#)
      scores.append(score)
    }
    let writer = project == shop.project ? shop : docs
    try await writer.send([call], traces: [trace], scores: scores)
  }

  private func logRequests() async throws {
    let records = [ProjectID(1), ProjectID(2)].map { project in
      RequestRecord(
        receivedAt: WriteFixture.noon, project: project, publicKey: "pk-\(project)", path: "/v1/traces", sender: "curl", status: 400,
        accepted: 0, refused: 1, reasons: ["not JSON: \(Self.secret(project))": 1, "tooOld": 1], bytes: 10)
    }
    try await pool.run { c in try RequestLogTable.insert(records, c) }
  }
}

/// Readers of each kind, with the scope that their role gives.
enum Reader: String, CaseIterable {
  case owner, ownerWithGrant, adminOfShop, finance, leadOfRed, leadOfRedWithGrant, leadOfRedWhoViewsDocs, engineerOfDocs, viewerOfDocs, viewerWithGrant, viewer,
    auditor, auditorAtShop, moneyOfDocs

  var scope: AccessScope {
    let now = WriteFixture.noon
    let all = ContentGrant(project: nil, givenAt: now, expiresAt: nil)
    let shop = ContentGrant(project: ProjectID(1), givenAt: now, expiresAt: now.adding(seconds: 3600))
    let docs = RoleGrant.Place.project(ProjectID(2)), red = RoleGrant.Place.team(AccessFixture.red)
    switch self {
    case .owner: return Self.scope(.owner)
    case .ownerWithGrant: return Self.scope(.owner, content: [all])
    case .adminOfShop: return Self.scope(.admin, content: [shop])
    case .finance: return Self.scope(.finance, content: [all])
    case .leadOfRed: return Self.scope(.teamLead, [RoleGrant(place: red, role: .teamLead)])
    case .leadOfRedWithGrant: return Self.scope(.teamLead, [RoleGrant(place: red, role: .teamLead)], content: [all])
    case .leadOfRedWhoViewsDocs:
      return Self.scope(.teamLead, [RoleGrant(place: red, role: .teamLead), RoleGrant(place: docs, role: .viewer)])
    case .engineerOfDocs: return Self.scope(.engineer, [RoleGrant(place: docs, role: .engineer)])
    case .viewerOfDocs: return Self.scope(.viewer, [RoleGrant(place: docs, role: .viewer)])
    case .viewerWithGrant: return Self.scope(.viewer, [RoleGrant(place: docs, role: .viewer)], content: [all])
    case .viewer: return Self.scope(.viewer)
    case .auditor: return Self.scope(.auditor)
    case .auditorAtShop: return Self.scope(.auditor, content: [shop])
    case .moneyOfDocs:
      return AccessScope(
        organisation: OrganisationID(1), teams: .all, projects: .only([ProjectID(2)]), traces: .none, content: .none, users: .shown)
    }
  }

  private static func scope(_ role: Member.Role, _ grants: [RoleGrant] = [], content: [ContentGrant] = []) -> AccessScope {
    let member = Member(id: MemberID(1), organisation: OrganisationID(1), email: "a@acme.example", role: role)
    let teams = ["Red", "Green", "Blue"].enumerated().map { Team(id: TeamID(Int32($0) + 1), name: $1, colour: Int16($0)) }
    let projects = [
      Project(id: ProjectID(1), slug: "shop", name: "Shop", team: AccessFixture.red),
      Project(id: ProjectID(2), slug: "docs", name: "Docs", team: AccessFixture.green),
    ]
    return MemberAccess(member, grants: grants, content: content, teams: teams, projects: projects, at: WriteFixture.noon).scope
  }

  /// Whether the user of a trace is told by name.
  func names(_ trace: UInt64) -> Bool {
    if self == .leadOfRedWhoViewsDocs { return trace <= 2 }
    return expected.users == .shown || expected.users == .hidden && expected.content.contains(trace)
  }

  /// Written down by hand, so that the roles' scopes are held too: traces listed, traces whose content is read, calls whose money is seen.
  var expected: (traces: Set<UInt64>, content: Set<UInt64>, money: Set<UInt64>, users: AccessScope.UserNaming) {
    switch self {
    case .owner, .finance: ([1, 2, 3, 4], [], [1, 2, 3, 4], .shown)
    case .ownerWithGrant: ([1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4], .shown)
    case .adminOfShop: ([1, 2, 3, 4], [1, 2], [1, 2, 3, 4], .shown)
    case .leadOfRed: ([1, 2], [], [1, 4], .shown)
    case .leadOfRedWhoViewsDocs: ([1, 2, 3, 4], [], [1, 4], .shown)
    case .leadOfRedWithGrant: ([1, 2], [1, 2], [1, 4], .shown)
    case .engineerOfDocs, .viewerWithGrant: ([3, 4], [3, 4], [3, 4], .hidden)
    case .viewerOfDocs: ([3, 4], [], [3, 4], .hidden)
    case .viewer: ([], [], [], .hidden)
    case .auditor: ([1, 2, 3, 4], [], [1, 2, 3, 4], .pseudonyms)
    case .auditorAtShop: ([1, 2, 3, 4], [1, 2], [1, 2, 3, 4], .pseudonyms)
    case .moneyOfDocs: ([], [], [3, 4], .shown)
    }
  }
}
