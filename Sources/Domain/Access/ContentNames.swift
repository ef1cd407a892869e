/// Names under which senders write content: prompts and answers, arguments and results of tools, error texts, bodies of requests and of
/// queries. Whoever reads the value of an attribute by its name alone (`DeclaredKey`) asks here first. One table for every convention that
/// is read (`Ingest/Conventions`; a test holds them together) and those whose content is only kept.
public enum ContentNames {
  /// Whether an attribute, or a member of metadata, of this name is content; in any case, also as a path ("a.b").
  public static func isContent(_ key: String) -> Bool {
    let name = member(key.lowercased())
    if open.contains(name) { return false }
    if whole.contains(name) || prefixes.contains(where: name.hasPrefix) { return true }
    return name.split(separator: ".").last.map { lastParts.contains(String($0)) } ?? true
  }

  /// A member of metadata without the words that say that it is one.
  private static func member(_ name: String) -> String {
    var rest = name[...]
    while let prefix = metadata.first(where: { rest.hasPrefix($0) && rest.count > $0.count }) { rest = rest.dropFirst(prefix.count) }
    return String(rest)
  }

  private static let metadata = [
    "langfuse.observation.metadata.", "langfuse.trace.metadata.", "langfuse.metadata.", "traceloop.association.properties.",
    "ai.telemetry.metadata.", "metadata.",
  ]

  /// Told beside content and no content themselves.
  private static let open: Set<String> = [
    "ai.response.finishreason", "ai.response.id", "ai.response.model", "ai.response.timestamp", "ai.toolcall.id", "ai.toolcall.name",
    "embedding.model_name", "event.name", "exception.escaped", "exception.type", "function.name", "gen_ai.output.type", "gen_ai.prompt.id",
    "gen_ai.prompt.name", "gen_ai.prompt.version", "gen_ai.tool.call.id", "gen_ai.tool.name", "gen_ai.tool.type", "input.mime_type",
    "llm.prompt_template.version", "mlflow.spantype", "output.mime_type", "reranker.model_name", "reranker.top_k", "tool.id", "tool.name",
    "traceloop.entity.name", "traceloop.entity.path", "traceloop.entity.version", "traceloop.prompt.key", "traceloop.prompt.version",
    "traceloop.prompt.version_hash", "traceloop.prompt.version_name",
  ]

  /// Documents that hold others.
  private static let whole: Set<String> = [
    "error", "final_result", "gen_ai.request", "gen_ai.response", "langfuse.metadata", "langfuse.observation.metadata",
    "langfuse.observation.model.parameters", "langfuse.observation.status_message", "langfuse.trace.metadata", "llm.invocation_parameters",
    "llm.request", "llm.response", "metadata", "otel.status_description", "raw_request", "raw_response", "request", "request_data", "response",
    "response_data", "status.message", "status_message",
  ]

  private static let prefixes = [
    // OpenTelemetry, with what vendors add to its names.
    "gen_ai.assistant.", "gen_ai.choice", "gen_ai.completion", "gen_ai.content", "gen_ai.evaluation.explanation", "gen_ai.event.content",
    "gen_ai.input", "gen_ai.memory.", "gen_ai.output", "gen_ai.prompt", "gen_ai.reasoning", "gen_ai.retrieval.", "gen_ai.system.",
    "gen_ai.system_instructions", "gen_ai.tool", "gen_ai.user.message",
    "db.operation.parameter", "db.query", "db.response.", "db.statement", "error.detail", "error.message", "error.stack", "event.", "exception.",
    "graphql.document", "http.request.body", "http.request.header", "http.response.body", "http.response.header", "http.target", "http.url",
    "log.", "messaging.message", "rpc.message", "rpc.request.", "rpc.response.", "url.full", "url.query",
    // OpenInference.
    "document.", "documents.", "embedding.", "input.", "llm.choices", "llm.completion", "llm.content", "llm.function_call", "llm.input",
    "llm.message", "llm.openai.", "llm.output", "llm.prompt", "llm.tools", "message.", "messages.", "output.", "reranker.", "retrieval.", "tool.",
    // Langfuse.
    "langfuse.observation.input", "langfuse.observation.output", "langfuse.trace.input", "langfuse.trace.output",
    // OpenLLMetry, the Vercel AI SDK, MLflow, Logfire, Google ADK, Genkit, LiveKit, CrewAI, Haystack and others.
    "traceloop.entity.", "traceloop.prompt.", "ai.embedding", "ai.prompt", "ai.request", "ai.response", "ai.result", "ai.schema", "ai.toolcall",
    "ai.value", "all_messages", "crew_", "crewai.crew", "crewai.task", "events.", "flue.", "function.", "gcp.vertex.agent.", "genkit:", "haystack.",
    "langsmith.", "lk.", "logfire.json", "logfire.msg", "mlflow.chat", "mlflow.prompt", "mlflow.span", "mlflow.trace", "pydantic_ai.",
    "tool_arguments", "tool_call", "tool_response", "weave.",
  ]

  /// Of any other name, and of a plain one, the last part.
  private static let lastParts: Set<String> = [
    "answer", "arguments", "args", "body", "chat_history", "comment", "completion", "completions", "content", "contents", "conversation",
    "error_message", "events", "input", "input_value", "inputs", "kwargs", "message", "messages", "output", "output_value", "outputs", "payload",
    "prompt", "prompts", "question", "request_body", "response_body", "response_text", "stack_trace", "stacktrace", "statement", "system_prompt",
    "text", "tool_calls", "tool_input", "tool_output", "traceback", "transcript", "transcription", "user_input", "user_message", "user_prompt",
  ]
}
