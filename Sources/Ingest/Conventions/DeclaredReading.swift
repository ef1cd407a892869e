import Domain
import Wire

/// Finds the values of an organisation's declared keys, whatever convention says them. Strings, numbers and booleans count; lists,
/// objects, null and blank texts don't.
enum DeclaredReading {
  /// nil for a value that isn't kept; cut to what is.
  static func text(_ value: JSONValue) -> String? {
    switch value {
    case .string(let text), .number(let text): cut(text)
    case .bool(let flag): flag ? "true" : "false"
    case .null, .array, .object: nil
    }
  }

  static func text(_ value: AnyValue?) -> String? {
    guard let value else { return nil }
    if case .double(let number) = value, !number.isFinite { return nil }
    return cut(value.stringValue)
  }

  private static func cut(_ text: String?) -> String? { Limits.cut(text, DeclaredKey.valueBytesMax) }

  /// A member of metadata: by its plain name, else `a.b` as the member `b` of the object `a`, which may stand as JSON text.
  static func text(_ key: String, in metadata: JSONValue) -> String? {
    if let plain = metadata[key] { return text(plain) }
    for (name, rest) in paths(key) {
      if let inner = metadata[name].flatMap(object), let found = text(rest, in: inner) { return found }
    }
    return nil
  }

  /// The ways to take a dotted key for a member and a path below it, the shortest member first.
  static func paths(_ key: String) -> [(name: String, rest: String)] {
    var paths: [(name: String, rest: String)] = []
    for at in key.indices where key[at] == "." && at > key.startIndex {
      let rest = key[key.index(after: at)...]
      if !rest.isEmpty { paths.append((String(key[..<at]), String(rest))) }
    }
    return paths
  }

  /// SDKs write objects in metadata as JSON text.
  static func object(_ value: JSONValue) -> JSONValue? {
    if value.objectValue != nil { return value }
    guard case .string(let text) = value, text.utf8.first == UInt8(ascii: "{") else { return nil }
    return (try? JSON.parse(text)).flatMap { $0.objectValue == nil ? nil : $0 }
  }
}

// MARK: - Spans

extension SpanReading {
  /// A member of what was sent under `prefix` one by one, else of the whole document in `slot`.
  fileprivate func declared(_ key: String, under prefix: KeyPrefix, _ document: JSONValue?) -> String? {
    let members = under(prefix)
    for member in members where member.rest == key {
      if let text = DeclaredReading.text(attributes[member.index].value) { return text }
    }
    if let text = document.flatMap({ DeclaredReading.text(key, in: $0) }) { return text }
    for (name, rest) in DeclaredReading.paths(key) {
      for member in members where member.rest == name {
        guard let inner = DeclaredReading.object(attributes[member.index].value.jsonValue) else { continue }
        if let text = DeclaredReading.text(rest, in: inner) { return text }
      }
    }
    return nil
  }
}

extension SpanFacts {
  /// Of the span: an attribute of that name, else metadata, else an attribute of the resource.
  mutating func fillDeclared() {
    for key in shared.context.declaredKeys {
      let said =
        DeclaredReading.text(span.attributes[key]) ?? reading.declared(key, under: .metadata, metadataJSON)
        ?? shared.declared[key]
      if let said { facts.declared.say(key, said, stamp) }
    }
  }

  /// Of the trace as a whole: its metadata. `stamp` is that of all else the span says of it.
  func fillDeclared(_ trace: inout TraceFacts, _ stamp: Stamp) {
    guard !shared.context.declaredKeys.isEmpty,
      reading.has(Slot.traceMetadata) || reading.has(KeyPrefix.traceMetadata)
    else { return }
    let document = shared.texts.json(reading[.traceMetadata])
    for key in shared.context.declaredKeys {
      if let said = reading.declared(key, under: .traceMetadata, document) { trace.declared.say(key, said, stamp) }
    }
  }
}

extension SpanContext {
  /// What a resource says.
  static func declared(_ keys: [String], _ resource: [Attribute]) -> [String: String] {
    keys.reduce(into: [:]) { $0[$1] = DeclaredReading.text(resource[$1]) }
  }
}

// MARK: - Events of the batch protocol

extension BatchEvent {
  /// What the body's metadata says.
  func declared(_ context: IngestContext) -> DeclaredValues {
    var values = DeclaredValues()
    guard !context.declaredKeys.isEmpty, let metadata = fields.metadataObject else { return values }
    for key in context.declaredKeys {
      if let said = DeclaredReading.text(key, in: metadata) { values.say(key, said, stamp) }
    }
    return values
  }
}
