import Domain
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
}
