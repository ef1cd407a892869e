import Domain
import Wire

/// What went into a call and what came out of it: one document per side, from whichever convention tells it best.
struct SpanContent {
  var input: String?
  var output: String?
  /// Span events that were read as content.
  var usedEvents: Set<Int> = []
  /// Embedding vectors that were left out.
  var droppedVectors = 0

  init(_ span: inout SpanReading, events: [OTLPEvent], kind: ObservationKind) {
    dropVectorAttributes(&span)
    let told = Self.messages(in: events)
    input = Self.input(&span, told: told.input, kind: kind)
    output = Self.output(&span, told: told.output)
    if kind == .embedding { dropVectorsInOutput() }
    usedEvents = told.indexes
  }

  /// Chat messages as text; a plain text stays one.
  static func text(_ document: JSONValue) -> String {
    if case .string(let text) = document { return text }
    return JSON.serialise(document)
  }

  /// The system message goes in front, unless the messages begin with one.
  static func withSystem(_ messages: JSONValue?, _ system: JSONValue?) -> JSONValue? {
    guard let system else { return messages }
    guard let list = messages?.arrayValue else { return messages ?? [system] }
    let first = list.first?["role"]?.stringValue
    return first == "system" || first == "developer" ? messages : .array([system] + list)
  }

  private static func input(_ span: inout SpanReading, told: [JSONValue], kind: ObservationKind) -> String? {
    let losers: [Slot] = [.inputDocument, .inputMessages, .systemInstructions, .inputValue, .inputText]
    func settle(_ winners: [Slot]) { for slot in losers where !winners.contains(slot) { span.release(slot) } }
    if let document = span[.inputDocument] {
      settle([.inputDocument])
      return document.bodyText
    }
    if let messages = indexed(&span, .inputMessages, OpenInferenceConvention.message) {
      settle([])
      return messages
    }
    let sent = span[.inputMessages].map(GenAIConvention.messages)
    let system = span[.systemInstructions].flatMap(GenAIConvention.system)
    if let messages = withSystem(sent, system) {
      // Instructions that differ from the messages' own stay an attribute.
      settle(messages[0] == system ? [.inputMessages, .systemInstructions] : [.inputMessages])
      return text(messages)
    }
    if !told.isEmpty {
      settle([])
      return text(.array(told))
    }
    if let messages = indexed(&span, .prompts, GenAIConvention.indexedMessage) ?? texts(&span, .textPrompts, "prompt") {
      settle([])
      return messages
    }
    if kind == .embedding, let texts = texts(&span, .embeddings, "embedding") {
      settle([])
      return texts
    }
    let slot: Slot = span.has(.inputValue) ? .inputValue : .inputText
    settle([slot])
    return span[slot]?.bodyText
  }

  private static func output(_ span: inout SpanReading, told: [JSONValue]) -> String? {
    let losers: [Slot] = [.outputDocument, .outputMessages, .outputValue, .outputText]
    func settle(_ winner: Slot?) { for slot in losers where slot != winner { span.release(slot) } }
    if let document = span[.outputDocument] {
      settle(.outputDocument)
      return document.bodyText
    }
    if let messages = indexed(&span, .outputMessages, OpenInferenceConvention.message) {
      settle(nil)
      return messages
    }
    if let sent = span[.outputMessages] {
      settle(.outputMessages)
      return text(GenAIConvention.messages(sent))
    }
    if !told.isEmpty {
      settle(nil)
      return text(.array(told))
    }
    if let messages = indexed(&span, .completions, GenAIConvention.indexedMessage)
      ?? texts(&span, .textChoices, "completion")
    {
      settle(nil)
      return messages
    }
    let slot: Slot = span.has(.outputValue) ? .outputValue : .outputText
    settle(slot)
    return span[slot]?.bodyText
  }

  private static func indexed(
    _ span: inout SpanReading, _ kind: KeyPrefix, _ message: (JSONValue) -> JSONValue
  ) -> String? {
    guard let list = unflattened(span, kind)?.arrayValue else { return nil }
    span.consume(kind)
    return JSON.serialise(.array(list.map(message)))
  }

