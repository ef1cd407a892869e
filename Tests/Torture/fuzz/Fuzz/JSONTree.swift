import Wire

/// Changes a JSON document as a tree.
enum JSONTree {
  /// The document with one to three changes; nil when it can't be read.
  static func mutated(_ input: [UInt8], _ random: inout SplitMix) -> [UInt8]? {
    guard var value = try? JSON.parse(input) else { return nil }
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      var all: [JSONValue] = []
      collect(value, &all)
      guard let donor = all.randomElement(using: &random) else { return nil }
      var place = Int.random(in: 0..<all.count, using: &random)
      value = changed(value, &place, donor, &random)
    }
    return Array(JSON.serialise(value).utf8)
  }

  private static func collect(_ value: JSONValue, _ all: inout [JSONValue]) {
    all.append(value)
    switch value {
    case .array(let values): for value in values { collect(value, &all) }
    case .object(let object): for member in object.members { collect(member.value, &all) }
    default: break
    }
  }

  private static func changed(
    _ value: JSONValue, _ place: inout Int, _ donor: JSONValue, _ random: inout SplitMix
  ) -> JSONValue {
    place -= 1
    if place == -1 { return edited(value, donor, &random) }
    switch value {
    case .array(var values):
      for i in values.indices where place >= 0 { values[i] = changed(values[i], &place, donor, &random) }
      return .array(values)
    case .object(var object):
      for i in object.members.indices where place >= 0 {
        object.members[i].value = changed(object.members[i].value, &place, donor, &random)
      }
      return .object(object)
    default: return value
    }
  }

  private static let numbers = [
    "0", "-0", "-1", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551615",
    "18446744073709551616", "1e308", "1e309", "1e999999999", "1e-400", "0.1", "1.5e3", "0.30000000000000004", "1795000000000000000",
  ]
  private static let texts = [
    "", "\0", "NaN", "Infinity", "1970-01-01T00:00:00Z", "2262-04-11T23:47:16.854Z", "9999-12-31T23:59:59.999999Z",
    "0000-01-01T00:00:00+99:99", "2026-02-30T25:61:61Z", "00000000000000000000000000000000", "\u{FEFF}", "e\u{301}", "[", "{\"a\":",
    "claude-sonnet-4-5", "generation-create", "span-update", "trace-create", "score-create", "CATEGORICAL", "BOOLEAN",
  ]

  private static func edited(_ value: JSONValue, _ donor: JSONValue, _ random: inout SplitMix) -> JSONValue {
    switch Int.random(in: 0..<9, using: &random) {
    case 0: return donor
    case 1: return .number(numbers.randomElement(using: &random) ?? "0")
    case 2: return .string(texts.randomElement(using: &random) ?? "")
    case 3: return .array([value, donor])
    case 4: return .string(JSON.serialise(value))
    case 5: return [.null, .bool(true), .object(JSONObject()), .array([])].randomElement(using: &random) ?? .null
    default: return editedInside(value, donor, &random)
    }
  }

  private static func editedInside(_ value: JSONValue, _ donor: JSONValue, _ random: inout SplitMix) -> JSONValue {
    switch value {
    case .string(let text): return .string(String(decoding: mutatedPiece(Array(text.utf8)), as: UTF8.self))
    case .number: return .number(numbers.randomElement(using: &random) ?? "0")
    case .array(var values):
      guard let i = values.indices.randomElement(using: &random) else { return .array([donor]) }
      if random.next() % 2 == 0 { values.remove(at: i) } else { values.append(contentsOf: [values[i], donor]) }
      return .array(values)
    case .object(var object):
      guard let i = object.members.indices.randomElement(using: &random),
        let j = object.members.indices.randomElement(using: &random)
      else { return .object(JSONObject([JSONMember(key: "id", value: donor)])) }
      switch random.next() % 3 {
      case 0: object.members.remove(at: i)
      case 1: object.members[i].value = object.members[j].value
      default: object.members.append(JSONMember(key: object.members[j].key, value: donor))
      }
      return .object(object)
    default: return donor
    }
  }
}
