import CCrypto

/// SHA-256 of bytes that come in pieces.
final class StatementHash {
  private let context = EVP_MD_CTX_new()
  private var waiting: [UInt8] = []

  struct Failure: Error {}

  init() throws {
    guard context != nil, EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else { throw Failure() }
  }

  deinit { EVP_MD_CTX_free(context) }

  func add(_ bytes: [UInt8]) throws {
    waiting += bytes
    if waiting.count >= 65_536 { try flush() }
  }

  private func flush() throws {
    guard EVP_DigestUpdate(context, waiting, waiting.count) == 1 else { throw Failure() }
    waiting.removeAll(keepingCapacity: true)
  }

  /// The 32 bytes; nothing can be added afterwards.
  func finish() throws -> [UInt8] {
    try flush()
    var digest = [UInt8](repeating: 0, count: 32)
    guard EVP_DigestFinal_ex(context, &digest, nil) == 1 else { throw Failure() }
    return digest
  }
}
