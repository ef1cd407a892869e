import Domain
import Testing

@testable import Server

@Suite struct TOTPTests {
  /// RFC 6238, appendix B (SHA-1), the last six of its eight digits.
  @Test(arguments: [
    (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"), (2_000_000_000, "279037"),
    (20_000_000_000, "353130"),
  ] as [(Int64, String)])
  func codesAreThoseOfTheStandard(seconds: Int64, code: String) {
    let step = TOTP.step(at: Timestamp(seconds: seconds))
    #expect(TOTP.code(Array("12345678901234567890".utf8), step: step) == code)
  }

  @Test func aCodeHoldsForTheHalfMinutesAroundItAndOnce() {
    let secret = TOTP.newSecret(), now = Timestamp(seconds: 3_000_000)
    let step = TOTP.step(at: now), code = TOTP.code(secret, step: step)
    #expect(TOTP.match(code, secret, at: now, after: 0) == step)
    #expect(TOTP.match(code, secret, at: now.adding(seconds: 30), after: 0) == step)
    #expect(TOTP.match(code, secret, at: now.adding(seconds: -30), after: 0) == step)
    #expect(TOTP.match(code, secret, at: now, after: step) == nil)
    for wrong in ["", "12345", "1234567", "ab\u{E9}cde", String(code.reversed()) + "0"] {
      #expect(TOTP.match(wrong, secret, at: now, after: 0) == nil)
    }
  }

  /// RFC 4648 §10, without padding.
  @Test(arguments: [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"), ("foobar", "MZXW6YTBOI")])
  func keysAreWrittenInBase32(text: String, expected: String) {
    #expect(TOTP.base32(Array(text.utf8)) == expected)
  }

  @Test func recoveryCodesDifferAndAreFoundHoweverTyped() {
    let codes = RecoveryCodes.make()
    #expect(Set(codes).count == 10 && codes.allSatisfy { $0.count == 19 })
    #expect(RecoveryCodes.hash(codes[0]) == RecoveryCodes.hash(" " + codes[0].uppercased().replacing("-", with: " ")))
    #expect(RecoveryCodes.hash(codes[0]) != RecoveryCodes.hash(codes[1]))
  }
}
