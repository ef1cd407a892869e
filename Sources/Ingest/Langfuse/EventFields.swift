import Domain
import Wire

/// The members of an event's body: small fields as values, free-form ones as the JSON they came as.
struct EventFields {
  /// Members that are not nil and not free-form; of a repeated key the last counts.
  private var values: [String: JSONValue] = [:]
  /// JSON of `input`, `output`, `metadata`, `modelParameters`.
  private var raws: [String: String] = [:]
  /// The members of `metadata` that mean something to us: texts, and true as "true".
  private(set) var metadataTexts: [String: String] = [:]
  private(set) var isMetadataObject = false

  private static let freeForm: Set<String> = ["input", "output", "metadata", "modelParameters"]
  private static let readMetadata: Set<String> = [
    "endpoint", "feature", "ls_provider", "service_tier", "object", "id", "batch", "cache_hit", "cacheHit",
    "inference_geo", "provider_region", "aws_region", "aws_region_name", "vertex_location",
  ]

  /// Reads the object that comes next.
  init(_ scanner: inout JSONScanner) throws(WireError) {
    try scanner.enterObject()
    while let key = try scanner.nextKey() {
      if !Self.freeForm.contains(key) {
        values[key] = try scanner.value()
      } else if try scanner.takeNull() {
        raws[key] = nil
      } else {
        if key == "metadata" { try readMetadata(scanner) }
        raws[key] = try scanner.rawText()
      }
    }
  }

  private mutating func readMetadata(_ bookmark: JSONScanner) throws(WireError) {
    var scanner = bookmark
    metadataTexts = [:]
    isMetadataObject = try scanner.kind() == .object
    guard isMetadataObject else { return }
    try scanner.enterObject()
    while let key = try scanner.nextKey() {
      let kind = try scanner.kind()
      if Self.readMetadata.contains(key), kind == .string {
        metadataTexts[key] = try scanner.string()
      } else if kind == .bool, Self.readMetadata.contains(key) {
        metadataTexts[key] = try scanner.value() == .bool(true) ? "true" : nil
      } else {
        _ = try scanner.skipValue()
      }
    }
  }

  subscript(key: String) -> JSONValue? {
    guard let value = values[key], !value.isNull else { return nil }
    return value
  }

  // MARK: - Typed fields

  /// nil when absent, null or empty.
  func text(_ key: String, max: Int = 10_000) throws(EventRefusal) -> String? {
    guard let value = self[key] else { return nil }
    guard let text = value.stringValue else { throw .field(key, "must be a string") }
    guard text.utf8.count <= max else { throw .field(key, "must be at most \(max) bytes long") }
    return text.isEmpty ? nil : text
  }

  /// An id: as text, of 1 to 800 characters.
  func id(_ key: String) throws(EventRefusal) -> String? {
    guard let value = self[key] else { return nil }
    guard let text = value.stringValue, !text.isEmpty, text.utf8.count <= 800 else {
      throw EventRefusal(reason: .invalidID, detail: "\(key): must be a string of 1 to 800 characters")
    }
    return text
  }

  func time(_ key: String) throws(EventRefusal) -> Timestamp? {
    guard let value = self[key] else { return nil }
    guard let time = value.stringValue.flatMap(ISOTime.parse) else {
      throw .field(key, "must be an ISO 8601 date and time with offset")
    }
    return time
  }

  func flag(_ key: String) throws(EventRefusal) -> Bool? {
    guard let value = self[key] else { return nil }
    guard let flag = value.boolValue else { throw .field(key, "must be true or false") }
    return flag
  }

  func object(_ key: String) throws(EventRefusal) -> JSONValue? {
    guard let value = self[key] else { return nil }
    guard value.objectValue != nil else { throw .field(key, "must be an object") }
    return value
  }

  func texts(_ key: String) throws(EventRefusal) -> [String]? {
    guard let value = self[key] else { return nil }
    guard let list = value.arrayValue else { throw .field(key, "must be a list of strings") }
    let texts = list.compactMap(\.stringValue)
    guard texts.count == list.count else { throw .field(key, "must be a list of strings") }
    return texts
  }

  // MARK: - Free-form fields

  /// The body of `kind` in field `key`; an empty text or object says nothing and so never erases.
  func body(_ key: String, _ kind: BodyKind) -> BodyPart? {
    guard let raw = raws[key], raw != "\"\"", !Self.isEmptyObject(raw) else { return nil }
    return BodyPart(kind: kind, text: raw, stamp: Stamp(time: 0, rank: 0, hash: 0))
  }

  /// The tier that the parameters of the model ask for.
  var requestedTier: String? {
    guard let raw = raws["modelParameters"], Bytes.contains(raw, "service_tier") else { return nil }
    return (try? JSON.parse(raw))?["service_tier"]?.stringValue
  }

  /// Metadata as an object; anything else stands under the key `metadata`.
  var metadata: BodyPart? {
    guard var part = body("metadata", .metadata) else { return nil }
    if !isMetadataObject { part.text = "{\"metadata\":\(part.text)}" }
    return part
  }

  /// Metadata parsed; nil when there is none or it is no object.
  var metadataObject: JSONValue? {
    guard isMetadataObject, let raw = raws["metadata"] else { return nil }
    return try? JSON.parse(raw)
  }

  /// Fields without a column of their own, as one attributes object.
  func attributes(_ keys: [String]) -> BodyPart? {
    let members = keys.compactMap { key -> String? in
      let text = raws[key] ?? self[key].map(JSON.serialise)
      guard let text, !Self.isEmptyObject(text) else { return nil }
      return "\"\(key)\":\(text)"
    }
    guard !members.isEmpty else { return nil }
    let text = "{" + members.joined(separator: ",") + "}"
    return BodyPart(kind: .attributes, text: text, stamp: Stamp(time: 0, rank: 0, hash: 0))
  }

  private static func isEmptyObject(_ raw: String) -> Bool {
    raw.utf8.first == UInt8(ascii: "{") && raw.utf8.last == UInt8(ascii: "}")
      && raw.utf8.dropFirst().dropLast().allSatisfy { $0 == 32 || (9...13).contains($0) }
  }
}
