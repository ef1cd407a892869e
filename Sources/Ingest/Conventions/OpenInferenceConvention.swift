import Domain
import Wire

/// OpenInference (Arize, Phoenix): flattened messages, `llm.token_count.*`, `openinference.span.kind`.
enum OpenInferenceConvention: Convention {
  static let keys: [(key: String, slot: Slot)] = [
    ("openinference.span.kind", .openInferenceKind),
    ("llm.provider", .provider),
    ("llm.system", .provider),
    ("llm.request.model_name", .requestModel),
    ("llm.response.model_name", .responseModel),
    ("llm.model_name", .responseModel),
    ("llm.model_name", .requestModel),
    ("embedding.model_name", .requestModel),
    ("reranker.model_name", .requestModel),
    ("llm.invocation_parameters", .parameters),
    ("embedding.invocation_parameters", .parameters),
    ("tag.tags", .tags),
    ("metadata", .metadata),
    ("llm.token_count.prompt", .input),
    ("llm.token_count.completion", .output),
    ("llm.token_count.total", .total),
    ("llm.token_count.prompt_details.cache_read", .cacheRead),
    ("llm.token_count.prompt_details.cache_input", .cacheRead),
    ("llm.token_count.prompt_details.cache_write", .cacheWrite),
    ("llm.token_count.prompt_details.cache_creation", .cacheWrite),
    ("llm.token_count.prompt_details.audio", .inputAudio),
    ("llm.token_count.prompt_details.image", .inputImage),
    ("llm.token_count.prompt_details.video", .inputVideo),
    ("llm.token_count.completion_details.reasoning", .reasoning),
    ("llm.token_count.completion_details.audio", .outputAudio),
    ("llm.token_count.completion_details.image", .outputImage),
    ("llm.cost.total", .costTotal),
    ("llm.cost.prompt", .costInput),
    ("llm.cost.completion", .costOutput),
    ("input.value", .inputValue),
    ("output.value", .outputValue),
    ("input.mime_type", .inputType),
    ("output.mime_type", .outputType),
    ("exception.message", .exceptionMessage),
  ]
  static let prefixes: [(prefix: String, kind: KeyPrefix)] = [
    ("llm.input_messages.", .inputMessages),
    ("llm.output_messages.", .outputMessages),
    ("llm.prompts.", .textPrompts),
    ("llm.choices.", .textChoices),
    ("llm.token_count.", .tokenCount),
    ("embedding.embeddings.", .embeddings),
  ]

  private static let kinds: [String: ObservationKind] = [
    "LLM": .generation, "EMBEDDING": .embedding, "CHAIN": .chain, "RETRIEVER": .retriever, "RERANKER": .retriever,
    "TOOL": .tool, "AGENT": .agent, "GUARDRAIL": .guardrail, "EVALUATOR": .evaluator, "PROMPT": .span,
  ]

  static func kind(_ text: String) -> ObservationKind? { kinds[text.uppercased()] }

  /// A chat message from the unflattened form `{message: {role, content, contents, tool_calls}}`.
  static func message(_ node: JSONValue) -> JSONValue {
    let sent = node["message"] ?? node
    var message = ChatMessage(role: sent["role"])
    if let content = sent["content"] { message.content = content }
    if let contents = sent["contents"]?.arrayValue {
      message.content = ChatMessage.collapse(contents.map { part($0["message_content"] ?? $0) })
    }
    for call in sent["tool_calls"]?.arrayValue ?? [] {
      let sentCall = call["tool_call"] ?? call
      message.addToolCall(
        id: sentCall["id"], name: sentCall["function"]?["name"], arguments: sentCall["function"]?["arguments"])
    }
    message.extra(sent, keys: ["name", "tool_call_id", "function_call_name", "function_call_arguments_json"])
    return message.json
  }

  private static func part(_ sent: JSONValue) -> JSONValue {
    if let url = sent["image"]?["image"]?["url"] { return ["type": "image_url", "image_url": ["url": url]] }
    return sent
  }

  /// What a provider's whole response, sent as `output.value`, tells beyond the attributes.
  static func response(_ output: JSONValue?) -> (id: String?, model: String?, evidence: CallEvidence)? {
    guard let output, let id = output["id"]?.stringValue,
      output["choices"] != nil || output["content"] != nil || output["output"] != nil || output["object"] != nil
    else { return nil }
    var evidence = CallEvidence()
    if let usage = output["usage"]?.objectValue, UsageMarks(usage).tellsEvidence {
      evidence.read(usage: usage, isOpenRouter: false)
    }
    if let tier = output["service_tier"]?.stringValue { evidence.serviceTier = tier }
    return (id, output["model"]?.stringValue, evidence)
  }
}
