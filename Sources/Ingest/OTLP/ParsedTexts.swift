import Wire

/// What short texts of a request mean. Spans of one request repeat their metadata, parameters, providers and tags: each
/// is parsed once. For one thread.
final class ParsedTexts {
  private var documents: [String: JSONValue?] = [:]
  private var objects: [String: String] = [:]
  private var names: [String: String] = [:]
  /// Longer texts hardly repeat.
  private static let bytesMax = 1024
  private static let entriesMax = 64

  /// As `AnyValue.parsedJSON`.
  func json(_ value: AnyValue?) -> JSONValue? {
    guard let value else { return nil }
    guard case .string(let text) = value, text.utf8.count <= Self.bytesMax else { return value.parsedJSON }
    return Self.remembered(text, in: &documents) { try? JSON.parse($0) }
  }

  /// What `make` makes of a text, for one kind of document.
  func object(_ text: String, _ make: () -> String) -> String {
    text.utf8.count > Self.bytesMax ? make() : Self.remembered(text, in: &objects) { _ in make() }
  }

  /// What `make` makes of a name, for one kind of name.
  func name(_ text: String, _ make: (String) -> String) -> String {
    text.utf8.count > Self.bytesMax ? make(text) : Self.remembered(text, in: &names, make)
  }

  private static func remembered<Value>(
    _ text: String, in known: inout [String: Value], _ make: (String) -> Value
  ) -> Value {
    if let value = known[text] { return value }
    let value = make(text)
    if known.count >= entriesMax { known.removeAll(keepingCapacity: true) }
    known[text] = value
    return value
  }
}
