import ArgumentParser
import Server

struct Audit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check and export the log of who did what.", subcommands: [Verify.self, Export.self])

  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Compute every hash of the log again; names the first entry that is not as it was written.")
    @Option(help: "End of the chain as an earlier run printed it: finds a log that was written anew since.")
    var since: String?
    @Option(help: "A file in which such ends stand, among anything else: kept lines “audit head” of the service's log.")
    var marks: String?

    func run() async throws { try await Commands.verifyAudit(mark: since, file: marks) }
  }

  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Write the log to standard output, oldest first, as CSV.")
    @Flag(help: "One JSON object a line instead.")
    var json = false

    func run() async throws { try await Commands.exportAudit(json: json) }
  }
}
