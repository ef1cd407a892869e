/// Where the service stands beneath its host: nothing, or "/x/y". Pages and routes know nothing of it: every address inside the service
/// begins at "/", and what leaves it is carried here, at three places: markup (`carried`), `Location` and cookies (at the Edge).
public struct BasePath: Sendable, Hashable {
  /// "", or "/x/y" without a slash at its end.
  public let text: String

  public static let root = BasePath(unchecked: "")
  /// Of the request that is being answered.
  @TaskLocal public static var current = BasePath.root

  private init(unchecked text: String) { self.text = text }

  /// nil unless it is empty or of parts that need no escaping: "/x", "/x/y".
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard text.isEmpty || (parts.count > 1 && parts[0].isEmpty && parts.dropFirst().allSatisfy(Self.isPart)), text.utf8.count <= 200 else { return nil }
    self.init(unchecked: text)
  }

  private static func isPart(_ part: Substring) -> Bool {
    !part.isEmpty && part != "." && part != ".."
      && part.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || [45, 46, 95, 126].contains($0) }
  }

  public var isRoot: Bool { text.isEmpty }
  /// Of cookies: "/" or "/x/y".
  public var cookiePath: String { isRoot ? "/" : text }

  /// As a browser must ask for it: an address of this service beneath the base path, any other as it is.
  public func carried(_ address: String) -> String {
    isRoot || !address.hasPrefix("/") || address.hasPrefix("//") ? address : text + address
  }

  /// A request's path and query without the base path; nil outside of it.
  public func stripped(_ address: String) -> String? {
    if isRoot { return address }
    guard address.hasPrefix(text) else { return nil }
    let rest = address.dropFirst(text.count)
    switch rest.first {
    case nil: return "/"
    case "/": return String(rest)
    case "?": return "/" + rest
    default: return nil
    }
  }

  /// Attributes whose value may be an address. A test holds the sources to them.
  public static let attributes: Set<String> = ["href", "src", "action", "formaction", "data-trace"]

  /// Markup with the base path before every address of this service. Text can't be mistaken for an attribute: its quotes are escaped.
  public func carried(markup: [UInt8]) -> [UInt8] {
    if isRoot { return markup }
    var result: [UInt8] = []
    result.reserveCapacity(markup.count + markup.count / 16)
    var copied = 0, i = 0
    while let equals = markup[i...].firstIndex(of: UInt8(ascii: "=")), equals + 3 < markup.count {
      i = equals + 1
      guard markup[equals + 1] == UInt8(ascii: "\""), markup[equals + 2] == UInt8(ascii: "/"), markup[equals + 3] != UInt8(ascii: "/"),
        Self.isAddress(markup, before: equals)
      else { continue }
      result += markup[copied..<(equals + 2)]
      result += text.utf8
      copied = equals + 2
    }
    return result + markup[copied...]
  }

  private static func isAddress(_ markup: [UInt8], before equals: Int) -> Bool {
    var start = equals
    while start > 0, (97...122).contains(markup[start - 1]) || markup[start - 1] == UInt8(ascii: "-") { start -= 1 }
    guard start > 0, [32, 10].contains(markup[start - 1]) else { return false }
    return attributes.contains(String(decoding: markup[start..<equals], as: UTF8.self))
  }
}
