import Glibc

/// A growing byte buffer for PostgreSQL's binary format (big-endian), reused between statements.
final class WireBuffer {
  // Every value of every row passes here; the run-time check for overlapping accesses took a tenth of encoding.
  @exclusivity(unchecked) private(set) var base: UnsafeMutableRawPointer
  @exclusivity(unchecked) private(set) var count = 0
  @exclusivity(unchecked) private var capacity: Int

  init(capacity: Int = 1024) {
    self.capacity = capacity
    base = .allocate(byteCount: capacity, alignment: 16)
  }

  deinit { base.deallocate() }

  func removeAll() { count = 0 }

  /// Forgets what was written after this position.
  func truncate(to position: Int) { count = min(count, position) }

  @inline(__always)
  private func reserve(_ extra: Int) {
    if count + extra > capacity { grow(extra) }
  }

  private func grow(_ extra: Int) {
    let grown = max(capacity * 2, count + extra)
    let fresh = UnsafeMutableRawPointer.allocate(byteCount: grown, alignment: 16)
    fresh.copyMemory(from: base, byteCount: count)
    base.deallocate()
    base = fresh
    capacity = grown
  }

  @inline(__always)
  func append<T: FixedWidthInteger>(_ value: T) {
    let size = MemoryLayout<T>.size
    reserve(size)
    base.storeBytes(of: value.bigEndian, toByteOffset: count, as: T.self)
    count += size
  }

  func append(bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress, bytes.count > 0 else { return }
    reserve(bytes.count)
    (base + count).copyMemory(from: source, byteCount: bytes.count)
    count += bytes.count
  }

  func append(_ bytes: some Collection<UInt8>) {
    if bytes.withContiguousStorageIfAvailable({ append(bytes: UnsafeRawBufferPointer($0)) }) != nil { return }
    for byte in bytes { append(byte) }
  }

  func append(utf8 text: String) {
    var text = text
    text.withUTF8 { append(bytes: UnsafeRawBufferPointer($0)) }
  }

  /// Reserves a length field of 4 bytes; `endField` fills it with what was written since.
  func beginField() -> Int {
    append(Int32(0))
    return count
  }

  func endField(_ start: Int) {
    base.storeBytes(of: Int32(truncatingIfNeeded: count - start).bigEndian, toByteOffset: start - 4, as: Int32.self)
  }

  var bytes: [UInt8] { [UInt8](UnsafeRawBufferPointer(start: base, count: count)) }
}

/// A bounds-checked reader of the binary format.
struct WireReader {
  private var rest: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

  var isAtEnd: Bool { rest.count == 0 }

  mutating func integer<T: FixedWidthInteger>(_: T.Type) throws -> T {
    let size = MemoryLayout<T>.size
    guard rest.count >= size else { throw CellProblem.malformed }
    let value = T(bigEndian: rest.loadUnaligned(as: T.self))
    rest = UnsafeRawBufferPointer(rebasing: rest[size...])
    return value
  }

  mutating func bytes(_ count: Int) throws -> UnsafeRawBufferPointer {
    guard count >= 0, rest.count >= count else { throw CellProblem.malformed }
    let slice = UnsafeRawBufferPointer(rebasing: rest[..<count])
    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    return slice
  }
}
