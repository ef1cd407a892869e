import Domain
import Testing
import Wire

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// One file of `Cases`: what was sent, and what the invoice says (README.md has the form).
struct GoldenCase: Sendable, CustomTestStringConvertible {
  /// "cache/anthropic-write".
  let name: String
  let json: JSONObject

  var testDescription: String { name }
  var title: String { json["title"]?.stringValue ?? name }
  var start: String { json["start"]?.stringValue ?? "2026-11-15T12:00:00Z" }
  var how: [String] { (json["how"]?.arrayValue ?? []).compactMap(\.stringValue) }
  var expected: JSONObject { json["expected"]?.objectValue ?? JSONObject() }
  /// Why the product doesn't agree yet; nil when it must.
  var known: String? { json["known"]?.stringValue }
  var ways: [Way] {
    (json["ways"]?.arrayValue ?? []).compactMap(\.objectValue).map { Way(json: $0, of: self) }
  }

  /// One sender's way of telling the case.
  struct Way: Sendable {
    let json: JSONObject
    let via: String
    let start: String
    let expected: JSONObject
    let how: [String]
    let known: String?

    init(json: JSONObject, of whole: GoldenCase) {
      self.json = json
      via = json["via"]?.stringValue ?? "-"
      start = json["start"]?.stringValue ?? whole.start
      var expected = whole.expected
      for member in json["expected"]?.objectValue?.members ?? [] { expected.put(member.key, member.value) }
      self.expected = expected
      how = json["how"]?.arrayValue?.compactMap(\.stringValue) ?? whole.how
      known = json["known"]?.stringValue ?? whole.known
    }
  }

  private static let folder =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/Cases"

  /// Every case file, by name. A file that can't be read becomes a case without ways, which fails.
  static let all: [GoldenCase] = {
    let files = FileManager.default
    let groups = (try? files.contentsOfDirectory(atPath: folder)) ?? []
    let names = groups.flatMap { group in
      ((try? files.contentsOfDirectory(atPath: folder + "/" + group)) ?? []).map { group + "/" + $0 }
    }
    return names.filter { $0.hasSuffix(".json") }.sorted().map { name in
      let bytes = files.contents(atPath: folder + "/" + name).map { [UInt8]($0) } ?? []
      let json = try? JSON.parse(bytes).objectValue
      return GoldenCase(name: String(name.dropLast(5)), json: json ?? JSONObject())
    }
  }()
}

extension JSONObject {
  /// Replaces the member of that name, or adds it.
  mutating func put(_ key: String, _ value: JSONValue) {
    members.removeAll { $0.key == key }
    members.append(JSONMember(key: key, value: value))
  }
}
