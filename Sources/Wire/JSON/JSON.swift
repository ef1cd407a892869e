/// JSON texts whole: parse, check, write.
public enum JSON {
  /// The deepest nesting that is read.
  public static let depthMax = 256
  /// The most values that one scanner makes in memory: "0," is two bytes of text and forty in memory.
  public static let valuesMax = 2_000_000

  /// Reads one document. White space and a byte order mark around it are allowed, anything else is not.
  /// Invalid UTF-8, NUL and lone surrogates in strings become U+FFFD.
  public static func parse(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> JSONValue {
    var scanner = JSONScanner(bytes)
    let value = try scanner.value()
    try scanner.finish()
    return value
  }

  public static func parse(_ bytes: [UInt8]) throws(WireError) -> JSONValue {
    try bytes.withUnsafeBytes { bytes in Result { () throws(WireError) in try parse(bytes) } }.get()
  }

  public static func parse(_ text: String) throws(WireError) -> JSONValue {
    var text = text
    return try text.withUTF8 { bytes in
      Result { () throws(WireError) in try parse(UnsafeRawBufferPointer(bytes)) }
    }.get()
  }

  /// Whether `bytes` are one document by the grammar of RFC 8259, nested at most ``depthMax`` deep.
  public static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var scanner = JSONScanner(bytes)
    do {
      _ = try scanner.skipValue()
      try scanner.finish()
      return true
    } catch {
      return false
    }
  }

  public static func isValid(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { isValid($0) }
  }

  public static func isValid(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { isValid(UnsafeRawBufferPointer($0)) }
  }

  /// Compact text of `value`. Numbers as they were sent; a `number` that is none by the grammar becomes null.
  public static func serialise(_ value: JSONValue) -> String {
    var writer = JSONWriter()
    writer.value(value)
    return writer.text
  }
}
