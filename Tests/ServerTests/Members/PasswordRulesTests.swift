import Testing

@testable import Server

@Suite struct PasswordRulesTests {
  @Test(arguments: [
    "short-one-1", "passwordpassword", "Password123456", "P@ssw0rd!2024!", "aaaaaaaaaaaa", "abcabcabcabc", "123456789012", "qwertyuiop12",
    "ann.example.com", "ann-example-2024", "quipu-quipu-quipu", "QuipuAdmin2026!", "welcome-to-quipu-1", "iloveyou12345", "changeme-changeme", "abcdefghijklmnop",
    "Summer-2026-July", "letmein-letmein!", "asdfghjkl;qwertyuiop", "passw0rd-passw0rd",
  ])
  func commonOnesAreRefused(password: String) {
    #expect(PasswordRules.problem(password, email: "ann@example.com") != nil)
  }

  @Test(arguments: [
    "correct horse battery", "seven-llamas-cross-41-bridges", "839201748362", "k3-29-x7-81-92", "torture-password-0000", "kept-for-upgrades", "bench password",
    "Grünes Schaf über Nacht", "漢字仮名交文是文章也日々",
  ])
  func longOnesThatNobodyGuessesFirstAreTaken(password: String) {
    #expect(PasswordRules.problem(password, email: "ann@example.com") == nil)
  }

  @Test func madeOnesAreTaken() {
    for _ in 0..<200 { #expect(PasswordRules.problem(Secrets.password(), email: "owner@quipu.local") == nil) }
  }
}