  /// `N.<name>.text` members: the single text, or a list of them.
  private static func texts(_ span: inout SpanReading, _ kind: KeyPrefix, _ name: String) -> String? {
    guard let list = unflattened(span, kind)?.arrayValue else { return nil }
    let texts = list.compactMap { $0[name]?["text"]?.stringValue }
    if texts.isEmpty { return nil }
    for entry in span.under(kind) where entry.rest.hasSuffix(".\(name).text") { span.consume(entry.index) }
    return texts.count == 1 ? texts[0] : JSON.serialise(.array(texts.map { .string($0) }))
  }

  private static func unflattened(_ span: SpanReading, _ kind: KeyPrefix) -> JSONValue? {
    guard span.has(kind) else { return nil }
    var tree = Unflatten()
    for (rest, index) in span.under(kind) where !rest.hasSuffix(".vector") {
      tree.add(rest, span.attributes[index].value.jsonValue)
    }
    return tree.json
  }

  private static func messages(
    in events: [OTLPEvent]
  ) -> (input: [JSONValue], output: [JSONValue], indexes: Set<Int>) {
    var result: (input: [JSONValue], output: [JSONValue], indexes: Set<Int>) = ([], [], [])
    for (index, event) in events.enumerated() where event.name.hasPrefix("gen_ai.") {
      if let (isOutput, message) = ChatEvent.message(event.name, AnyValue.map(event.attributes).jsonValue) {
        if isOutput { result.output.append(message) } else { result.input.append(message) }
      } else if event.name == ChatEvent.details {
        let (input, output) = ChatEvent.details(event.attributes)
        result.input += input?.arrayValue ?? []
        result.output += output?.arrayValue ?? []
      } else if event.name == "gen_ai.content.prompt", let prompt = event.attributes["gen_ai.prompt"] {
        result.input.append(older(prompt, role: "user"))
      } else if event.name == "gen_ai.content.completion", let text = event.attributes["gen_ai.completion"] {
        result.output.append(older(text, role: "assistant"))
      } else {
        continue
      }
      result.indexes.insert(index)
    }
    return result
  }

  private static func older(_ value: AnyValue, role: JSONValue) -> JSONValue {
    let parsed = value.parsedJSON
    if let parsed, parsed["role"] != nil { return parsed }
    return ["role": role, "content": parsed?.arrayValue != nil ? parsed ?? .null : .string(value.bodyText)]
  }
}

// MARK: - Embedding vectors: tens of kilobytes that nobody reads

extension SpanContent {
  private mutating func dropVectorAttributes(_ span: inout SpanReading) {
    for entry in span.under(.embeddings) where entry.rest.hasSuffix(".vector") {
      span.consume(entry.index)
      droppedVectors += 1
    }
  }

  private mutating func dropVectorsInOutput() {
    guard let text = output, text.utf8.first == UInt8(ascii: "{") || text.utf8.first == UInt8(ascii: "["),
      let document = try? JSON.parse(text)
    else { return }
    var dropped = 0
    let rest = Self.withoutVectors(document, &dropped)
    guard dropped > 0 else { return }
    droppedVectors += dropped
    output = JSON.serialise(rest)
  }

  private static func withoutVectors(_ value: JSONValue, _ dropped: inout Int) -> JSONValue {
    switch value {
    case .array(let values): return .array(values.map { withoutVectors($0, &dropped) })
    case .object(let object):
      return .object(
        JSONObject(
          object.members.map { member in
            guard member.key == "embedding" || member.key == "vector", let size = vectorSize(member.value) else {
              return JSONMember(key: member.key, value: withoutVectors(member.value, &dropped))
            }
            dropped += 1
            return JSONMember(key: member.key, value: .string("[\(size) dropped]"))
          }))
    default: return value
    }
  }

  private static func vectorSize(_ value: JSONValue) -> String? {
    switch value {
    case .array(let values):
      let isVector = !values.isEmpty && values.allSatisfy { if case .number = $0 { true } else { false } }
      return isVector ? "\(values.count) numbers" : nil
    case .string(let text): return text.utf8.count > 32 ? "\(text.utf8.count) characters" : nil
    default: return nil
    }
  }
}
