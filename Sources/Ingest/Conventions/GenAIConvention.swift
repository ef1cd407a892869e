import Domain
import Wire

/// OpenTelemetry's GenAI names in three generations; in each list the newest name stands first.
enum GenAIConvention: Convention {
  static let keys: [(key: String, slot: Slot)] = [
    ("gen_ai.operation.name", .operation),
    ("gen_ai.provider.name", .provider),
    ("gen_ai.system", .provider),
    ("gen_ai.request.model", .requestModel),
    ("gen_ai.response.model", .responseModel),
    ("gen_ai.response.id", .responseID),
    ("openai.response.service_tier", .responseTier),
    ("gen_ai.response.service_tier", .responseTier),
    ("gen_ai.openai.response.service_tier", .responseTier),
    ("anthropic.response.service_tier", .responseTier),
    ("openai.request.service_tier", .requestTier),
    ("gen_ai.request.service_tier", .requestTier),
    ("gen_ai.openai.request.service_tier", .requestTier),
    ("gen_ai.request.batch", .isBatch),
    ("gen_ai.batch", .isBatch),
    ("openai.request.batch", .isBatch),
    ("gen_ai.request.batch.id", .batchID),
    ("gen_ai.request.batch_id", .batchID),
    ("gen_ai.batch.id", .batchID),
    ("gen_ai.response.inference_geo", .region),
    ("anthropic.response.inference_geo", .region),
    ("gen_ai.usage.inference_geo", .region),
    ("gen_ai.response.region", .region),
    ("gen_ai.request.region", .region),
    ("gen_ai.request.location", .region),
    ("inference_geo", .region),
    ("gen_ai.response.cached", .cacheHit),
    ("gen_ai.response.cache_hit", .cacheHit),
    ("gen_ai.cache.hit", .cacheHit),
    ("gen_ai.usage.estimated", .isEstimate),
    ("gen_ai.usage.is_estimated", .isEstimate),
    ("gen_ai.request.stream", .stream),
    ("gen_ai.is_streaming", .stream),
    ("llm.is_streaming", .stream),
    ("gen_ai.tool.name", .toolName),
    ("gen_ai.response.time_to_first_chunk", .firstTokenSeconds),
    ("gen_ai.prompt.name", .promptName),
    ("gen_ai.prompt.version", .promptVersion),
    // Usage.
    ("gen_ai.usage.input_tokens", .input),
    ("gen_ai.usage.prompt_tokens", .input),
    ("gen_ai.usage.output_tokens", .output),
    ("gen_ai.usage.completion_tokens", .output),
    ("gen_ai.usage.total_tokens", .total),
    ("gen_ai.usage.cache_read.input_tokens", .cacheRead),
    ("gen_ai.usage.cache_read_input_tokens", .cacheRead),
    ("gen_ai.usage.cache_read_tokens", .cacheRead),
    ("gen_ai.usage.cached_input_tokens", .cacheRead),
    ("gen_ai.usage.input_cached_tokens", .cacheRead),
    ("gen_ai.usage.cached_tokens", .cacheRead),
    ("gen_ai.usage.input_tokens.cached", .cacheRead),
    ("gen_ai.usage.input_tokens_details.cached_tokens", .cacheRead),
    ("gen_ai.usage.details.cached_tokens", .cacheRead),
    ("gen_ai.usage.details.cache_read_tokens", .cacheRead),
    ("gen_ai.usage.details.cache_read_input_tokens", .cacheRead),
    ("gen_ai.usage.cache_write.input_tokens", .cacheWrite),
    ("gen_ai.usage.cache_creation.input_tokens", .cacheWrite),
    ("gen_ai.usage.cache_creation_input_tokens", .cacheWrite),
    ("gen_ai.usage.cache_write_input_tokens", .cacheWrite),
    ("gen_ai.usage.cache_write_tokens", .cacheWrite),
    ("gen_ai.usage.cache_creation_tokens", .cacheWrite),
    ("gen_ai.usage.input_cache_creation", .cacheWrite),
    ("gen_ai.usage.input_tokens.cache_write", .cacheWrite),
    ("gen_ai.usage.input_tokens_details.cache_write_tokens", .cacheWrite),
    ("gen_ai.usage.details.cache_write_tokens", .cacheWrite),
    ("gen_ai.usage.details.cache_creation_input_tokens", .cacheWrite),
    ("anthropic.usage.cache_creation.ephemeral_5m_input_tokens", .cacheWrite5m),
    ("gen_ai.usage.cache_creation.input_tokens.ephemeral_5m", .cacheWrite5m),
    ("anthropic.usage.cache_creation.ephemeral_1h_input_tokens", .cacheWrite1h),
    ("gen_ai.usage.cache_creation.input_tokens.ephemeral_1h", .cacheWrite1h),
    ("gen_ai.usage.reasoning.output_tokens", .reasoning),
    ("gen_ai.usage.reasoning_tokens", .reasoning),
    ("gen_ai.usage.reasoning_output_tokens", .reasoning),
    ("gen_ai.usage.output_tokens.reasoning", .reasoning),
    ("gen_ai.usage.output_tokens_details.reasoning_tokens", .reasoning),
    ("gen_ai.usage.details.reasoning_tokens", .reasoning),
    ("gen_ai.usage.details.thoughts_tokens", .reasoning),
    ("gen_ai.usage.audio.input_tokens", .inputAudio),
    ("gen_ai.usage.input_audio_tokens", .inputAudio),
    ("gen_ai.usage.audio_input_tokens", .inputAudio),
    ("gen_ai.usage.details.input_audio_tokens", .inputAudio),
    ("gen_ai.usage.audio.cache_read.input_tokens", .cacheReadAudio),
    ("gen_ai.usage.details.cache_audio_read_tokens", .cacheReadAudio),
    ("gen_ai.usage.audio.output_tokens", .outputAudio),
    ("gen_ai.usage.output_audio_tokens", .outputAudio),
    ("gen_ai.usage.audio_output_tokens", .outputAudio),
    ("gen_ai.usage.details.output_audio_tokens", .outputAudio),
    ("gen_ai.usage.image.input_tokens", .inputImage),
    ("gen_ai.usage.input_image_tokens", .inputImage),
    ("gen_ai.usage.image_input_tokens", .inputImage),
    ("gen_ai.usage.image.cache_read.input_tokens", .cacheReadImage),
    ("gen_ai.usage.image.output_tokens", .outputImage),
    ("gen_ai.usage.output_image_tokens", .outputImage),
    ("gen_ai.usage.image_output_tokens", .outputImage),
    ("gen_ai.usage.video.input_tokens", .inputVideo),
    ("gen_ai.usage.input_video_tokens", .inputVideo),
    ("gen_ai.usage.video_input_tokens", .inputVideo),
    ("gen_ai.usage.video.cache_read.input_tokens", .cacheReadVideo),
    ("gen_ai.usage.server_tool_use.web_search_requests", .searches),
    ("gen_ai.usage.web_search_requests", .searches),
    ("anthropic.usage.server_tool_use.web_search_requests", .searches),
    ("gen_ai.usage.details.web_search_requests", .searches),
    ("gen_ai.usage.web_search_queries", .searches),
    ("gen_ai.usage.grounding_queries", .searches),
    ("gen_ai.usage.search_queries", .searches),
    ("gen_ai.usage.num_search_queries", .searches),
    ("gen_ai.usage.search_units", .searches),
    ("gen_ai.usage.searches", .searches),
    ("gen_ai.usage.images", .images),
    ("gen_ai.usage.image_count", .images),
    ("gen_ai.usage.characters", .characters),
    ("gen_ai.usage.input_characters", .characters),
    ("gen_ai.usage.pages", .pages),
    ("gen_ai.usage.pages_processed", .pages),
    ("gen_ai.usage.seconds", .seconds),
    ("gen_ai.usage.audio_seconds", .seconds),
    ("gen_ai.usage.duration_seconds", .seconds),
    ("gen_ai.usage.input_audio_seconds", .seconds),
    // Content.
    ("gen_ai.input.messages", .inputMessages),
    ("gen_ai.output.messages", .outputMessages),
    ("gen_ai.system_instructions", .systemInstructions),
    ("gen_ai.tool.call.arguments", .inputText),
    ("gen_ai.tool.call.result", .outputText),
    ("gen_ai.prompt", .inputText),
    ("gen_ai.completion", .outputText),
  ]
  static let prefixes: [(prefix: String, kind: KeyPrefix)] = [
    ("gen_ai.prompt.", .prompts),
    ("gen_ai.completion.", .completions),
    ("gen_ai.usage.", .usage),
  ]

