import ArgumentParser
import Server

struct Backup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the whole database to a file, also while the service runs.",
    discussion: "The file is whole or not there at all, and readable by its owner alone: it holds all content.")
  @Argument(help: "The file to write; an existing one is replaced when the new one is whole.", completion: .file())
  var file: String

  func run() async throws { try await Commands.backup(to: file) }
}

struct Restore: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Bring a backup into the database and migrate it to this version.",
    discussion: "The service must be stopped. What ends it in the middle leaves the database as it was.")
  @Argument(help: "A file that `quipu backup` wrote.", completion: .file())
  var file: String
  @Flag(help: "Put the backup in the place of a database that is not empty.")
  var replace = false

  func run() async throws { try await Commands.restore(from: file, replace: replace) }
}
