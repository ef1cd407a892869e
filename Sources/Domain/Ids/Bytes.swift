import CCrypto

/// SHA-256 by OpenSSL's libcrypto.
public enum SHA256Digest {
  /// The 32 bytes of the digest.
  public static func of(_ bytes: some Collection<UInt8>) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    let input = Array(bytes)
    _ = SHA256(input, input.count, &digest)
    return digest
  }

  /// The first 8 bytes as a number, for tie-breaks and content hashes.
  public static func prefix64(of text: String) -> UInt64 { bigEndian(of(text.utf8).prefix(8)) }
}

func bigEndian(_ bytes: some Collection<UInt8>) -> UInt64 {
  var value: UInt64 = 0
  for byte in bytes { value = value << 8 | UInt64(byte) }
  return value
}

/// Of the 8 bytes from `offset`, which the caller has checked against the count.
func bigEndian(_ bytes: [UInt8], from offset: Int) -> UInt64 {
  bytes.withUnsafeBytes { UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
}

func bigEndianBytes(_ value: UInt64) -> [UInt8] {
  (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * UInt64($0))) }
}

private let hexDigits = Array("0123456789abcdef".utf8)

func hexText(_ value: UInt64) -> String {
  String(unsafeUninitializedCapacity: 16) { buffer in
    for i in 0..<16 { buffer[i] = hexDigits[Int(value >> (60 - 4 * UInt64(i)) & 15)] }
    return 16
  }
}

/// The bytes of exactly `2 * count` hex digits of either case, else nil.
func hexBytes(_ text: String, count: Int) -> [UInt8]? {
  guard text.utf8.count == 2 * count else { return nil }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(count)
  var high: UInt8?
  for digit in text.utf8 {
    guard let value = hexValue(digit) else { return nil }
    if let h = high {
      bytes.append(h << 4 | value)
      high = nil
    } else {
      high = value
    }
  }
  return bytes
}

private func hexValue(_ digit: UInt8) -> UInt8? {
  switch digit {
  case 48...57: digit - 48
  case 65...70: digit - 55
  case 97...102: digit - 87
  default: nil
  }
}
