import ArgumentParser
import Server

struct Members: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make members, and help those who can't sign in.", subcommands: [Add.self, List.self, SetPassword.self])

  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a member who can sign in at once.",
      discussion: "The password comes from QUIPU_MEMBER_PASSWORD or standard input; else one is made and printed once.")
    @Option(help: "E-mail to sign in with.")
    var email: String
    @Option(help: "Role in the organisation: owner, admin, finance, teamLead, engineer, viewer or auditor.")
    var role: String
    @Option(help: "Team where the member has a role; may be repeated.")
    var team: [String] = []
    @Option(help: "Slug of a project where the member has a role; may be repeated.")
    var project: [String] = []
    @Option(help: "teamLead, engineer or viewer, in the teams; without it the role in the organisation.")
    var teamRole: String?
    @Option(help: "engineer or viewer, in the projects.")
    var projectRole: String?
    @Flag(help: "May read inputs and outputs of all that the role reaches.")
    var readsContent = false
    @Flag(help: "Read the password from standard input.")
    var passwordStdin = false

    func run() async throws {
      try await Commands.addMember(
        NewMemberOptions(
          email: email, role: role, teams: team, projects: project, teamRole: teamRole, projectRole: projectRole,
          readsContent: readsContent, readsPassword: passwordStdin))
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the members.")

    func run() async throws { try await Commands.listMembers() }
  }

  struct SetPassword: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "set-password", abstract: "Give a member a new password, print it once and end the member's sessions.")
    @Argument(help: "The member's e-mail.")
    var email: String

    func run() async throws { try await Commands.setPassword(email: email) }
  }
}
