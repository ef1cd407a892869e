import ArgumentParser
import Dispatch
import Server

/// A synchronous entry: root is given up while the process has one thread, so that no part of it stays root's.
@main
enum Main {
  static func main() {
    Memory.tune()
    Commands.giveUpRoot(for: CommandLine.arguments.dropFirst().first)
    Task {
      await Quipu.main()
      Quipu.exit()
    }
    dispatchMain()
  }
}

struct Quipu: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quipu",
    abstract: "Tracing and cost accounts for LLM applications, self-hosted.",
    discussion: "Settings are environment variables; `quipu show-config` prints them, deploy/config.example.env explains them.",
    version: Version.text,
    subcommands: [Serve.self, Migrate.self, Demo.self, Rollup.self, Keys.self, Members.self, Prices.self, Reprice.self, Teams.self, Rules.self, Groups.self, Report.self, Audit.self, Backup.self, Restore.self, Routes.self, ShowConfig.self])
}

struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Take traces and show pages.")
  @Flag(help: "Load demo data first (a month, and the month before); repeating it changes nothing.")
  var demo = false

  func run() async throws { try await Commands.serve(demo: demo) }
}

struct Migrate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Bring the database to this version.")
  @Flag(help: "Only list what is applied and what is pending.")
  var status = false
  @Flag(help: "Only say what would be applied.")
  var dryRun = false

  func run() async throws { try await Commands.migrate(status: status, dryRun: dryRun) }
}

struct Demo: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Load demo data (a month, and the month before) through the ingest pipeline.")

  func run() async throws { try await Commands.demo() }
}

struct Rollup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Work on the derived sums.", subcommands: [Rebuild.self])

  struct Rebuild: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Make every rollup anew from the observations.")

    func run() async throws { try await Commands.rebuildRollups() }
  }
}

struct ShowConfig: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Print the settings in effect, secrets masked.")

  func run() async throws { try Commands.showConfig() }
}
