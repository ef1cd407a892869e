import Domain
import HTML

@testable import Pages

/// Members, audit log, storage and sampling of Meridian & Sons.
enum AdminSamples {
  private static let projects = [
    Project(id: ProjectID(1), slug: "support", name: "Support desk", team: TeamID(2)),
    Project(id: ProjectID(2), slug: "contracts", name: "Contract <review>", team: TeamID(3)),
  ]

  static let audit: [AuditLine] = [
    AuditLine(
      number: 412, at: Sample.ago(60), actor: "grace.hopper@meridian.example", action: "roles changed", subject: "member ada@meridian.example",
      changes: [("role", "viewer", "engineer"), ("team", nil, "Search")], address: "2001:db8:85a3::8a2e:370:7334", agent: "Firefox", sha256: "ab12"),
    AuditLine(
      number: 411, at: Sample.ago(4000), actor: "service", action: "key made", subject: "key pk-lf-a81d080b-4d74-46be-9882-868e8432d1cc",
      detail: [("project", "support")], address: nil, agent: nil, sha256: "ab11"),
    AuditLine(number: 410, at: Sample.ago(90_000), actor: "ada@meridian.example", action: "signed in", subject: "member ada@meridian.example", address: "192.0.2.7", agent: nil, sha256: "ab10"),
  ]

  static let members: [MemberView] = {
    let roles: [Member.Role] = [.owner, .engineer, .viewer, .auditor]
    return ["ada@meridian.example", "konstantin.papadopoulos@contracts.meridian.example", "new@meridian.example", "eve@meridian.example"].enumerated().map { i, email in
      MemberView(
        member: Member(id: MemberID(Int32(i + 1)), organisation: OrganisationID(1), email: email, role: roles[i]), state: [.active, .active, .invited, .disabled][i],
        hasSecondFactor: i == 0, readsContent: i == 0,
        roles: i == 1 ? [PlacedRole(grant: RoleGrant(place: .project(ProjectID(1)), role: .engineer), place: "project Support desk")] : [],
        lastSignInAt: i < 2 ? Sample.ago(3600 * Int64(i + 1)) : nil, invitedUntil: i == 2 ? Sample.ago(-86_400) : nil)
    }
  }()

  static let storage = StorageReport(
    databaseBytes: 48_318_382_080,
    tables: [.init(name: "observations", parts: 63, tableBytes: 22_300_000_000, indexBytes: 7_630_000_000), .init(name: "payloads, 90 days", parts: 5, tableBytes: 9_700_000_000, indexBytes: 852_000)],
    projects: projects.map { .init(project: $0, observations: 12_400_000, observationBytes: 9_100_000_000, blocks: 48_000, payloadBytes: 8_200_000_000, retentionDays: 90, isChosen: false) },
    samples: [.init(day: "2026-11-22", databaseBytes: 48_318_382_080), .init(day: "2026-11-21", databaseBytes: 47_900_000_000)])

  static var all: [(name: String, html: HTML)] {
    [
      ("audit", AuditPage(work: StructureSamples.work(Route.audit), lines: audit, choice: AuditChoice(), actions: ["key made", "signed in"], next: "410").render()),
      ("audit-empty", AuditPage(work: StructureSamples.work(Route.audit), lines: [], choice: AuditChoice(), actions: [], next: nil).render()),
      (
        "members",
        MemberListPage(
          work: StructureSamples.work(Route.members), members: members, teams: StructureSamples.teams, projects: projects, givenRoles: Member.Role.allCases,
          secondFactorRoles: [.owner, .auditor], auditsPayloadReads: true
        ).render()
      ),
      (
        "storage",
        StoragePage(
          work: StructureSamples.work(Route.storage), report: storage,
          moves: [PayloadMove(id: PayloadMoveID(1), project: projects[0], toDays: 30, createdBy: "ada@meridian.example", createdAt: Sample.ago(600), blocksMoved: 812, blocksRemoved: 40, finishedAt: nil)],
          installationDays: 90, budgetBytes: nil, freeBytes: 41_800_000_000
        ).render()
      ),
      ("sampling", SamplingList(work: StructureSamples.work(Route.sampling), rows: projects.map { .init(project: $0, settings: [], noiseScopes: 2) }).render()),
      ("sampling-empty", SamplingList(work: StructureSamples.work(Route.sampling), rows: []).render()),
    ]
  }
}
