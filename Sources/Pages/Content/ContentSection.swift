import Domain
import HTML

/// An input or output: as a conversation where it is one, else as folded JSON or text; the raw text always beside.
struct ContentSection: HTMLConvertible {
  let title: String
  let text: String
  /// Characters of raw text on a page; the API has all.
  private static let rawLimit = 400_000
  private static let longText = 6000

  var html: HTML {
    let value = JSONValue(text)
    return """
      <section class="content"><h3>\(title)</h3>\(body(value))\(if: value != nil && value?.text == nil, raw)</section>
      """
  }

  private func body(_ value: JSONValue?) -> HTML {
    guard let value else { return Self.plain(text) }
    if let text = value.text { return Self.plain(text) }
    guard let messages = ChatMessage.conversation(in: value) else { return JSONTree.render(value) }
    return "<ol class=\"chat\">\(messages, { Self.turn($0) })</ol>"
  }

  private var raw: HTML {
    let shown = text.prefix(Self.rawLimit)
    return """
      <details class="raw"><summary>Raw</summary><pre data-copyable>\(shown)</pre>\
      \(if: shown.count < text.count, "<p class=\"note\">Cut after \(CountText(Int64(Self.rawLimit))) characters; the API gives the whole text.</p>")</details>
      """
  }

  static func plain(_ text: String) -> HTML {
    let pieces = MediaMark.pieces(of: text)
    guard pieces.count > 1 || MediaMark(text) != nil else { return words(text) }
    return pieces.reduce(into: HTML()) { html, piece in
      switch piece {
      case .text(let text): html += words(String(text))
      case .mark(let mark): html += MediaView(mark: mark).html
      }
    }
  }

  private static func words(_ text: String) -> HTML {
    if text.utf8.count <= longText { return "<div class=\"text\">\(text)</div>" }
    return """
      <div class="text">\(text.prefix(longText / 2))</div><details class="rest"><summary>\
      \(CountText(Int64(text.count - longText / 2))) more characters</summary><div class="text">\
      \(text.dropFirst(longText / 2))</div></details>
      """
  }

  private static func turn(_ message: ChatMessage) -> HTML {
    """
    <li class="turn \(roleClass(message.role))"><h4>\(message.role)</h4><div>\
    \(message.parts, { part($0) })\(if: message.parts.isEmpty, "<p class=\"note\">No content</p>")</div></li>
    """
  }

  private static func roleClass(_ role: String) -> String {
    switch role {
    case "system", "developer": "system"
    case "assistant", "model", "ai": "assistant"
    case "tool", "function": "tool"
    default: "user"
    }
  }

  private static func part(_ part: ChatMessage.Part) -> HTML {
    switch part {
    case .text(let text): plain(text)
    case .reasoning(let text): "<details class=\"thought\"><summary>Reasoning</summary>\(plain(text))</details>"
    case .toolCall(let name, let arguments):
      "<div class=\"call\"><p><span class=\"note\">calls</span> <code>\(name)</code></p>\(value(arguments))</div>"
    case .toolResult(let result): value(result)
    case .media(let type): "<p class=\"note\">\(type), not shown</p>"
    case .file(let mark): MediaView(mark: mark).html
    case .other(let other): JSONTree.render(other)
    }
  }

  private static func value(_ value: JSONValue) -> HTML {
    if let text = value.text { return plain(text) }
    return value == .null ? "" : JSONTree.render(value)
  }
}
