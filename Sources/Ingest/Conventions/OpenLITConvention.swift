import Domain
import Wire

/// OpenLIT's additions to the OpenTelemetry names.
enum OpenLITConvention: Convention {
  static let keys: [(key: String, slot: Slot)] = [
    ("gen_ai.client.token.usage", .total),
    ("gen_ai.token.usage.total", .total),
    ("gen_ai.token.usage.input", .input),
    ("gen_ai.token.usage.output", .output),
    ("gen_ai.usage.prompt_tokens_details.cached_tokens", .cacheRead),
    ("gen_ai.usage.prompt_tokens_details.cache_read", .cacheRead),
    ("gen_ai.usage.prompt_tokens_details.cache_creation_tokens", .cacheWrite),
    ("gen_ai.usage.prompt_tokens_details.cache_write", .cacheWrite),
    ("gen_ai.usage.completion_tokens_details.reasoning_tokens", .reasoning),
    ("gen_ai.usage.completion_tokens_details.reasoning", .reasoning),
    ("gen_ai.usage.prompt_tokens_details.cache_write_tokens", .cacheWrite),
    ("gen_ai.usage.prompt_tokens_details.audio_tokens", .inputAudio),
    ("gen_ai.usage.completion_tokens_details.audio_tokens", .outputAudio),
    ("gen_ai.usage.completion_tokens_details.audio", .outputAudio),
    ("gen_ai.request.audio_duration", .audioSeconds),
    ("gen_ai.response.audio.duration", .audioSeconds),
    ("gen_ai.usage.cost", .costTotal),
    ("gen_ai.token.cost.total", .costTotal),
    ("gen_ai.token.cost.input", .costInput),
    ("gen_ai.token.cost.output", .costOutput),
    ("gen_ai.request.user", .user),
    ("gen_ai.user.id", .user),
    ("gen_ai.user.name", .user),
    ("gen_ai.session.id", .session),
    ("gen_ai.agent.session_id", .session),
    ("coding_agent.session.id", .session),
    ("gen_ai.framework.tags", .tags),
    ("gen_ai.environment", .environment),
    ("gen_ai.application_name", .service),
    ("gen_ai.server.time_to_first_token", .firstTokenSeconds),
    ("gen_ai.request.is_stream", .stream),
  ]
  static let prefixes: [(prefix: String, kind: KeyPrefix)] = []

  /// Operations that only OpenLIT names.
  static let kinds: [String: ObservationKind] = [
    "image": .generation, "audio": .generation, "translate": .generation, "transliterate": .generation,
    "vectordb": .retriever, "search": .tool, "map": .tool, "scrape": .tool, "moderation": .guardrail,
    "execute_task": .chain, "agent": .agent, "framework": .chain,
  ]
  private static let toolPrefixes = ["mcp", "crawl", "extract", "browser_", "scrape"]

  static func kind(_ operation: String) -> ObservationKind? {
    if let kind = kinds[operation] { return kind }
    return toolPrefixes.contains(where: operation.hasPrefix) ? .tool : nil
  }

  /// A stream whose provider sent no usage gets guesses: half the characters, rounded up. With usage the
  /// instrumentation of openai always writes the cache counts, so their absence and a matching length give the guess
  /// away; without captured content it can't be told from a real count.
  static func isStreamEstimate(_ sent: SentUsage, _ span: SpanReading, emitter: Emitter) -> Bool {
    guard emitter.family == .openLIT, span[.stream]?.boolValue == true, sent.cacheRead == nil, sent.cacheWrite == nil,
      sent.reasoning == nil, let output = sent.output, output > 0, let text = answer(span[.outputMessages])
    else { return false }
    return output == Int64((text.unicodeScalars.count + 1) / 2)
  }

  private static func answer(_ messages: AnyValue?) -> String? {
    guard let list = messages?.parsedJSON?.arrayValue else { return messages?.stringValue }
    let parts = list.flatMap { $0["parts"]?.arrayValue ?? [] }
    return parts.compactMap { $0["content"]?.stringValue }.joined()
  }
}
