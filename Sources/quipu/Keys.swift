import ArgumentParser
import Server

struct Keys: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make, list, rotate and revoke API keys.",
    subcommands: [Create.self, List.self, Rotate.self, Revoke.self, SetCostTrust.self])

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Make a key pair; its secret is printed once.")
    @Option(help: "Slug of the project the key belongs to.")
    var project = "default"
    @Option(help: "What people call the key.")
    var name: String
    @Option(help: "Environment of everything sent with it; without it the sender says.")
    var environment: String?
    @Option(help: "What it may: ingest, read (traces with content, and money), readMoney (money alone), admin (prices, teams, rules and keys of the organisation), or some of them separated by commas.")
    var scopes = "ingest,read"
    @Option(help: "Name of the team that owns its calls.")
    var team: String?
    @Flag(help: "The team owns calls only when nothing else gives an owner; otherwise it always does.")
    var teamIsDefault = false

    @Option(help: "Name of the user group of calls whose user is in none.")
    var userGroup: String?
    @Option(help: "Day or time from which it is no longer taken.")
    var expires: String?
    @Option(help: "What becomes of prompts and answers that come with it: keep (as the project says), mask or drop.")
    var content: String?
    @Option(help: "Most requests in a minute.")
    var requestsPerMinute: Int32?
    @Option(help: "Most spans in a minute.")
    var spansPerMinute: Int32?
    @Option(help: "Largest body of a request in bytes, inflated.")
    var requestBytesMax: Int32?

    func run() async throws {
      var options = KeyOptions(project: project, name: name, scopes: scopes)
      (options.environment, options.team, options.teamIsDefault) = (environment, team, teamIsDefault)
      (options.userGroup, options.expires, options.content) = (userGroup, expires, content)
      (options.requestsPerMinute, options.spansPerMinute) = (requestsPerMinute, spansPerMinute)
      options.requestBytesMax = requestBytesMax
      try await Commands.createKey(options)
    }
  }

  struct Rotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Give a key a new secret; its public part stays.")
    @Argument(help: "The public key.")
    var publicKey: String
    @Option(help: "Hours that the old secret is taken too, up to 720.")
    var overlapHours: Int32 = 24

    func run() async throws { try await Commands.rotateKey(publicKey, overlapHours: overlapHours) }
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
