/// The parameters of one statement in the form that libpq takes, in memory that is reused.
final class ParameterBuffer {
  private let bytes = WireBuffer()
  private var starts: [Int] = []
  private(set) var types: [UInt32] = []
  private var lengths: [Int32] = []
  private var formats: [Int32] = []
  private var pointers: [UnsafePointer<CChar>?] = []

  func fill(_ binds: [PostgresValue]) {
    bytes.removeAll()
    starts.removeAll(keepingCapacity: true)
    types.removeAll(keepingCapacity: true)
    lengths.removeAll(keepingCapacity: true)
    for bind in binds {
      types.append(bind.type.oid)
      starts.append(bind.isNull ? -1 : bytes.count)
      let start = bytes.count
      bind.encode(into: bytes)
      lengths.append(Int32(truncatingIfNeeded: bytes.count - start))
      bytes.append(UInt8(0))  // an empty value still needs an address
    }
    pointers.removeAll(keepingCapacity: true)
    let base = UnsafeRawPointer(bytes.base).assumingMemoryBound(to: CChar.self)
    for start in starts { pointers.append(start < 0 ? nil : base + start) }
    while formats.count < binds.count { formats.append(1) }
  }

  /// Count, types, values, lengths, formats.
  func withArguments<T>(
    _ body: (
      Int32, UnsafePointer<UInt32>?, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
    ) -> T
  ) -> T {
    types.withUnsafeBufferPointer { types in
      pointers.withUnsafeBufferPointer { pointers in
        lengths.withUnsafeBufferPointer { lengths in
          formats.withUnsafeBufferPointer { formats in
            body(
              Int32(pointers.count), types.baseAddress, pointers.baseAddress, lengths.baseAddress, formats.baseAddress)
          }
        }
      }
    }
  }
}
