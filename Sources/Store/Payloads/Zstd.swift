import CZstd
import Postgres

/// Zstandard frames by Debian's libzstd. One instance per transaction or read: contexts are not thread-safe. They are
/// large, too, so that writers borrow theirs from a `ZstdPool`.
final class Zstd {
  /// Measured on captured requests of four SDKs (26 to 41 KB): level 1 leaves a fifth to a sixth of the bytes, level
  /// 3 saves 2 to 3 % more of them, the fast levels cost 10 to 40 % more.
  static let level: Int32 = 1
  /// A frame that claims to inflate to more is refused.
  static let inflatedMax = 256 << 20

  private let compressor = ZSTD_createCCtx()
  private let decompressor = ZSTD_createDCtx()

  deinit {
    ZSTD_freeCCtx(compressor)
    ZSTD_freeDCtx(decompressor)
  }

  /// nil when libzstd refuses (out of memory).
  func compress(_ bytes: [UInt8]) -> [UInt8]? {
    let bound = ZSTD_compressBound(bytes.count)
    var written = 0
    let frame = [UInt8](unsafeUninitializedCapacity: bound) { target, count in
      written = ZSTD_compressCCtx(compressor, target.baseAddress, bound, bytes, bytes.count, Self.level)
      count = ZSTD_isError(written) == 0 ? written : 0
    }
    return ZSTD_isError(written) == 0 ? frame : nil
  }

  /// nil when the frame is damaged, does not say its size, or is too large.
  func decompress(_ frame: UnsafeRawBufferPointer) -> [UInt8]? {
    let stated = ZSTD_getFrameContentSize(frame.baseAddress, frame.count)
    guard stated <= UInt64(Self.inflatedMax) else { return nil }
    let size = Int(stated)
    var read = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { target, count in
      read = ZSTD_decompressDCtx(decompressor, target.baseAddress, size, frame.baseAddress, frame.count)
      count = ZSTD_isError(read) == 0 ? read : 0
    }
    return ZSTD_isError(read) == 0 && bytes.count == size ? bytes : nil
  }
}

/// Compressors kept for the next transaction: a new context's pages must be cleared by the system, which took 4 of 60 µs
/// a span.
final class ZstdPool: @unchecked Sendable {
  private let lock = Lock()
  private var free: [Zstd] = []

  func with<Result>(_ body: (Zstd) throws -> Result) rethrows -> Result {
    let zstd = lock.withLock { free.popLast() } ?? Zstd()
    defer { lock.withLock { free.append(zstd) } }
    return try body(zstd)
  }
}
