import Domain
import Testing

@testable import Server

@Suite struct IDTokenChecksTests {
  private static let now = Timestamp(microseconds: 1_800_000_000_000_000)
  private static let checks = IDTokenChecks(issuer: "https://id.example.com", clientID: "quipu", nonce: "n-1", now: now)
  private static let good: [String: ClaimValue] = [
    "iss": .text("https://id.example.com"), "aud": .text("quipu"), "sub": .text("248289761001"), "nonce": .text("n-1"),
    "iat": .number(1_800_000_000), "exp": .number(1_800_000_300),
  ]

  @Test func whatFitsGivesTheSubject() throws {
    #expect(try Self.checks.check(Self.good) == "248289761001")
    var several = Self.good
    several["aud"] = .list([.text("other"), .text("quipu")])
    several["azp"] = .text("quipu")
    several["nbf"] = .number(1_800_000_030)
    several["exp"] = .number(1_799_999_950)
    #expect(try Self.checks.check(several) == "248289761001", "clocks may be a minute apart")
  }

  @Test(arguments: [
    ("iss", ClaimValue.text("https://id.example.com/")), ("iss", .null), ("aud", .text("other")), ("aud", .list([.text("quipu"), .text("other")])),
    ("aud", .list([])), ("azp", .text("other")), ("azp", .number(1)), ("nonce", .text("n-2")), ("nonce", .null), ("sub", .text("")), ("sub", .null),
    ("sub", .number(5)), ("exp", .number(1_799_999_939)), ("exp", .null), ("exp", .text("1900000000")), ("iat", .number(1_800_000_061)),
    ("iat", .number(1_799_999_399)), ("iat", .null), ("nbf", .number(1_800_000_061)), ("exp", .number(-1e300)),
  ] as [(String, ClaimValue)])
  func oneClaimThatDoesNotFitRefusesTheToken(name: String, value: ClaimValue) {
    var claims = Self.good
    claims[name] = value
    #expect(throws: ProviderFailure.self) { try Self.checks.check(claims) }
  }

  @Test(arguments: ["none", "HS256", "RS1", ""])
  func aTokenWithoutAPublicKeySignatureIsNone(algorithm: String) {
    let header = Base64URL.encode(Array("{\"alg\":\"\(algorithm)\"}".utf8))
    #expect(throws: ProviderFailure.self) { try ProviderKeys.Header(ofToken: header + ".e30.") }
  }

  @Test func extensionsThatMustBeUnderstoodAreNot() {
    let header = Base64URL.encode(Array("{\"alg\":\"RS256\",\"crit\":[\"b64\"]}".utf8))
    #expect(throws: ProviderFailure.self) { try ProviderKeys.Header(ofToken: header + ".e30.AA") }
  }

  @Test func keysThatSignNothingHereAreLeftOut() throws {
    let ec = #"{"kty":"EC","crv":"P-256","kid":"e","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#
    let others = #"{"kty":"oct","k":"c2VjcmV0"},{"kty":"RSA","use":"sig","n":"AQAB","e":"AQAB"},{"kty":"EC","use":"enc","crv":"P-256","x":"AA","y":"AA"},{"kty":"XYZ"},7"#
    let keys = try ProviderKeys(Array("{\"keys\":[\(others),\(ec)]}".utf8))
    #expect(keys.count == 1)
    #expect(throws: ProviderFailure.self) { try ProviderKeys(Array("{\"keys\":[\(others)]}".utf8)) }
    #expect(throws: ProviderFailure.self) { try ProviderKeys(Array("<html>".utf8)) }
  }

  @Test func aDiscoveryDocumentIsThatOfTheIssuerWithAddressesAsSafe() throws {
    func document(_ issuer: String, token: String) -> [UInt8] {
      Array(
        """
        {"issuer":"\(issuer)","authorization_endpoint":"https://id.example.com/a?x=1","token_endpoint":"\(token)","jwks_uri":"https://id.example.com/k"}
        """.utf8)
    }
    let fine = try ProviderDocument(document("https://id.example.com", token: "https://id.example.com/t"), issuer: "https://id.example.com")
    #expect(fine.authorization([("state", "a b&c")]) == "https://id.example.com/a?x=1&state=a%20b%26c")
    #expect(throws: ProviderFailure.self) {
      try ProviderDocument(document("https://evil.example.org", token: "https://id.example.com/t"), issuer: "https://id.example.com")
    }
    #expect(throws: OutboundError.self) {
      try ProviderDocument(document("https://id.example.com", token: "http://127.0.0.1/t"), issuer: "https://id.example.com")
    }
  }
}
