import CCrypto

/// HMAC-SHA256 with an organisation's secret: what stands in place of a value and stays equal for equal values, and that nobody without
/// the secret can try values against. *Source:* RFC 2104, by libcrypto.
public struct KeyedHash: Sendable {
  private let secret: [UInt8]

  /// - Parameter secret: `organisations.secret`, 32 random bytes.
  public init(secret: [UInt8]) { self.secret = secret }

  /// 32 bytes. `purpose` keeps hashes of the same value for different ends apart.
  public func bytes(_ purpose: String, _ value: some Collection<UInt8>) -> [UInt8] {
    let message = Array(purpose.utf8) + [0] + value
    var digest = [UInt8](repeating: 0, count: 32)
    var length: UInt32 = 0
    _ = HMAC(EVP_sha256(), secret, Int32(secret.count), message, message.count, &digest, &length)
    return digest
  }

  /// The first `digits` hex digits, lower case.
  public func hex(_ purpose: String, _ value: String, digits: Int) -> String {
    let text = bytes(purpose, value.utf8).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
    return String(text.prefix(digits))
  }

  /// "user-" and 12 hex digits: how an end user is told to who may not know them.
  public func pseudonym(ofUser user: String) -> String { "user-" + hex("user", user, digits: 12) }
}
