import Domain

/// A cursor that was not made by the page before, or by one with another sort.
public struct InvalidCursor: Error, Sendable, Hashable {
  public let message: String
}

/// Where a page of a trace list ended: the sort value and the identity of its last trace. Opaque to readers.
struct PageCursor: Sendable, Hashable {
  var sort: TraceSort
  var isAscending: Bool
  /// Microseconds, pico-USD or tokens; nil when the last trace has no value.
  var value: Int128?
  var project: ProjectID
  var trace: TraceID

  private static let version = "1"

  /// base64url without padding.
  var text: String {
    let direction = isAscending ? "a" : "d"
    let fields = [Self.version, sort.rawValue, direction, value.map(String.init) ?? "", project.description, trace.hex]
    return Base64URL.encode(fields.joined(separator: "|").utf8)
  }

  /// Errors: `InvalidCursor`, also when the query's sort is another.
  init(text: String, query: TraceQuery) throws {
    guard let bytes = Base64URL.decode(text), let cursor = Self.parsed(String(decoding: bytes, as: UTF8.self)) else {
      throw InvalidCursor(message: "The cursor is not one that a page before gave.")
    }
    guard cursor.sort == query.sort, cursor.isAscending == query.ascending else {
      throw InvalidCursor(message: "The cursor belongs to a list in another order.")
    }
    self = cursor
  }

  init(sort: TraceSort, isAscending: Bool, value: Int128?, project: ProjectID, trace: TraceID) {
    self.sort = sort
    self.isAscending = isAscending
    self.value = value
    self.project = project
    self.trace = trace
  }

  private static func parsed(_ text: String) -> PageCursor? {
    let fields = text.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    guard fields.count == 6, fields[0] == version, let sort = TraceSort(rawValue: fields[1]),
      ["a", "d"].contains(fields[2]),
      let project = Int32(fields[4]), fields[5].utf8.count == 32
    else { return nil }
    let value = Int128(fields[3])
    guard value != nil || fields[3].isEmpty, value.map({ $0.magnitude < 1 << 100 }) ?? true else { return nil }
    let (trace, external) = TraceID.named(fields[5])
    guard external == nil else { return nil }
    // Times beyond the database's calendar can't come from a page.
    if sort == .time, value.map({ !(0...4_102_444_800_000_000).contains($0) }) ?? true { return nil }
    return PageCursor(
      sort: sort, isAscending: fields[2] == "a", value: value, project: ProjectID(project), trace: trace)
  }
}

/// RFC 4648 §5, without padding.
enum Base64URL {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  static func encode(_ bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    var bits: UInt32 = 0
    var count: UInt32 = 0
    for byte in bytes {
      bits = bits << 8 | UInt32(byte)
      count += 8
      while count >= 6 {
        count -= 6
        text.append(alphabet[Int(bits >> count & 63)])
      }
      bits &= 1 << count &- 1
    }
    if count > 0 { text.append(alphabet[Int(bits << (6 - count) & 63)]) }
    return String(decoding: text, as: UTF8.self)
  }

  /// nil for a character that is not in the alphabet, or more than 1000 of them.
  static func decode(_ text: String) -> [UInt8]? {
    guard text.utf8.count <= 1000 else { return nil }
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var count: UInt32 = 0
    for character in text.utf8 {
      guard let place = alphabet.firstIndex(of: character) else { return nil }
      bits = bits << 6 | UInt32(place)
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> count))
      }
      bits &= 1 << count &- 1
    }
    return bytes
  }
}
