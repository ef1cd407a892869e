import Domain

/// Where a page of a search ended. Opaque to readers.
enum SearchCursor: Sendable, Hashable {
  /// Behind a trace that is named by the text.
  case named(startedAt: Timestamp, project: ProjectID, trace: TraceID)
  /// Behind a block; nil is the beginning.
  case bodies(SearchPosition?)

  private static let version = "s1"

  /// base64url without padding.
  var text: String {
    let fields =
      switch self {
      case .named(let startedAt, let project, let trace):
        ["n", String(startedAt.microseconds), project.description, trace.hex]
      case .bodies(let position?):
        ["b", String(position.startedAt.microseconds), String(position.block), position.trace.hex]
      case .bodies(nil): ["b", "", "", ""]
      }
    return Base64URL.encode(([Self.version] + fields).joined(separator: "|").utf8)
  }

  /// *Errors:* `InvalidCursor`.
  init(text: String) throws {
    guard let bytes = Base64URL.decode(text), let cursor = Self.parsed(String(decoding: bytes, as: UTF8.self)) else {
      throw InvalidCursor(message: "The cursor is not one that a page of this search gave.")
    }
    self = cursor
  }

  private static func parsed(_ text: String) -> SearchCursor? {
    let fields = text.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    guard fields.count == 5, fields[0] == version else { return nil }
    if fields[1] == "b", fields[2].isEmpty { return .bodies(nil) }
    // Times beyond the database's calendar can't come from a page.
    guard let time = Int64(fields[2]), (-86_400_000_000...4_200_000_000_000_000).contains(time),
      let number = Int64(fields[3]), fields[4].utf8.count == 32
    else { return nil }
    let (trace, external) = TraceID.named(fields[4])
    guard external == nil else { return nil }
    let startedAt = Timestamp(microseconds: time)
    switch fields[1] {
    case "b": return .bodies(SearchPosition(startedAt: startedAt, block: number, trace: trace))
    case "n":
      return Int32(exactly: number).map { .named(startedAt: startedAt, project: ProjectID($0), trace: trace) }
    default: return nil
    }
  }
}
