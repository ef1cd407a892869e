import ArgumentParser
import Server

struct Members: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Help people who can't sign in.", subcommands: [SetPassword.self])

  struct SetPassword: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "set-password", abstract: "Give a member a new password, print it once and end the member's sessions.")
    @Argument(help: "The member's e-mail.")
    var email: String

    func run() async throws { try await Commands.setPassword(email: email) }
  }
}
