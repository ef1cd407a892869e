import Wire

/// Who counted, for whom: what decides how counts are read.
struct UsageSource {
  var emitter: Emitter
  /// As `Provider` spells it.
  var provider: String?
  var model: String?
  /// The Vercel AI SDK from 6 on, whose counts follow one convention for all providers.
  var isVercelDetailed = false
  var isEmbedding = false

  init(_ emitter: Emitter, provider: String? = nil, model: String? = nil) {
    self.emitter = emitter
    self.provider = provider
    self.model = model
  }

  /// A Gemini model, whoever serves it and whatever the dialect.
  var isGemini: Bool { provider == "gcp.gemini" || provider == "gcp.gen_ai" || isModel("gemini") }
  /// Bills a grounded prompt once, however many queries it took: Gemini before 3.
  var billsGroundingByPrompt: Bool { isModel("gemini-1") || isModel("gemini-2") }
  /// Counts reasoning beside its completion tokens.
  var isReasoningBeside: Bool {
    provider == "x_ai" || provider == "perplexity" || isModel("grok-") || isModel("sonar-")
  }
  /// Counts cached tokens beside the input in its own API.
  var isCacheBeside: Bool {
    guard let provider else { return false }
    return provider == "anthropic" || provider == "aws.bedrock" || provider == "vertex.anthropic"
  }

  private func isModel(_ part: String) -> Bool { model?.lowercased().contains(part) ?? false }
}

/// Which reading each emitter means (CONVENTIONS.md, "Tokens").
struct UsageConvention: Sendable {
  var reading: UsageReading
  var rule: String
  /// The emitter sums only input and output, so its total proves nothing about what stands beside them.
  var totalMayOmitParts = false

  private static let byLibrary: [Emitter: UsageConvention] = [
    Emitter(.openLIT, library: "anthropic"): openLITAnthropic,
    Emitter(.openLIT, library: "bedrock"): openLITBedrock,
    Emitter(.openLIT, library: "google_ai_studio"): openLITGemini,
    Emitter(.openLIT, library: "vertexai"): openLITGemini,
    Emitter(.openLIT, library: "google_adk"): openLITGemini,
    Emitter(.openInference, library: "claude_agent_sdk"): UsageConvention(
      reading: .exclusive, rule: "openinference-claude-agent-exclusive", totalMayOmitParts: true),
    Emitter(.openInference, library: "claude-agent-sdk"): UsageConvention(
      reading: .exclusive, rule: "openinference-claude-agent-exclusive", totalMayOmitParts: true),
    Emitter(.openInference, library: "bedrock"): UsageConvention(
      reading: .exclusive, rule: "openinference-bedrock-exclusive", totalMayOmitParts: true),
  ]
  private static let openLITAnthropic = UsageConvention(
    reading: .exclusive, rule: "openlit-anthropic-exclusive", totalMayOmitParts: true)
  private static let openLITBedrock = UsageConvention(
    reading: .exclusive, rule: "openlit-bedrock-exclusive", totalMayOmitParts: true)
  private static let openLITGemini = UsageConvention(reading: .gemini, rule: "openlit-gemini", totalMayOmitParts: true)
  private static let openLIT = UsageConvention(reading: .inclusive, rule: "openlit-inclusive")
  private static let vercel = UsageConvention(reading: .inclusive, rule: "vercel-inclusive")
  private static let vercelExclusive = UsageConvention(
    reading: .exclusive, rule: "vercel-anthropic-exclusive", totalMayOmitParts: true)
  private static let byFamily: [Emitter.Family: UsageConvention] = [
    .openInference: UsageConvention(reading: .inclusive, rule: "openinference-inclusive"),
    .openLLMetry: UsageConvention(reading: .inclusive, rule: "openllmetry-inclusive"),
    .liteLLM: UsageConvention(reading: .inclusive, rule: "litellm-inclusive"),
    .googleADK: UsageConvention(reading: .inclusive, rule: "adk-inclusive"),
  ]
  private static let openTelemetry = UsageConvention(reading: .inclusive, rule: "otel-inclusive")

  static func of(_ source: UsageSource) -> UsageConvention {
    let emitter = source.emitter
    switch emitter.family {
    case .openTelemetry, .unknown, .langfuse: return openTelemetry
    case .vercelAI:
      // Before 6 the SDK passed a provider's own counts through.
      return source.isCacheBeside && !source.isVercelDetailed ? vercelExclusive : vercel
    case .openLIT:
      if emitter.library != nil { return byLibrary[emitter] ?? openLIT }
      switch source.provider {
      case "anthropic": return openLITAnthropic
      case "aws.bedrock": return openLITBedrock
      case "gcp.gemini", "gcp.gen_ai", "gcp.vertex_ai": return openLITGemini
      default: return openLIT
      }
    case .openInference, .openLLMetry, .liteLLM, .googleADK:
      if emitter.library != nil, let known = byLibrary[emitter] { return known }
      return byFamily[emitter.family] ?? openTelemetry
    }
  }
}
