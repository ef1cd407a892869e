import ArgumentParser
import Server

struct Routes: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List every route and who may call it.",
    discussion: "One a line: method, path, and open, key with the scopes of which one is needed, member, or the permission that a role needs.")

  func run() throws { try Commands.routes() }
}
