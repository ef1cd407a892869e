extension JSONScanner {
  /// Skips the value that comes next, checking its grammar.
  /// - Returns: its bytes, without the white space around it.
  public mutating func skipValue() throws(WireError) -> Range<Int> {
    try skipValue(depthMax: JSON.depthMax)
  }

  /// Not recursive, so that the depth of the input cannot exhaust the stack.
  mutating func skipValue(depthMax: Int) throws(WireError) -> Range<Int> {
    _ = try peek()
    let start = offset
    var open = OpenContainers()
    while true {
      try skipToValueEnd(&open, depthMax: depthMax)
      var expectsValue = false
      while !open.isEmpty, !expectsValue {
        expectsValue = try skipSeparator(&open)
      }
      if !expectsValue { return start..<offset }
    }
  }

  /// Skips a scalar, or opens containers down to the first scalar or empty container.
  private mutating func skipToValueEnd(_ open: inout OpenContainers, depthMax: Int) throws(WireError) {
    while true {
      let kind = try kind()
      switch kind {
      case .string: return try skipString()
      case .number:
        _ = try numberRange()
        return
      case .null: return try literal("null")
      case .bool:
        _ = try bool()
        return
      case .array, .object:
        guard entered + open.count < depthMax else { throw .tooDeep(depthMax, at: offset) }
        open.push(isObject: kind == .object)
        offset += 1
        if try peek() == open.closing { return }
        if open.isObject { try skipKey() }
      }
    }
  }

  /// After a value: closes a container (false) or passes a comma, and a key in an object (true).
  private mutating func skipSeparator(_ open: inout OpenContainers) throws(WireError) -> Bool {
    let next = try peek()
    if next == open.closing {
      offset += 1
      open.pop()
      return false
    }
    try expect(UInt8(ascii: ","), "a comma or the end")
    if open.isObject { try skipKey() }
    return true
  }

  private mutating func skipKey() throws(WireError) {
    guard try peek() == UInt8(ascii: "\"") else { throw unexpected("a key") }
    try skipString()
    try expect(UInt8(ascii: ":"), "a colon")
  }
}

/// One bit per open container: object or array.
private struct OpenContainers {
  private var bits: UInt64 = 0
  private var full: [UInt64] = []
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }
  var isObject: Bool { bits & 1 == 1 }
  var closing: UInt8 { isObject ? UInt8(ascii: "}") : UInt8(ascii: "]") }

  mutating func push(isObject: Bool) {
    if count > 0, count % 64 == 0 {
      full.append(bits)
      bits = 0
    }
    bits = bits << 1 | (isObject ? 1 : 0)
    count += 1
  }

  mutating func pop() {
    bits >>= 1
    count -= 1
    if count > 0, count % 64 == 0 { bits = full.popLast() ?? 0 }
  }
}