  private static let kinds: [String: ObservationKind] = [
    "chat": .generation, "text_completion": .generation, "completion": .generation, "generate_content": .generation,
    "generate": .generation, "fetch_response": .generation, "speech_to_text": .generation,
    "text_to_speech": .generation,
    "embeddings": .embedding, "embedding": .embedding, "retrieval": .retriever, "rerank": .retriever,
    "execute_tool": .tool, "invoke_agent": .agent, "create_agent": .agent, "agent_step": .agent,
    "invoke_workflow": .chain, "plan": .chain,
    "create_memory": .span, "create_memory_store": .span, "update_memory": .span, "upsert_memory": .span,
    "search_memory": .span, "delete_memory": .span, "delete_memory_store": .span,
  ]

  static func kind(_ operation: String) -> ObservationKind? {
    let name = operation.lowercased()
    return kinds[name] ?? OpenLITConvention.kind(name)
  }

  /// A message in either form, `{role, parts}` or `{role, content}`, as a chat message.
  static func message(_ sent: JSONValue) -> JSONValue {
    guard let parts = sent["parts"]?.arrayValue else { return sent }
    var message = ChatMessage(role: sent["role"])
    var content: [JSONValue] = []
    for part in parts {
      switch part["type"]?.stringValue {
      case "text": content.append(["type": "text", "text": part["content"] ?? part["text"] ?? ""])
      case "tool_call": message.addToolCall(id: part["id"], name: part["name"], arguments: part["arguments"])
      case "tool_call_response":
        message.toolCallID = part["id"]
        content.append(["type": "text", "text": part["response"] ?? part["result"] ?? part["content"] ?? ""])
      default: content.append(part)
      }
    }
    message.content = ChatMessage.collapse(content)
    message.extra(sent, keys: ["name", "finish_reason"])
    return message.json
  }

