import Testing

@testable import Domain

@Suite struct ContentNamesTests {
  @Test(arguments: [
    "gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.prompt", "gen_ai.prompt.0.content", "gen_ai.completion.1.content",
    "gen_ai.system_instructions", "gen_ai.tool.call.arguments", "gen_ai.tool.call.result", "gen_ai.tool.definitions", "input.value", "output.value",
    "llm.input_messages.0.message.content", "llm.prompts.0", "llm.prompt_template.variables", "llm.invocation_parameters",
    "traceloop.entity.input", "traceloop.entity.output", "ai.prompt.messages", "ai.response.text", "ai.toolCall.args", "exception.message",
    "exception.stacktrace", "langfuse.observation.input", "langfuse.trace.output", "langfuse.observation.metadata", "metadata",
    "langfuse.observation.status_message", "mlflow.spanInputs", "mlflow.spanOutputs", "db.statement", "db.query.text", "http.request.body.text",
    "http.response.body", "gcp.vertex.agent.llm_request", "GEN_AI.Input.Messages", "langfuse.observation.metadata.input", "metadata.prompt", "prompt",
    "messages", "vendor.unheard_of.messages", "tenant.prompt", "lk.input_text", "logfire.msg", "tool_arguments", "url.query",
  ]) func contentIsTold(name: String) { #expect(ContentNames.isContent(name)) }

  @Test(arguments: [
    "tenant", "team.cost_center", "feature.flag", "k8s.namespace.name", "langgraph.node", "plan", "langfuse.observation.metadata.tenant",
    "ai.telemetry.metadata.endpoint", "gen_ai.prompt.name", "gen_ai.prompt.version", "gen_ai.tool.name", "traceloop.entity.name", "tool.name",
    "gen_ai.request.model", "user.id", "session.id", "service.name", "http.route", "deployment.environment", "input_channel", "contentful.space",
    "customer tier", "ai.response.model", "exception.type", "gen_ai.output.type",
  ]) func whatNamesAThingIsNot(name: String) { #expect(!ContentNames.isContent(name)) }

  @Test func aKeyDeclaredBeforeIsNoDimension() {
    let old = DeclaredKey(key: "gen_ai.prompt", place: 1, label: "P", declaredAt: Timestamp(seconds: 0))
    #expect(old.namesContent && old.dimension == nil)
    #expect(DeclaredKey(key: "tenant", place: 1, label: "T", declaredAt: Timestamp(seconds: 0)).dimension == .extra1)
  }
}
