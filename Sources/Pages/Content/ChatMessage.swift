import Domain

/// One turn of a conversation, read from the shapes that the field's senders use.
struct ChatMessage: Equatable {
  enum Part: Equatable {
    case text(String)
    case reasoning(String)
    case toolCall(name: String, arguments: JSONValue)
    case toolResult(JSONValue)
    /// An image, a file or audio: what it is, never its bytes.
    case media(String)
    /// The same, taken out of the body when it arrived.
    case file(MediaMark)
    case other(JSONValue)
  }

  /// "system", "user", "assistant", "tool" or what the sender wrote.
  var role: String
  var parts: [Part]

  /// The conversation in `value`; nil when it is not one.
  static func conversation(in value: JSONValue) -> [ChatMessage]? {
    if let list = value.elements {
      let messages = list.compactMap(message)
      return messages.count == list.count && !messages.isEmpty ? messages : nil
    }
    for key in ["messages", "input", "contents"] {
      if let list = value[key]?.elements, let inner = conversation(in: .array(list)) {
        return system(of: value) + inner
      }
    }
    if let choices = value["choices"]?.elements {
      let messages = choices.compactMap { $0["message"].flatMap(message) }
      return messages.isEmpty ? nil : messages
    }
    if let list = value["output"]?.elements, let inner = conversation(in: .array(list)) { return inner }
    return message(value).map { [$0] }
  }

  /// Anthropic and Google keep the system text beside the messages.
  private static func system(of value: JSONValue) -> [ChatMessage] {
    guard let content = value["system"] ?? value["instructions"], content != .null else { return [] }
    return [ChatMessage(role: "system", parts: parts(content))]
  }

  private static func message(_ value: JSONValue) -> ChatMessage? {
    guard let members = value.members else { return nil }
    if let type = value["type"]?.text, value["role"] == nil { return item(type, value) }
    guard let role = value["role"]?.text,
      members.contains(where: { ["content", "parts", "tool_calls", "contents"].contains($0.key) })
    else { return nil }
    var all: [Part] = []
    if let reasoning = (value["reasoning_content"] ?? value["reasoning"])?.text, !reasoning.isEmpty {
      all.append(.reasoning(reasoning))
    }
    let content = parts(value["content"] ?? value["parts"] ?? value["contents"] ?? .null)
    all += role == "tool" ? content.map(asResult) : content
    for call in value["tool_calls"]?.elements ?? [] { all.append(toolCall(call)) }
    if let refusal = value["refusal"]?.text { all.append(.text(refusal)) }
    return ChatMessage(role: role, parts: all)
  }

  /// An entry of OpenAI's Responses lists.
  private static func item(_ type: String, _ value: JSONValue) -> ChatMessage? {
    switch type {
    case "function_call": ChatMessage(role: "assistant", parts: [toolCall(value)])
    case "function_call_output": ChatMessage(role: "tool", parts: [.toolResult(opened(value["output"] ?? .null))])
    case "reasoning":
      ChatMessage(
        role: "assistant", parts: (value["summary"]?.elements ?? []).compactMap { $0["text"]?.text }.map(Part.reasoning)
      )
    default: nil
    }
  }

  private static func asResult(_ part: Part) -> Part {
    if case .text(let text) = part { return .toolResult(opened(.string(text))) }
    return part
  }

  private static func parts(_ content: JSONValue) -> [Part] {
    switch content {
    case .null: []
    case .string(let text): text.isEmpty ? [] : [.text(text)]
    case .array(let list): list.map(part)
    default: [part(content)]
    }
  }

  private static func part(_ value: JSONValue) -> Part {
    if let text = value.text { return .text(text) }
    let text = (value["text"] ?? value["content"])?.text
    switch value["type"]?.text {
    case "text", "input_text", "output_text": return text.map(Part.text) ?? .other(value)
    case "thinking", "reasoning": return (value["thinking"]?.text ?? text).map(Part.reasoning) ?? .other(value)
    case "tool_use", "tool_call", "function_call": return toolCall(value)
    case "tool_result", "tool_call_response":
      return .toolResult(opened(value["content"] ?? value["response"] ?? value["result"] ?? .null))
    case let type? where ["image", "audio", "file", "video", "document", "blob", "uri"].contains { type.contains($0) }:
      return value.mediaMark.map(Part.file) ?? .media(type)
    case nil: return text.map(Part.text) ?? (value["functionCall"].map(toolCall) ?? .other(value))
    default: return .other(value)
    }
  }

  private static func toolCall(_ value: JSONValue) -> Part {
    let function = value["function"] ?? value
    let name = function["name"]?.text ?? value["name"]?.text ?? "tool"
    return .toolCall(
      name: name, arguments: opened(function["arguments"] ?? function["input"] ?? function["args"] ?? .null))
  }

  /// JSON inside a text is shown as JSON.
  private static func opened(_ value: JSONValue) -> JSONValue {
    guard let text = value.text, let first = text.utf8.first, first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    else { return value }
    return JSONValue(text) ?? value
  }
}