  /// The list of messages in `gen_ai.input.messages` or `.output.messages`; a text that is no JSON stays a text.
  static func messages(_ value: AnyValue) -> JSONValue {
    guard let parsed = value.parsedJSON else { return .string(value.bodyText) }
    guard let list = parsed.arrayValue else { return parsed }
    return .array(list.map(message))
  }

  /// A system message from `gen_ai.system_instructions`: a list of parts, or a text.
  static func system(_ value: AnyValue) -> JSONValue? {
    guard let parts = value.parsedJSON?.arrayValue else {
      return ["role": "system", "content": .string(value.bodyText)]
    }
    return parts.isEmpty ? nil : message(["role": "system", "parts": .array(parts)])
  }

  /// A message of the indexed form `gen_ai.prompt.N.…`, unflattened.
  static func indexedMessage(_ sent: JSONValue) -> JSONValue {
    var message = ChatMessage(role: sent["role"])
    message.content = sent["content"]
    if let text = sent["content"]?.stringValue, text.hasPrefix("["), let parts = try? JSON.parse(text) {
      message.content = parts
    }
    for call in sent["tool_calls"]?.arrayValue ?? [] {
      message.addToolCall(id: call["id"], name: call["name"], arguments: call["arguments"])
    }
    message.extra(sent, keys: ["finish_reason", "tool_call_id"])
    return message.json
  }
}
