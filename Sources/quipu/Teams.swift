import ArgumentParser
import Server

struct Teams: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look at the teams that own cost, and keep what is said of them.", subcommands: [List.self, Save.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the teams.")

    func run() async throws { try await Commands.listTeams() }
  }

  struct Save: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a team, or change one of this name; what is not given stays, an empty text clears.")
    @Argument(help: "Its name.")
    var name: String
    @Option(help: "Cost centre.")
    var costCentre: String?
    @Option(help: "GL account.")
    var glAccount: String?
    @Option(help: "Who answers for its cost.")
    var owner: String?
    @Option(help: "Name of the team above it.")
    var parent: String?
    @Option(help: "First day that it can own cost.")
    var from: String?
    @Option(help: "First day that it can't any more.")
    var to: String?

    func run() async throws {
      try await Commands.saveTeam(
        name: name, costCentre: costCentre, glAccount: glAccount, owner: owner, parent: parent, from: from, to: to)
    }
  }
}

struct Rules: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Look at the attribution rules.", subcommands: [List.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the rules in their order.")

    func run() async throws { try await Commands.listRules() }
  }
}

struct Groups: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Keep the groups of end users.", subcommands: [Import.self])

  struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Put users into groups by a CSV file with the columns user and group; lines that can't be taken are told.")
    @Argument(help: "The file.")
    var file: String

    func run() async throws { try await Commands.importGroups(path: file) }
  }
}
