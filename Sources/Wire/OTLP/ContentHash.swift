/// A 64-bit hash of decoded content, the same in every process and for both encodings. Not for secrets.
struct ContentHash {
  private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

  var value: UInt64 { ContentHash.mix(state, 0xD6E8_FEB8_6659_FD93) }

  @inline(__always)
  mutating func add(_ number: UInt64) {
    state = ContentHash.mix(state ^ number, 0xA076_1D64_78BD_642F)
  }

  /// Length first, so that neighbours cannot run into each other.
  @inline(__always)
  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    add(UInt64(truncatingIfNeeded: bytes.count))
    var index = 0
    while index + 8 <= bytes.count {
      add(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)))
      index += 8
    }
    var tail: UInt64 = 0
    while index < bytes.count {
      tail = tail << 8 | UInt64(bytes[index])
      index += 1
    }
    add(tail)
  }

  @inline(__always)
  mutating func add(_ text: String) {
    var text = text
    text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
  }

  mutating func add(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { add($0) }
  }

  mutating func add(_ attributes: [Attribute]) {
    add(UInt64(attributes.count))
    for attribute in attributes {
      add(attribute.key)
      add(attribute.value)
    }
  }

  mutating func add(_ value: AnyValue) {
    switch value {
    case .empty: add(0)
    case .string(let text):
      add(1)
      add(text)
    case .bool(let flag): add(flag ? 3 : 2)
    case .int(let number):
      add(4)
      add(UInt64(bitPattern: number))
    case .double(let number):
      add(5)
      add(number.isNaN ? Double.nan.bitPattern : number.bitPattern)
    case .array(let values):
      add(6)
      add(UInt64(values.count))
      for value in values { add(value) }
    case .map(let attributes):
      add(7)
      add(attributes)
    case .bytes(let bytes):
      add(8)
      add(bytes)
    }
  }

  @inline(__always)
  static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low ^ left
  }
}

extension OTLPSpan {
  func hashOfContent() -> UInt64 {
    var hash = ContentHash()
    hash.add(traceID)
    hash.add(spanID)
    hash.add(parentSpanID)
    hash.add(traceState)
    hash.add(name)
    hash.add(UInt64(UInt32(bitPattern: kind)))
    hash.add(startNanoseconds)
    hash.add(endNanoseconds)
    hash.add(attributes)
    hash.add(UInt64(droppedAttributes))
    hash.add(UInt64(events.count))
    for event in events {
      hash.add(event.timeNanoseconds)
      hash.add(event.name)
      hash.add(event.attributes)
    }
    hash.add(UInt64(links.count))
    for link in links {
      hash.add(link.traceID)
      hash.add(link.spanID)
      hash.add(link.attributes)
    }
    hash.add(UInt64(UInt32(bitPattern: statusCode)))
    hash.add(statusMessage)
    hash.add(UInt64(flags))
    return hash.value
  }
}

extension OTLPLogRecord {
  func hashOfContent() -> UInt64 {
    var hash = ContentHash()
    hash.add(timeNanoseconds)
    hash.add(observedNanoseconds)
    hash.add(UInt64(UInt32(bitPattern: severityNumber)))
    hash.add(severityText)
    hash.add(body)
    hash.add(attributes)
    hash.add(traceID)
    hash.add(spanID)
    hash.add(eventName)
    return hash.value
  }
}
