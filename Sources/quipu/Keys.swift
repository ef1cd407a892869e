import ArgumentParser
import Server

struct Keys: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make, list and revoke API keys.", subcommands: [Create.self, List.self, Revoke.self, SetCostTrust.self])

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Make a key pair; its secret is printed once.")
    @Option(help: "Slug of the project the key belongs to.")
    var project = "default"
    @Option(help: "What people call the key.")
    var name: String
    @Option(help: "Environment of everything sent with it; without it the sender says.")
    var environment: String?
    @Option(help: "What it may: ingest, read, admin (prices of the whole organisation), or some of them separated by commas.")
    var scopes = "ingest,read"
    @Option(help: "Name of the team that owns its calls.")
    var team: String?
    @Flag(help: "The team owns calls only when nothing else gives an owner; otherwise it always does.")
    var teamIsDefault = false

    func run() async throws {
      try await Commands.createKey(
        project: project, name: name, environment: environment, scopes: scopes, team: team, teamIsDefault: teamIsDefault)
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List keys, without secrets.")

    func run() async throws { try await Commands.listKeys() }
  }

  struct Revoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Stop a key within seconds; what it sent stays.")
    @Argument(help: "The public key.")
    var publicKey: String

    func run() async throws { try await Commands.revokeKey(publicKey) }
  }

  struct SetCostTrust: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say what costs are worth that come with a key's calls, from now on.",
      discussion: "A provider's own statement always counts. By default what a sender gives on purpose counts, and what an "
        + "instrumentation computed is kept beside the computed cost.")
    @Argument(help: "The public key.")
    var publicKey: String
    @Argument(help: "trust, keep-beside, ignore or default.")
    var trust: String

    func run() async throws { try await Commands.setCostTrust(publicKey, trust: trust) }
  }
}
