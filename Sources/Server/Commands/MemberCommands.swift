import Domain
import Foundation
import Store

extension Commands {
  public static func setPassword(email: String) async throws {
    try await withDatabase(migrates: true) { database, _, _ in
      let accounts = AccountStore(pool: database.pool)
      guard let known = try await accounts.credentials(email: email) else { throw Stop("no member with the e-mail \(email)") }
      let password = Secrets.password()
      guard let hash = await Passwords.hash(password) else { throw Stop("the password could not be hashed") }
      try await accounts.setPassword(hash: hash, of: known.member.id)
      Terminal.say("password  \(password)\nIt is shown once. The member's sessions have ended.")
    }
  }

  public static func addMember(_ options: NewMemberOptions) async throws {
    guard let role = Member.Role(rawValue: options.role) else { throw Stop("--role is \"\(options.role)\": expected \(roleNames)") }
    try await withDatabase(migrates: true) { database, _, _ in
      let accounts = AccountStore(pool: database.pool)
      let scope = try await everything(accounts)
      let given = try options.password(), password = given ?? Secrets.password()
      if let problem = given.flatMap({ PasswordRules.problem($0, email: options.email) }) { throw Stop(problem) }
      guard let hash = await Passwords.hash(password) else { throw Stop("the password could not be hashed") }
      let new = NewMember(
        email: options.email, passwordHash: hash, role: role, roles: try await roles(options, role, accounts, scope),
        readsContent: options.readsContent)
      let member = try await MemberStore(pool: database.pool).add(new, organisation: scope.organisation, by: .commandLine)
      Terminal.say("e-mail    \(member.email)\nrole      \(member.role.rawValue)")
      if given == nil { Terminal.say("password  \(password)\nIt is shown once.") }
    }
  }

  public static func listMembers() async throws {
    try await withDatabase(migrates: true) { database, _, _ in
      let scope = try await everything(AccountStore(pool: database.pool))
      for listed in try await MemberStore(pool: database.pool).list(scope: scope) {
        let signedIn = listed.lastSignInAt.map { "signed in \(ISOTime.text($0))" } ?? "never signed in"
        let state = listed.state == .disabled ? "disabled" : listed.state == .invited ? "invited" : signedIn
        Terminal.say([listed.member.email, listed.member.role.rawValue, listed.hasSecondFactor ? "second factor" : "password only", state].joined(separator: "  "))
      }
    }
  }

  private static let roleNames = Member.Role.allCases.map(\.rawValue).joined(separator: ", ")

  /// Every team and project named, with one role for teams and one for projects.
  private static func roles(
    _ options: NewMemberOptions, _ role: Member.Role, _ accounts: AccountStore, _ scope: AccessScope
  ) async throws -> [RoleGrant] {
    let inTeam = try options.teamRole.map { try named($0, "--team-role") } ?? role
    let inProject = try options.projectRole.map { try named($0, "--project-role") } ?? (role == .engineer ? .engineer : .viewer)
    let teams = options.teams.isEmpty ? [] : try await accounts.teams(scope: scope)
    var grants = try options.teams.map { name in
      guard let team = teams.first(where: { $0.name == name }) else { throw Stop("no team with the name \(name)") }
      return RoleGrant(place: .team(team.id), role: inTeam)
    }
    for slug in options.projects {
      guard let project = try await accounts.project(slug: slug, scope: scope) else { throw Stop("no project with the slug \(slug)") }
      grants.append(RoleGrant(place: .project(project.id), role: inProject))
    }
    return grants
  }

  private static func named(_ text: String, _ option: String) throws -> Member.Role {
    guard let role = Member.Role(rawValue: text) else { throw Stop("\(option) is \"\(text)\": expected teamLead, engineer or viewer") }
    return role
  }
}

/// What `members add` is told.
public struct NewMemberOptions: Sendable {
  public var email: String
  public var role: String
  public var teams: [String]
  public var projects: [String]
  public var teamRole: String?
  public var projectRole: String?
  public var readsContent: Bool
  public var readsPassword: Bool

  public init(
    email: String, role: String, teams: [String], projects: [String], teamRole: String?, projectRole: String?, readsContent: Bool,
    readsPassword: Bool
  ) {
    self.email = email
    self.role = role
    self.teams = teams
    self.projects = projects
    self.teamRole = teamRole
    self.projectRole = projectRole
    self.readsContent = readsContent
    self.readsPassword = readsPassword
  }

  /// From standard input, else from the environment; nil: one is made.
  func password() throws -> String? {
    guard readsPassword else { return ProcessInfo.processInfo.environment["QUIPU_MEMBER_PASSWORD"] }
    guard let line = readLine(), !line.isEmpty else { throw Stop("no password on standard input") }
    return line
  }
}
