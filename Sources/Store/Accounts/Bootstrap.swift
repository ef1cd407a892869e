import Domain
import Postgres

/// What the first start sets up.
public struct BootstrapPlan: Sendable {
  public var organisationName: String
  /// IANA name.
  public var timeZone: String
  public var teamName: String
  public var projectName: String
  /// nil makes one from the name.
  public var projectSlug: String?
  public var keyName: String
  /// nil makes a random pair.
  public var keyPair: KeyPair?
  public var ownerEmail: String
  /// argon2id in its encoded form.
  public var ownerPasswordHash: String

  public init(
    organisationName: String, timeZone: String = "UTC", teamName: String, projectName: String,
    projectSlug: String? = nil,
    keyName: String = "First key", keyPair: KeyPair? = nil, ownerEmail: String, ownerPasswordHash: String
  ) {
    self.organisationName = organisationName
    self.timeZone = timeZone
    self.teamName = teamName
    self.projectName = projectName
    self.projectSlug = projectSlug
    self.keyName = keyName
    self.keyPair = keyPair
    self.ownerEmail = ownerEmail
    self.ownerPasswordHash = ownerPasswordHash
  }
}

/// What the first start made.
public struct Bootstrap: Sendable {
  public var organisation: Organisation
  public var team: Team
  public var project: Project
  public var key: CreatedKey
  public var owner: Member
}

extension AccountStore {
  /// Sets up organisation, team, project, key (whose default team is that team) and owner in one transaction; nil when
  /// there is an organisation already. Of several processes that start together one does it.
  public func bootstrap(_ plan: BootstrapPlan) async throws -> Bootstrap? {
    try await pool.transaction { c in
      try c.execute("select pg_advisory_xact_lock(hashtextextended('quipu.bootstrap', 0))")
      if try c.first("select 1 from organisations limit 1", { _ in true }) != nil { return nil }
      let organisation = try Organisation.insert(name: plan.organisationName, timeZone: plan.timeZone, c)
      let team = try Team.insert(name: plan.teamName, organisation: organisation.id, c)
      let project = try Project.insert(
        name: plan.projectName, slug: plan.projectSlug, team: team.id, organisation: organisation.id, c)
      let scope = AccessScope(organisation: organisation.id, teams: .all, projects: .all, readsContent: false)
      let key = try APIKey.insert(
        NewKey(project: project.id, name: plan.keyName, team: .default(team.id), pair: plan.keyPair), scope: scope, c)
      let owner = try Member.insert(
        email: plan.ownerEmail, passwordHash: plan.ownerPasswordHash, role: .owner, organisation: organisation.id, c)
      try c.execute(
        """
        insert into content_grants (member_id, given_by, reason) values (\(owner.id), 'first start', 'set up the installation')
        """)
      return Bootstrap(organisation: organisation, team: team, project: project, key: key, owner: owner)
    }
  }
}
