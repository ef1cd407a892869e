#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension String {
  /// Text that any store accepts: invalid UTF-8 and NUL become U+FFFD (PostgreSQL's text refuses both).
  init(repairing bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress, bytes.count > 0 else {
      self = ""
      return
    }
    if memchr(base, 0, bytes.count) == nil {
      self = String(decoding: bytes, as: UTF8.self)
    } else {
      self = String(String.UnicodeScalarView(String(decoding: bytes, as: UTF8.self).unicodeScalars.lazy.map {
        $0.value == 0 ? "\u{FFFD}" : $0
      }))
    }
  }

  init(repairing bytes: [UInt8]) {
    self = bytes.withUnsafeBytes { String(repairing: $0) }
  }
}

extension UnsafeRawBufferPointer {
  /// The part in `range`, which the caller has checked against `count`.
  @inline(__always)
  func part(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: self[range])
  }

  func isEqual(to other: UnsafeRawBufferPointer) -> Bool {
    guard count == other.count else { return false }
    guard let left = baseAddress, let right = other.baseAddress else { return true }
    return memcmp(left, right, count) == 0
  }
}
