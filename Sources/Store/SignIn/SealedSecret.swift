import CCrypto
import Domain

/// A client's secret as it is stored: AES-256-GCM under a key derived from the organisation's secret. 12 bytes nonce, the text, 16 bytes tag.
enum SealedSecret {
  private static let purpose = "sign-in provider"
  private static let nonceBytes = 12
  private static let tagBytes = 16

  /// nil when libcrypto fails.
  static func seal(_ text: String, organisationSecret: [UInt8]) -> [UInt8]? {
    let plain = Array(text.utf8), key = key(organisationSecret)
    var nonce = [UInt8](repeating: 0, count: nonceBytes), tag = [UInt8](repeating: 0, count: tagBytes)
    var sealed = [UInt8](repeating: 0, count: plain.count + 16), count: Int32 = 0, rest: Int32 = 0
    guard RAND_bytes(&nonce, Int32(nonceBytes)) == 1, let cipher = EVP_CIPHER_CTX_new() else { return nil }
    defer { EVP_CIPHER_CTX_free(cipher) }
    guard EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), nil, key, nonce) == 1,
      EVP_EncryptUpdate(cipher, &sealed, &count, plain, Int32(clamping: plain.count)) == 1,
      EVP_EncryptFinal_ex(cipher, &tag, &rest) == 1,
      EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, Int32(tagBytes), &tag) == 1
    else { return nil }
    return nonce + sealed.prefix(Int(count)) + tag
  }

  /// nil for bytes that were not sealed with this secret.
  static func open(_ bytes: [UInt8], organisationSecret: [UInt8]) -> String? {
    guard bytes.count >= nonceBytes + tagBytes, let cipher = EVP_CIPHER_CTX_new() else { return nil }
    defer { EVP_CIPHER_CTX_free(cipher) }
    let nonce = Array(bytes.prefix(nonceBytes)), body = Array(bytes.dropFirst(nonceBytes).dropLast(tagBytes))
    var tag = Array(bytes.suffix(tagBytes)), plain = [UInt8](repeating: 0, count: body.count + 16), count: Int32 = 0, rest: Int32 = 0
    var end = [UInt8](repeating: 0, count: 16)
    guard EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), nil, key(organisationSecret), nonce) == 1,
      EVP_DecryptUpdate(cipher, &plain, &count, body, Int32(clamping: body.count)) == 1,
      EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, Int32(tagBytes), &tag) == 1,
      EVP_DecryptFinal_ex(cipher, &end, &rest) == 1
    else { return nil }
    return String(decoding: plain.prefix(Int(count)), as: UTF8.self)
  }

  private static func key(_ organisationSecret: [UInt8]) -> [UInt8] {
    KeyedHash(secret: organisationSecret).bytes(purpose, [])
  }
}
