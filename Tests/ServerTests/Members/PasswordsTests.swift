import Testing

@testable import Server

/// What checking a password costs, whoever it is said to be of.
@Suite struct PasswordsTests {
  /// "$argon2id$v=19$m=19456,t=2,p=1$salt$hash" without salt and hash: the work that a check does.
  private func work(_ encoded: String) -> [Substring] { Array(encoded.split(separator: "$").prefix(3)) }

  @Test func anUnknownAccountCostsTheWorkOfAKnownOne() async throws {
    let known = try #require(await Passwords.hash("correct-horse-battery"))
    #expect(work(Passwords.decoy) == work(known))
    #expect(work(known).first == "argon2id")
  }

  @Test func theStandInOpensNothing() async {
    #expect(await Passwords.verify("", nil) == false)
    #expect(await Passwords.verify("correct-horse-battery", nil) == false)
  }

  @Test func aPasswordBelongsToItsHashAlone() async throws {
    let known = try #require(await Passwords.hash("correct-horse-battery"))
    #expect(await Passwords.verify("correct-horse-battery", known))
    #expect(await Passwords.verify("correct-horse-batterx", known) == false)
  }
}
