/// Decodes OTLP messages. Tags appear as literals, field number << 3 | wire type, with the field's name beside; a field
/// of another wire type than expected is unknown and skipped, as protobuf demands.
struct ProtobufDecoder {
  private var budget: DecodeBudget
  private var keys = KeyCache()
  /// Neighbouring spans mostly share a trace: one array for all of them.
  private var recentTraceID: [UInt8] = []
  /// Neighbouring spans mostly have as many attributes.
  private var recentAttributeCount = 0

  /// Header of an array on the heap.
  private static let containerBytes = 32

  init(bodyBytes: Int) {
    budget = DecodeBudget(bodyBytes: bodyBytes)
  }

  // MARK: What traces and logs share

  mutating func take(_ bytes: Int) throws(WireError) { try budget.take(bytes) }

  mutating func resource(_ message: ProtobufReader, into attributes: inout [Attribute]) throws(WireError) {
    var reader = message
    while let tag = try reader.tag() {
      switch tag {
      case 10: attributes.append(try attribute(reader.message(), depth: 1))  // attributes
      default: try reader.skip(tag)
      }
    }
  }

  mutating func scope(_ message: ProtobufReader, into scope: inout OTLPScope) throws(WireError) {
    var reader = message
    while let tag = try reader.tag() {
      switch tag {
      case 10: scope.name = text(try reader.message())  // name
      case 18: scope.version = text(try reader.message())  // version
      case 26: scope.attributes.append(try attribute(reader.message(), depth: 1))  // attributes
      default: try reader.skip(tag)
      }
    }
  }

  mutating func attribute(_ message: ProtobufReader, depth: Int) throws(WireError) -> Attribute {
    try budget.take(MemoryLayout<Attribute>.stride)
    var reader = message
    var attribute = Attribute(key: "", value: .empty)
    while let tag = try reader.tag() {
      switch tag {
      case 10: attribute.key = keys.key(try reader.message().rest)  // key
      case 18: attribute.value = try value(reader.message(), depth: depth)  // value
      default: try reader.skip(tag)
      }
    }
    return attribute
  }

  mutating func value(_ message: ProtobufReader, depth: Int) throws(WireError) -> AnyValue {
    guard depth <= AnyValue.depthMax else { throw .tooDeep(AnyValue.depthMax, at: message.offset) }
    var reader = message
    var value = AnyValue.empty
    while let tag = try reader.tag() {
      switch tag {
      case 10: value = .string(text(try reader.message()))  // string_value
      case 16: value = .bool(try reader.varint() != 0)  // bool_value
      case 24: value = .int(Int64(bitPattern: try reader.varint()))  // int_value
      case 33: value = .double(Double(bitPattern: try reader.fixed64()))  // double_value
      case 42: value = .array(try values(reader.message(), depth: depth + 1))  // array_value
      case 50: value = .map(try members(reader.message(), depth: depth + 1))  // kvlist_value
      case 58: value = .bytes(Array(try reader.message().rest))  // bytes_value
      default: try reader.skip(tag)
      }
    }
    return value
  }

  private mutating func values(_ message: ProtobufReader, depth: Int) throws(WireError) -> [AnyValue] {
    try budget.take(ProtobufDecoder.containerBytes)
    var reader = message
    var values: [AnyValue] = []
    while let tag = try reader.tag() {
      guard tag == 10 else {  // values
        try reader.skip(tag)
        continue
      }
      try budget.take(MemoryLayout<AnyValue>.stride)
      values.append(try value(reader.message(), depth: depth))
    }
    return values
  }

  private mutating func members(_ message: ProtobufReader, depth: Int) throws(WireError) -> [Attribute] {
    try budget.take(ProtobufDecoder.containerBytes)
    var reader = message
    var members: [Attribute] = []
    while let tag = try reader.tag() {
      switch tag {
      case 10: members.append(try attribute(reader.message(), depth: depth))  // values
      default: try reader.skip(tag)
      }
    }
    return members
  }

  @inline(__always)
  func text(_ message: ProtobufReader) -> String { String(repairing: message.rest) }

  mutating func traceID(_ message: ProtobufReader) -> [UInt8] {
    let bytes = message.rest
    if !recentTraceID.withUnsafeBytes({ bytes.isEqual(to: $0) }) { recentTraceID = Array(bytes) }
    return recentTraceID
  }

  var attributeCountHint: Int {
    get { recentAttributeCount }
    set { recentAttributeCount = min(newValue, 64) }
  }
}

/// Attribute keys repeat from span to span: each is validated and allocated once per body.
private struct KeyCache {
  private struct Entry {
    var hash: UInt64
    var key: String
  }

  private var entries: [Entry?] = []

  mutating func key(_ bytes: UnsafeRawBufferPointer) -> String {
    // Up to 15 bytes a string needs no allocation.
    guard bytes.count > 15 else { return String(repairing: bytes) }
    if entries.isEmpty { entries = [Entry?](repeating: nil, count: 256) }
    var hasher = ContentHash()
    hasher.add(bytes)
    let hash = hasher.value
    let slot = Int(truncatingIfNeeded: hash & 255)
    if let entry = entries[slot], entry.hash == hash, KeyCache.equal(entry.key, bytes) { return entry.key }
    let key = String(repairing: bytes)
    entries[slot] = Entry(hash: hash, key: key)
    return key
  }

  private static func equal(_ key: String, _ bytes: UnsafeRawBufferPointer) -> Bool {
    key.utf8.withContiguousStorageIfAvailable { bytes.isEqual(to: UnsafeRawBufferPointer($0)) } ?? false
  }
}
