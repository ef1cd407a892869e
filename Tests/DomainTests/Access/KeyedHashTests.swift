import Testing

@testable import Domain

@Suite struct KeyedHashTests {
  @Test func isHMACOfPurposeAndValue() {
    // python3: hmac.new(bytes(range(32)), b"user\0alice", "sha256").hexdigest()
    let hash = KeyedHash(secret: Array(0..<32))
    #expect(hash.hex("user", "alice", digits: 64) == "34d45cbc91de5ce7295b963a0e35627d4f93b0e009d7145c8a2abda27bc00eb8")
    #expect(hash.pseudonym(ofUser: "alice") == "user-" + hash.hex("user", "alice", digits: 12))
  }

  @Test func anotherSecretPurposeOrValueGivesAnotherHash() {
    let hash = KeyedHash(secret: Array(0..<32)), other = KeyedHash(secret: Array(1..<33))
    let all = [hash.hex("user", "a", digits: 64), hash.hex("mask", "a", digits: 64), hash.hex("user", "b", digits: 64), other.hex("user", "a", digits: 64)]
    #expect(Set(all).count == 4)
  }
}
