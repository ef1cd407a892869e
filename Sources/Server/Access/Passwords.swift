import CArgon2
import Dispatch

/// argon2id through libargon2, on a queue of its own: a hash takes about 40 ms of CPU and must not hold an event loop.
enum Passwords {
  private static let queue = DispatchQueue(label: "quipu.passwords")
  /// OWASP's second recommendation (2024): t=2, m=19 MiB, p=1.
  private static let iterations: UInt32 = 2
  private static let memoryKiB: UInt32 = 19 * 1024

  /// PHC string of a new hash.
  static func hash(_ password: String) async -> String? {
    await onQueue { hashNow(password) }
  }

  /// Whether `password` belongs to the PHC string; takes the same time for a stored string that can't match.
  static func verify(_ password: String, _ stored: String?) async -> Bool {
    await onQueue {
      let encoded = stored ?? decoy
      let matches = argon2id_verify(encoded, password, password.utf8.count) == ARGON2_OK.rawValue
      return matches && stored != nil
    }
  }

  /// A valid hash of a random password, so that an unknown e-mail costs as much time as a wrong password.
  static let decoy = hashNow(Secrets.password()) ?? ""

  private static func hashNow(_ password: String) -> String? {
    let salt = Secrets.bytes(16)
    var encoded = [CChar](repeating: 0, count: 256)
    let result = argon2id_hash_encoded(
      iterations, memoryKiB, 1, password, password.utf8.count, salt, salt.count, 32, &encoded, encoded.count)
    guard result == ARGON2_OK.rawValue else { return nil }
    return String(decoding: encoded.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  private static func onQueue<T: Sendable>(_ work: @escaping @Sendable () -> T) async -> T {
    await withCheckedContinuation { continuation in queue.async { continuation.resume(returning: work()) } }
  }
}

/// Random secrets from the system's generator.
enum Secrets {
  static func bytes(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }

  /// Lower-case hex.
  static func token(bytes count: Int) -> String {
    bytes(count).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  /// 20 characters without look-alikes: about 98 bits.
  static func password() -> String {
    let letters = Array("abcdefghjkmnpqrstuvwxyz23456789")
    var generator = SystemRandomNumberGenerator()
    let picked = (0..<20).map { _ in letters.randomElement(using: &generator) ?? "x" }
    return stride(from: 0, to: 20, by: 5).map { String(picked[$0..<$0 + 5]) }.joined(separator: "-")
  }
}
