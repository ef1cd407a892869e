import Domain
import Wire

/// What everyone may send: OpenTelemetry's general names, and the cheap hits of OpenLLMetry, the Vercel AI SDK and
/// Logfire.
enum GenericConvention: Convention {
  static let keys: [(key: String, slot: Slot)] = [
    ("traceloop.span.kind", .traceloopKind),
    ("llm.request.type", .requestType),
    ("ai.operationId", .vercelOperation),
    ("tool.name", .toolName),
    ("db.system.name", .databaseSystem),
    ("db.system", .databaseSystem),
    ("ai.model.provider", .provider),
    ("ai.model.id", .requestModel),
    ("ai.response.model", .responseModel),
    ("ai.response.id", .responseID),
    // Context.
    ("user.id", .user),
    ("enduser.id", .user),
    ("enduser.pseudo.id", .user),
    ("traceloop.association.properties.user_id", .user),
    ("ai.telemetry.metadata.userId", .user),
    ("gen_ai.user", .user),
    ("llm.user", .user),
    ("user_id", .user),
    ("session.id", .session),
    ("gen_ai.conversation.id", .session),
    ("traceloop.association.properties.session_id", .session),
    ("ai.telemetry.metadata.sessionId", .session),
    ("session_id", .session),
    ("ai.telemetry.metadata.tags", .tags),
    ("deployment.environment.name", .environment),
    ("deployment.environment", .environment),
    ("service.name", .service),
    ("service.version", .version),
    ("endpoint", .endpoint),
    ("feature", .endpoint),
    ("langfuse.observation.metadata.endpoint", .endpoint),
    ("langfuse.observation.metadata.feature", .endpoint),
    ("traceloop.association.properties.endpoint", .endpoint),
    ("traceloop.association.properties.feature", .endpoint),
    ("ai.telemetry.metadata.endpoint", .endpoint),
    ("ai.telemetry.metadata.feature", .endpoint),
    ("http.route", .httpRoute),
    ("url.path", .urlPath),
    ("http.target", .httpTarget),
    ("traceloop.prompt.key", .promptName),
    ("traceloop.prompt.version", .promptVersion),
    // Times, usage, cost.
    ("ai.response.msToFirstChunk", .firstTokenMilliseconds),
    ("ai.stream.msToFirstChunk", .firstTokenMilliseconds),
    ("ai.usage.inputTokens", .input),
    ("ai.usage.promptTokens", .input),
    ("ai.usage.outputTokens", .output),
    ("ai.usage.completionTokens", .output),
    ("ai.usage.totalTokens", .total),
    ("ai.usage.tokens", .total),
    ("ai.usage.cachedInputTokens", .cacheRead),
    ("ai.usage.inputTokenDetails.cacheReadTokens", .cacheRead),
    ("ai.usage.inputTokenDetails.cacheWriteTokens", .cacheWrite),
    ("ai.usage.reasoningTokens", .reasoning),
    ("ai.usage.outputTokenDetails.reasoningTokens", .reasoning),
    ("ai.response.providerMetadata", .providerMetadata),
    ("llm.usage.total_tokens", .total),
    ("llm.usage.reasoning_tokens", .reasoning),
    ("llm.usage.prompt_tokens", .input),
    ("llm.usage.completion_tokens", .output),
    ("llm.usage.cache_read_input_tokens", .cacheRead),
    ("llm.usage.cache_creation_input_tokens", .cacheWrite),
    ("llm.usage.estimated", .isEstimate),
    ("gen_ai.cost.total_cost", .costTotal),
    ("operation.cost", .costTotal),
    ("gen_ai.usage.input_cost", .costInput),
    ("gen_ai.usage.output_cost", .costOutput),
    // What chooses among prices.
    ("cloud.region", .region),
    ("aws.region", .region),
    ("gcp.location", .region),
    ("gcp.vertex.location", .region),
    ("azure.region", .region),
    ("server.address", .serverAddress),
    ("gen_ai.openai.api_base", .serverAddress),
    ("url.full", .serverAddress),
    ("traceloop.association.properties.cache_hit", .cacheHit),
    ("ai.telemetry.metadata.cacheHit", .cacheHit),
    ("litellm.cache_hit", .cacheHit),
    ("llm.cache_hit", .cacheHit),
    ("llm.cache.hit", .cacheHit),
    ("gptcache.hit", .cacheHit),
    ("cache_hit", .cacheHit),
    ("http.response.header.helicone-cache", .cacheHit),
    ("http.response.header.x-portkey-cache-status", .cacheHit),
    // Content.
    ("traceloop.entity.input", .inputText),
    ("traceloop.entity.output", .outputText),
    ("ai.prompt.messages", .inputText),
    ("ai.prompt", .inputText),
    ("ai.toolCall.args", .inputText),
    ("ai.response.text", .outputText),
    ("ai.response.object", .outputText),
    ("ai.toolCall.result", .outputText),
  ]
  static let prefixes: [(prefix: String, kind: KeyPrefix)] = [
    ("traceloop.association.properties.", .metadata),
    ("ai.telemetry.metadata.", .metadata),
  ]

  private static let traceloopKinds: [String: ObservationKind] = [
    "workflow": .chain, "task": .chain, "agent": .agent, "tool": .tool,
  ]
  private static let requestTypes: [String: ObservationKind] = [
    "chat": .generation, "completion": .generation, "embedding": .embedding, "rerank": .retriever,
  ]

  static func traceloopKind(_ text: String) -> ObservationKind? { traceloopKinds[text.lowercased()] }
  static func requestKind(_ text: String) -> ObservationKind? { requestTypes[text.lowercased()] }

  /// The Vercel AI SDK's inner spans call the model; its outer ones only wrap them.
  static func vercelKind(_ operation: String) -> ObservationKind? {
    if operation.hasSuffix(".doGenerate") || operation.hasSuffix(".doStream") { return .generation }
    if operation.hasSuffix(".doEmbed") { return .embedding }
    if operation.hasPrefix("ai.toolCall") { return .tool }
    return operation.hasPrefix("ai.") ? .chain : nil
  }
}
