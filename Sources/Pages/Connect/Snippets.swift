/// How to point one sender here. The secret is never printed: it is read from `QUIPU_SECRET_KEY`.
struct Snippet {
  var id: String
  var title: String
  /// What it needs to know besides the code.
  var note: String
  /// Pasted into the shell that starts the sender.
  var shell: String?
  /// Pasted into its program.
  var code: String?

  static func all(baseURL: String, publicKey: String) -> [Snippet] {
    let base = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
    return [
      langfusePython(base, publicKey), langfuseJS(base, publicKey), openTelemetry(base, publicKey),
      openLIT(base, publicKey),
      openInference(base, publicKey), liteLLM(base, publicKey), curl(base, publicKey),
    ]
  }

  private static func langfuseEnvironment(_ base: String, _ key: String) -> String {
    """
    export LANGFUSE_BASE_URL="\(base)"   # newer SDKs
    export LANGFUSE_HOST="\(base)"       # older SDKs
    export LANGFUSE_PUBLIC_KEY="\(key)"
    export LANGFUSE_SECRET_KEY="$QUIPU_SECRET_KEY"
    """
  }

  private static func langfusePython(_ base: String, _ key: String) -> Snippet {
    Snippet(
      id: "langfuse-python", title: "Langfuse, Python",
      note: "Tested with versions 2.60 and 4.18. Nothing in the application changes but its environment.",
      shell: langfuseEnvironment(base, key),
      code: """
        from langfuse import get_client
        from langfuse.openai import openai   # or @observe, or the LangChain handler

        openai.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "What is a quipu?"}])
        get_client().flush()   # short programs only: sends what is still waiting
        """)
  }

  private static func langfuseJS(_ base: String, _ key: String) -> Snippet {
    Snippet(
      id: "langfuse-js", title: "Langfuse, JavaScript", note: "Versions 3 to 5, from the environment alone.",
      shell: """
        export LANGFUSE_BASE_URL="\(base)"   # versions 4 and 5
        export LANGFUSE_BASEURL="\(base)"    # version 3
        export LANGFUSE_PUBLIC_KEY="\(key)"
        export LANGFUSE_SECRET_KEY="$QUIPU_SECRET_KEY"
        """)
  }

  private static func header(_ key: String) -> String {
    "Authorization=Basic%20$(printf '%s' \"\(key):$QUIPU_SECRET_KEY\" | base64 | tr -d '\\n')"
  }

  private static func openTelemetry(_ base: String, _ key: String) -> Snippet {
    Snippet(
      id: "opentelemetry", title: "OpenTelemetry",
      note: "Any SDK with an OTLP exporter over HTTP, protobuf or JSON. gRPC is not spoken here.",
      shell: """
        export OTEL_EXPORTER_OTLP_ENDPOINT="\(base)"
        export OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf"
        export OTEL_EXPORTER_OTLP_HEADERS="\(header(key))"
        export OTEL_METRICS_EXPORTER=none
        """)
  }

  private static func openLIT(_ base: String, _ key: String) -> Snippet {
    Snippet(
      id: "openlit", title: "OpenLIT", note: "It reads the same two variables as OpenTelemetry.",
      shell: """
        export OTEL_EXPORTER_OTLP_ENDPOINT="\(base)"
        export OTEL_EXPORTER_OTLP_HEADERS="\(header(key))"
        """,
      code: """
        import openlit
        openlit.init(application_name="my-service", environment="production", disable_metrics=True)
        """)
  }

  private static func openInference(_ base: String, _ key: String) -> Snippet {
    Snippet(
      id: "openinference", title: "OpenInference", note: "For OpenAI here; its other instrumentors are set up alike.",
      code: """
        import os, base64
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from openinference.instrumentation.openai import OpenAIInstrumentor

        pair = "\(key):" + os.environ["QUIPU_SECRET_KEY"]
        token = base64.b64encode(pair.encode()).decode()
        provider = TracerProvider()
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(
            endpoint="\(base)/v1/traces", headers={"Authorization": "Basic " + token})))
        OpenAIInstrumentor().instrument(tracer_provider=provider)
        """)
  }

  private static func liteLLM(_ base: String, _ key: String) -> Snippet {
    Snippet(
      id: "litellm", title: "LiteLLM",
      note: "Its OpenTelemetry way to Langfuse; works for the library and for the proxy.",
      shell: """
        export LANGFUSE_OTEL_HOST="\(base)"
        \(langfuseEnvironment(base, key))
        """,
      code: """
        import litellm
        litellm.callbacks = ["langfuse_otel"]
        """)
  }

  private static func curl(_ base: String, _ key: String) -> Snippet {
    Snippet(
      id: "curl", title: "curl",
      note: "One call by hand, to see that the way is open. It answers {} and appears under Traces within two seconds.",
      shell: """
        now=$(date +%s)
        curl -sS "\(base)/v1/traces" -u "\(key):$QUIPU_SECRET_KEY" -H 'Content-Type: application/json' -d '{
          "resourceSpans": [{"scopeSpans": [{"spans": [{
            "traceId": "'$(openssl rand -hex 16)'", "spanId": "'$(openssl rand -hex 8)'", "name": "hello",
            "startTimeUnixNano": "'$now'000000000", "endTimeUnixNano": "'$now'800000000",
            "attributes": [
              {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
              {"key": "gen_ai.provider.name", "value": {"stringValue": "openai"}},
              {"key": "gen_ai.request.model", "value": {"stringValue": "gpt-4o-mini"}},
              {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "12"}},
              {"key": "gen_ai.usage.output_tokens", "value": {"intValue": "5"}}]
          }]}]}]}'
        """)
  }
}
