import CZlib

/// gzip and zlib streams through zlib.
public enum Gzip {
  private static let chunkBytes = 64 * 1024

  /// Inflates gzip (any number of members) or zlib data.
  /// - Parameter limitBytes: the most it may inflate to. Inflating stops there, so a bomb costs no more than that.
  /// - Throws: `.tooLarge` past the limit, `.truncated` when the stream has no end, `.malformed` otherwise.
  public static func inflate(_ input: UnsafeRawBufferPointer, limitBytes: Int) throws(WireError) -> [UInt8] {
    guard let start = input.baseAddress, input.count > 0 else { throw .truncated("compressed data", at: 0) }
    var stream = z_stream()
    let size = Int32(MemoryLayout<z_stream>.size)
    // 15 + 32: largest window, header of gzip or zlib told apart by zlib.
    guard inflateInit2_(&stream, 15 + 32, ZLIB_VERSION, size) == Z_OK else { throw outOfMemory }
    defer { inflateEnd(&stream) }
    let chunk = UnsafeMutablePointer<UInt8>.allocate(capacity: chunkBytes)
    defer { chunk.deallocate() }
    var output: [UInt8] = []
    output.reserveCapacity(max(0, min(limitBytes, input.count.multipliedReportingOverflow(by: 4).partialValue)))
    var taken = 0
    while true {
      let offered = min(input.count - taken, 1 << 30)
      stream.next_in = UnsafeMutablePointer(mutating: start.advanced(by: taken).assumingMemoryBound(to: UInt8.self))
      stream.avail_in = UInt32(offered)
      stream.next_out = chunk
      stream.avail_out = UInt32(chunkBytes)
      let result = CZlib.inflate(&stream, Z_NO_FLUSH)
      taken += offered - Int(stream.avail_in)
      let made = chunkBytes - Int(stream.avail_out)
      guard made <= limitBytes - output.count else { throw tooLarge(limitBytes) }
      output.append(contentsOf: UnsafeBufferPointer(start: chunk, count: made))
      switch result {
      case Z_OK: break
      case Z_STREAM_END:
        guard try anotherMember(input, at: taken) else { return output }
        inflateReset(&stream)
      case Z_BUF_ERROR: throw .truncated("compressed data", at: taken)
      case Z_MEM_ERROR: throw outOfMemory
      default: throw .malformed("not gzip or zlib data", at: taken)
      }
    }
  }

  /// What follows a finished member: nothing or zero padding ends the data, a gzip header starts another member.
  private static func anotherMember(_ input: UnsafeRawBufferPointer, at offset: Int) throws(WireError) -> Bool {
    let rest = input.part(offset..<input.count)
    if rest.allSatisfy({ $0 == 0 }) { return false }
    guard input.count > 1, input[0] == 0x1F, rest[0] == 0x1F else {
      throw .malformed("bytes after the end of the compressed data", at: offset)
    }
    return true
  }

  /// Compresses into one gzip member, for clients and tests.
  public static func deflate(_ input: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    let size = Int32(MemoryLayout<z_stream>.size)
    let started = deflateInit2_(
      &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
    // The parameters are constants, so only an allocation can have failed: as fatal here as it is for an array.
    precondition(started == Z_OK, "zlib could not allocate")
    defer { deflateEnd(&stream) }
    let bound = Int(deflateBound(&stream, UInt(input.count)))
    return [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      input.withUnsafeBufferPointer { bytes in
        stream.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
        stream.avail_in = UInt32(clamping: bytes.count)
        stream.next_out = buffer.baseAddress
        stream.avail_out = UInt32(clamping: bound)
        _ = CZlib.deflate(&stream, Z_FINISH)
      }
      count = Int(stream.total_out)
    }
  }

  private static let outOfMemory = WireError(kind: .tooLarge, message: "no memory to inflate")

  private static func tooLarge(_ limitBytes: Int) -> WireError {
    WireError(kind: .tooLarge, message: "inflates to more than \(limitBytes) bytes")
  }
}
