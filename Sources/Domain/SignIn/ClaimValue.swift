/// A value in what an identity provider says of somebody: any JSON.
public enum ClaimValue: Sendable, Hashable, Codable {
  case null
  case flag(Bool)
  case number(Double)
  case text(String)
  case list([ClaimValue])
  case object([String: ClaimValue])

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let list = try? container.decode([ClaimValue].self) {
      self = .list(list)
    } else {
      self = .object(try container.decode([String: ClaimValue].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .flag(let flag): try container.encode(flag)
    case .number(let number): try container.encode(number)
    case .text(let text): try container.encode(text)
    case .list(let list): try container.encode(list)
    case .object(let object): try container.encode(object)
    }
  }

  public var text: String? { if case .text(let text) = self { text } else { nil } }
  public var number: Double? { if case .number(let number) = self { number } else { nil } }

  /// A text, or the texts of a list; anything else is none.
  public var texts: [String] {
    switch self {
    case .text(let text): [text]
    case .list(let list): list.compactMap(\.text)
    case .null, .flag, .number, .object: []
    }
  }

  /// true, "true", 1 and "1": providers differ.
  public var isTrue: Bool {
    switch self {
    case .flag(let flag): flag
    case .number(let number): number == 1
    case .text(let text): text == "true" || text == "1"
    case .null, .list, .object: false
    }
  }
}

extension [String: ClaimValue] {
  /// By its name, else by its path: "realm_access.roles" is `roles` in `realm_access`.
  public func claim(_ name: String) -> ClaimValue? {
    if let value = self[name] { return value }
    guard let dot = name.firstIndex(of: "."), case .object(let inner)? = self[String(name[..<dot])] else { return nil }
    return inner.claim(String(name[name.index(after: dot)...]))
  }
}
