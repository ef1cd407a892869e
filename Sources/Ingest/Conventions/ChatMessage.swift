import Wire

/// One chat message in the form every side is stored in: `{role, content, tool_calls, tool_call_id, …}`.
struct ChatMessage {
  var role: JSONValue?
  /// A text, or a list of parts.
  var content: JSONValue?
  var toolCallID: JSONValue?
  private var toolCalls: [JSONValue] = []
  private var others: [JSONMember] = []

  init(role: JSONValue?) { self.role = role }

  mutating func addToolCall(id: JSONValue?, name: JSONValue?, arguments: JSONValue?) {
    var function: [JSONMember] = []
    if let name { function.append(JSONMember(key: "name", value: name)) }
    if let arguments { function.append(JSONMember(key: "arguments", value: arguments)) }
    var call = [
      JSONMember(key: "type", value: "function"), JSONMember(key: "function", value: .object(JSONObject(function))),
    ]
    if let id { call.insert(JSONMember(key: "id", value: id), at: 0) }
    toolCalls.append(.object(JSONObject(call)))
  }

  /// Takes `keys` over as they are.
  mutating func extra(_ sent: JSONValue, keys: [String]) {
    for key in keys {
      if let value = sent[key] { others.append(JSONMember(key: key, value: value)) }
    }
  }

  var json: JSONValue {
    var members: [JSONMember] = []
    if let role { members.append(JSONMember(key: "role", value: role)) }
    if let content { members.append(JSONMember(key: "content", value: content)) }
    if !toolCalls.isEmpty { members.append(JSONMember(key: "tool_calls", value: .array(toolCalls))) }
    if let toolCallID { members.append(JSONMember(key: "tool_call_id", value: toolCallID)) }
    return .object(JSONObject(members + others))
  }

  /// A single text part is its text; nothing is nil; anything else stays a list of parts.
  static func collapse(_ parts: [JSONValue]) -> JSONValue? {
    if parts.isEmpty { return nil }
    if parts.count == 1, parts[0]["type"]?.stringValue == "text", let text = parts[0]["text"] { return text }
    return .array(parts)
  }
}

/// Content told by events instead of attributes: log records or span events named `gen_ai.…`.
enum ChatEvent {
  private static let roles: [String: String] = [
    "gen_ai.system.message": "system", "gen_ai.user.message": "user", "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
  ]
  static let details = "gen_ai.client.inference.operation.details"

  static func isMessage(_ name: String) -> Bool { roles[name] != nil || name == "gen_ai.choice" }

  /// The message that an event tells; `fields` is the body of a log record or the attributes of a span event.
  static func message(_ name: String, _ fields: JSONValue) -> (isOutput: Bool, message: JSONValue)? {
    if name == "gen_ai.choice" { return (true, choice(fields)) }
    guard let role = roles[name] else { return nil }
    var message = ChatMessage(role: fields["role"] ?? .string(role))
    fill(&message, from: fields)
    if role == "tool" { message.toolCallID = fields["id"] ?? fields["tool_call_id"] }
    return (false, message.json)
  }

  private static func choice(_ fields: JSONValue) -> JSONValue {
    var sent = fields["message"] ?? fields
    if case .string(let text) = sent {
      let parsed = try? JSON.parse(text)
      sent = parsed?.objectValue == nil ? ["content": .string(text)] : parsed ?? .null
    }
    var message = ChatMessage(role: sent["role"] ?? "assistant")
    fill(&message, from: sent)
    message.extra(fields, keys: ["finish_reason"])
    return message.json
  }

  private static func fill(_ message: inout ChatMessage, from sent: JSONValue) {
    message.content = sent["content"]
    var calls = sent["tool_calls"]
    if case .string(let text) = calls { calls = try? JSON.parse(text) }
    for call in calls?.arrayValue ?? [] {
      let function = call["function"] ?? call
      message.addToolCall(id: call["id"], name: function["name"], arguments: function["arguments"])
    }
    message.extra(sent, keys: ["name"])
  }

  /// Whole message lists that one event tells.
  static func details(_ attributes: [Attribute]) -> (input: JSONValue?, output: JSONValue?) {
    let output = attributes["gen_ai.output.messages"].map(GenAIConvention.messages)
    let system = attributes["gen_ai.system_instructions"].flatMap(GenAIConvention.system)
    let input = attributes["gen_ai.input.messages"].map(GenAIConvention.messages)
    return (SpanContent.withSystem(input, system), output)
  }
}
