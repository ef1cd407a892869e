import Wire

/// The program that made a span: what its numbers mean depends on it (reference table in CONVENTIONS.md).
public struct Emitter: Sendable, Hashable {
  public enum Family: String, Sendable, Hashable, CaseIterable {
    /// Official OpenTelemetry instrumentations and providers' own SDKs that follow the specification.
    case openTelemetry
    case openLIT, openLLMetry, openInference, langfuse, liteLLM, vercelAI, googleADK
    case unknown
  }
  public var family: Family
  /// What is instrumented, from the scope's name: "openai", "anthropic", "langchain" …; nil when it does not say.
  public var library: String?

  public init(_ family: Family, library: String? = nil) {
    self.family = family
    self.library = library
  }
}

extension Emitter {
  /// Scope name prefixes and their families, longest first where one is part of another.
  private static let scopePrefixes: [(prefix: String, family: Family)] = [
    ("openlit.instrumentation.", .openLIT),
    ("openlit", .openLIT),
    ("openinference.instrumentation.", .openInference),
    ("@arizeai/openinference-instrumentation-", .openInference),
    ("langfuse-sdk", .langfuse),
    ("gcp.vertex.agent", .googleADK),
    ("litellm", .liteLLM),
    ("com.anthropic.sdk.", .openTelemetry),
  ]
  private static let instrumentation = "opentelemetry.instrumentation."
  /// Instrumentations that exist under OpenTelemetry's own name; the others in that namespace are OpenLLMetry's.
  private static let official: Set<String> = [
    "openai_v2", "vertexai", "google_genai", "genai", "anthropic_v2", "openai_agents_v2", "botocore", "httpx",
    "requests",
    "urllib3", "aiohttp_client", "asgi", "fastapi", "flask", "django", "starlette", "wsgi",
  ]

  /// Judged by the scope's name; nil when it tells nothing.
  static func named(_ name: String) -> Emitter? {
    for (prefix, family) in scopePrefixes where name.hasPrefix(prefix) {
      return Emitter(family, library: library(after: prefix, in: name))
    }
    if name == "ai" { return Emitter(.vercelAI) }
    if name.hasPrefix(instrumentation) {
      let library = library(after: instrumentation, in: name)
      let isOfficial = library.map { official.contains($0) || name.hasPrefix(instrumentation + "genai.") } ?? true
      return Emitter(isOfficial ? .openTelemetry : .openLLMetry, library: library)
    }
    return nil
  }

  private static func library(after prefix: String, in name: String) -> String? {
    let rest = name.dropFirst(prefix.count).drop { $0 == "." }
    return rest.split(separator: ".").last.map { $0.lowercased() }
  }

  /// Judged by telltale attributes of the span and the resource, where the scope tells nothing.
  static func detect(attributes: [Attribute], resource: [Attribute]) -> Emitter {
    if attributes["telemetry.sdk.name"]?.stringValue == "openlit" { return Emitter(.openLIT) }
    for attribute in attributes {
      // Most keys are told apart by their first letter.
      switch attribute.key.utf8.first {
      case UInt8(ascii: "l"): if attribute.key.hasPrefix("langfuse.observation.") { return Emitter(.langfuse) }
      case UInt8(ascii: "o"): if attribute.key == "openinference.span.kind" { return Emitter(.openInference) }
      case UInt8(ascii: "t"): if attribute.key.hasPrefix("traceloop.") { return Emitter(.openLLMetry) }
      default: break
      }
    }
    if resource["telemetry.sdk.name"]?.stringValue == "openlit" { return Emitter(.openLIT) }
    return Emitter(.unknown)
  }
}
