import CCrypto
import Domain

/// Six-digit codes of an authenticator app. *Source:* RFC 6238 (TOTP) over RFC 4226 (HOTP), with HMAC-SHA1, which every app knows.
enum TOTP {
  static let stepSeconds: Int64 = 30
  static let secretBytes = 20

  static func newSecret() -> [UInt8] { Secrets.bytes(secretBytes) }
  static func step(at time: Timestamp) -> Int64 { time.microseconds / (stepSeconds * 1_000_000) }

  /// The code of one half-minute.
  static func code(_ secret: [UInt8], step: Int64) -> String {
    let digits = String(truncated(mac(secret, step)) % 1_000_000)
    return String(repeating: "0", count: 6 - digits.count) + digits
  }

  /// The half-minute that a code is of: this one, the one before or after (clocks differ), later than the last that was taken; nil: wrong.
  static func match(_ code: String, _ secret: [UInt8], at now: Timestamp, after last: Int64) -> Int64? {
    let typed = Array(code.utf8), current = step(at: now)
    guard typed.count == 6 else { return nil }
    return (current - 1...current + 1).last { $0 > last && isEqual(Array(Self.code(secret, step: $0).utf8), typed) }
  }

  /// Takes as long for a wrong first digit as for a wrong last one.
  private static func isEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool { zip(a, b).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0 }

  private static func mac(_ secret: [UInt8], _ step: Int64) -> [UInt8] {
    let message = (0..<8).map { UInt8(truncatingIfNeeded: step >> (56 - 8 * Int64($0))) }
    var digest = [UInt8](repeating: 0, count: 20), length: UInt32 = 20
    _ = HMAC(EVP_sha1(), secret, Int32(clamping: secret.count), message, message.count, &digest, &length)
    return digest
  }

  /// RFC 4226 §5.3: four bytes from where the last half-byte says, without the sign.
  private static func truncated(_ digest: [UInt8]) -> UInt32 {
    let offset = Int(digest.last ?? 0) & 15
    return digest[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
  }

  /// RFC 4648 without padding, as people type it.
  static func base32(_ bytes: [UInt8]) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    var text = "", held: UInt32 = 0, bits = 0
    for byte in bytes {
      held = held << 8 | UInt32(byte)
      bits += 8
      while bits >= 5 {
        bits -= 5
        text.append(letters[Int(held >> UInt32(bits) & 31)])
      }
      held &= (1 << UInt32(bits)) - 1
    }
    if bits > 0 { text.append(letters[Int(held << UInt32(5 - bits) & 31)]) }
    return text
  }

  /// What the QR code holds (Key Uri Format of Google Authenticator).
  static func address(_ secret: [UInt8], account: String, issuer: String) -> String {
    let issuer = FormToken.escaped(issuer).replacing("/", with: "%2F"), account = FormToken.escaped(account).replacing("/", with: "%2F")
    return "otpauth://totp/\(issuer):\(account)?secret=\(base32(secret))&issuer=\(issuer)&algorithm=SHA1&digits=6&period=30"
  }
}

/// Codes for when the telephone is lost; each is taken once.
enum RecoveryCodes {
  static let count = 10
  private static let letters = Array("abcdefghjkmnpqrstuvwxyz123456789")

  /// 16 characters in groups of four: 80 random bits each, so that a plain digest of them is enough.
  static func make() -> [String] {
    (0..<count).map { _ in
      let picked = Secrets.bytes(16).map { letters[Int($0 & 31)] }
      return stride(from: 0, to: 16, by: 4).map { String(picked[$0..<$0 + 4]) }.joined(separator: "-")
    }
  }

  static func hash(_ typed: String) -> [UInt8] { SHA256Digest.of(typed.lowercased().filter { $0.isLetter || $0.isNumber }.utf8) }
}
