import Domain
import HTML

/// JSON as a tree that folds by `<details>`: the first two levels open, long texts folded behind their first line.
struct JSONTree {
  /// Values drawn at most; what is beyond is in the raw text.
  private var left: Int
  private static let openDepth = 2
  private static let longText = 600

  init(limit: Int = 4000) { left = limit }

  static func render(_ value: JSONValue) -> HTML {
    var tree = JSONTree()
    return "<div class=\"json\">\(tree.node(value, depth: 0))</div>"
  }

  /// `key` is what stands before the value, nothing at the root.
  private mutating func node(_ value: JSONValue, depth: Int, key: HTML = "") -> HTML {
    switch value {
    case .object(let members) where !members.isEmpty:
      container(key, members.count, "key", depth) { $0.rows(members, depth) }
    case .array(let elements) where !elements.isEmpty:
      container(key, elements.count, "item", depth) { $0.rows(elements, depth) }
    case .object: "\(key)<code>{}</code>"
    case .array: "\(key)<code>[]</code>"
    case .string(let text): Self.string(text, key)
    case .number(let text): "\(key)<span class=\"num\">\(text)</span>"
    case .bool(let flag): "\(key)<span class=\"lit\">\(flag ? "true" : "false")</span>"
    case .null: "\(key)<span class=\"lit\">null</span>"
    }
  }

  private mutating func container(
    _ key: HTML, _ count: Int, _ word: String, _ depth: Int, _ rows: (inout JSONTree) -> HTML
  ) -> HTML {
    // The root needs no fold of its own.
    if depth == 0 { return "<ul>\(rows(&self))</ul>" }
    let isOpen = depth < Self.openDepth && count <= 50
    return """
      <details\(if: isOpen, " open")><summary>\(key)<span class="size">\(count) \(word)\(if: count != 1, "s")</span>\
      </summary><ul>\(rows(&self))</ul></details>
      """
  }

  private static func key(_ text: String) -> HTML { "<span class=\"key\">\(text)</span> " }

  private mutating func rows(_ members: [JSONValue.Member], _ depth: Int) -> HTML {
    var html: HTML = ""
    for (i, member) in members.enumerated() {
      guard spend() else { return html + Self.rest(members.count - i) }
      html += "<li>\(node(member.value, depth: depth + 1, key: Self.key(member.key)))</li>"
    }
    return html
  }

  private mutating func rows(_ elements: [JSONValue], _ depth: Int) -> HTML {
    var html: HTML = ""
    for (i, element) in elements.enumerated() {
      guard spend() else { return html + Self.rest(elements.count - i) }
      html += "<li>\(node(element, depth: depth + 1, key: Self.key(String(i))))</li>"
    }
    return html
  }

  private mutating func spend() -> Bool {
    left -= 1
    return left >= 0
  }

  private static func rest(_ count: Int) -> HTML { "<li class=\"note\">\(count) more in the raw text</li>" }

  private static func string(_ text: String, _ key: HTML) -> HTML {
    if let mark = MediaMark(text) { return "\(key)\(MediaView(mark: mark))" }
    guard text.utf8.count > longText else { return "\(key)<span class=\"str\">\(text)</span>" }
    return """
      <details class="long"><summary>\(key)\(text.prefix(160))… <span class="note">\(CountText(Int64(text.count))) \
      characters</span></summary>\
      <span class="str">\(text)</span></details>
      """
  }
}
