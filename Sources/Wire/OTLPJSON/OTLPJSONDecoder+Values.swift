extension OTLPJSONDecoder {
  mutating func resource() throws(WireError) -> [Attribute] {
    var attributes: [Attribute] = []
    try members { (key, decoder) throws(WireError) in
      if key == "attributes" { attributes = try decoder.attributes() }
    }
    return attributes
  }

  mutating func scope() throws(WireError) -> OTLPScope {
    var scope = OTLPScope()
    try members { (key, decoder) throws(WireError) in
      switch key {
      case "name": scope.name = try decoder.text()
      case "version": scope.version = try decoder.text()
      case "attributes": scope.attributes = try decoder.attributes()
      default: break
      }
    }
    return scope
  }

  /// Header of an array on the heap.
  private static let containerBytes = 32

  /// `[{key, value}]`, or the plain object `{k: v}` that some hand-written exporters send.
  mutating func attributes(depth: Int = 1) throws(WireError) -> [Attribute] {
    var attributes: [Attribute] = []
    if try scanner.kind() == .object {
      try scanner.enterObject()
      while let key = try scanner.nextKey() {
        try take(MemoryLayout<Attribute>.stride)
        attributes.append(Attribute(key: key, value: try value(depth: depth)))
      }
    } else {
      try elements { decoder throws(WireError) in attributes.append(try decoder.attribute(depth: depth)) }
    }
    return attributes
  }

  private mutating func attribute(depth: Int) throws(WireError) -> Attribute {
    try take(MemoryLayout<Attribute>.stride)
    var attribute = Attribute(key: "", value: .empty)
    try members { (key, decoder) throws(WireError) in
      switch key {
      case "key": attribute.key = try decoder.text()
      case "value": attribute.value = try decoder.value(depth: depth)
      default: break
      }
    }
    return attribute
  }

  /// An AnyValue object, or a plain JSON value in its place.
  mutating func value(depth: Int, isPlain: Bool = false) throws(WireError) -> AnyValue {
    guard depth <= AnyValue.depthMax else { throw .tooDeep(AnyValue.depthMax, at: scanner.offset) }
    switch try scanner.kind() {
    case .null:
      _ = try scanner.takeNull()
      return .empty
    case .bool: return .bool(try scanner.bool())
    case .string: return .string(try scanner.string())
    case .number: return number(try scanner.number())
    case .array: return .array(try values(depth: depth + 1, isPlain: isPlain))
    case .object: return isPlain ? try plainMap(depth: depth + 1) : try anyValue(depth: depth)
    }
  }

  /// The members of a plain object, nothing beneath it being typed: so no byte is looked at more than twice.
  private mutating func plainMap(depth: Int) throws(WireError) -> AnyValue {
    try take(OTLPJSONDecoder.containerBytes)
    var members: [Attribute] = []
    try scanner.enterObject()
    while let key = try scanner.nextKey() {
      try take(MemoryLayout<Attribute>.stride)
      members.append(Attribute(key: key, value: try value(depth: depth, isPlain: true)))
    }
    return .map(members)
  }

  /// By its member: `stringValue` and so on. An object whose members are all unknown is a plain one: a map.
  private mutating func anyValue(depth: Int) throws(WireError) -> AnyValue {
    let start = scanner
    var value = AnyValue.empty
    var isPlain = false
    try scanner.enterObject()
    while let key = try scanner.nextKey() {
      guard OTLPJSONDecoder.isTyped(key) else {
        isPlain = true
        _ = try scanner.skipValue()
        continue
      }
      if try !scanner.takeNull() { value = try typedValue(key, depth: depth) }
    }
    guard isPlain, value == .empty else { return value }
    scanner = start
    return try plainMap(depth: depth + 1)
  }

  private static func isTyped(_ key: String) -> Bool {
    switch key {
    case "stringValue", "intValue", "doubleValue", "boolValue", "arrayValue", "kvlistValue", "bytesValue": true
    default: false
    }
  }

  private mutating func typedValue(_ key: String, depth: Int) throws(WireError) -> AnyValue {
    switch key {
    case "boolValue": return try boolValue()
    case "intValue": return intValue(try text())
    case "doubleValue": return doubleValue(try text())
    case "arrayValue":
      return .array(try listed { decoder throws(WireError) in try decoder.values(depth: depth + 1) })
    case "kvlistValue":
      return .map(try listed { decoder throws(WireError) in try decoder.attributes(depth: depth + 1) })
    case "bytesValue":
      let text = try text()
      return Base64.decode(text).map(AnyValue.bytes) ?? .string(text)
    default: return .string(try text())
    }
  }

  /// The `values` member of an ArrayValue or KeyValueList.
  private mutating func listed<Element>(
    _ read: (inout OTLPJSONDecoder) throws(WireError) -> [Element]
  ) throws(WireError) -> [Element] {
    var list: [Element] = []
    try members { (key, decoder) throws(WireError) in
      if key == "values" { list = try read(&decoder) }
    }
    return list
  }

  private mutating func values(depth: Int, isPlain: Bool = false) throws(WireError) -> [AnyValue] {
    try take(OTLPJSONDecoder.containerBytes)
    var values: [AnyValue] = []
    try scanner.enterArray()
    while try scanner.nextElement() {
      try take(MemoryLayout<AnyValue>.stride)
      values.append(try value(depth: depth, isPlain: isPlain))
    }
    return values
  }

  private mutating func boolValue() throws(WireError) -> AnyValue {
    let text = try text()
    return text == "true" ? .bool(true) : text == "false" ? .bool(false) : .string(text)
  }

  /// What is no int64 keeps its text rather than cost the span.
  private func intValue(_ text: String) -> AnyValue {
    (Int64(text) ?? NumberText(text)?.whole()).map(AnyValue.int) ?? .string(text)
  }

  private func doubleValue(_ text: String) -> AnyValue {
    switch text {
    case "NaN": .double(.nan)
    case "Infinity": .double(.infinity)
    case "-Infinity": .double(-.infinity)
    default: JSONNumber.double(text).map(AnyValue.double) ?? .string(text)
    }
  }

  /// A plain number: an int when it is written as one and fits, else a double.
  private func number(_ text: String) -> AnyValue {
    Int64(text).map(AnyValue.int) ?? JSONNumber.double(text).map(AnyValue.double) ?? .string(text)
  }
}
