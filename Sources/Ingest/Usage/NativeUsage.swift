import Domain
import Wire

/// A usage object in a provider's own shape: its counts, what they mean, and what it tells about the call besides.
struct NativeUsage {
  var counts: SentUsage
  var reading: UsageReading
  var rule: String
  var evidence = CallEvidence()

  /// nil for an object of no known shape, or without any count.
  init?(_ object: JSONObject, _ source: UsageSource) {
    self.init(object, UsageMarks(object), source)
  }

  init?(_ object: JSONObject, _ marks: UsageMarks, _ source: UsageSource) {
    guard let shape = marks.shape else { return nil }
    counts = SentUsage(rawText: JSON.serialise(.object(object)))
    (reading, rule) = shape.read(object, &counts, source)
    if counts.isEmpty { return nil }
    if marks.tellsSides { UsageShape.readSides(object, &counts) }
    if marks.tellsEvidence { evidence.read(usage: object, isOpenRouter: source.provider == "openrouter") }
  }

  init(_ counts: SentUsage, _ reading: UsageReading, rule: String) {
    self.counts = counts
    self.reading = reading
    self.rule = rule
  }
}

/// What a provider's answer tells about a call besides its counts.
struct CallEvidence {
  var serviceTier: String?
  var region: String?
  /// Stated by the provider, in US dollars.
  var cost: USD?
  /// LangChain sets the cost of what its cache answered to 0.
  var isServedFromCache = false

  /// Takes what is not known yet from a usage object.
  mutating func read(usage: JSONObject, isOpenRouter: Bool) {
    if usage["speed"]?.stringValue == "fast" { serviceTier = serviceTier ?? "fast" }
    serviceTier = serviceTier ?? usage["service_tier"]?.stringValue ?? Self.tier(traffic: traffic(usage))
    serviceTier = serviceTier ?? Self.tier(details: usage)
    if usage["total_cost"]?.decimalText == "0", usage.hasAny(["input_tokens", "prompt_tokens"]) { isServedFromCache = true }
    region = region ?? usage["inference_geo"]?.stringValue
    cost = cost ?? Self.cost(usage, isOpenRouter)
  }

  /// LangChain puts a tier into the names of counts: "priority_cache_read" within details, "input_priority" in maps.
  private static func tier(details usage: JSONObject) -> String? {
    for tier in ["priority", "flex"] {
      if usage.has("input_" + tier) || usage.has("output_" + tier) { return tier }
      for name in ["input_token_details", "output_token_details"] {
        if usage[name]?.objectValue?.has(tier) ?? false { return tier }
      }
    }
    return nil
  }

  private func traffic(_ usage: JSONObject) -> String? {
    usage["trafficType"]?.stringValue ?? usage["traffic_type"]?.stringValue
  }

  /// Vertex AI's `trafficType`, such as "ON_DEMAND_FLEX".
  private static func tier(traffic: String?) -> String? {
    guard let traffic else { return nil }
    if traffic.hasSuffix("PRIORITY") { return "priority" }
    if traffic.hasSuffix("FLEX") { return "flex" }
    return traffic == "PROVISIONED_THROUGHPUT" ? "provisioned_throughput" : nil
  }

  /// OpenRouter (`cost`, told by the members beside it; with the customer's own key what the provider takes is added),
  /// xAI (ticks of 10⁻¹⁰ dollars), Perplexity (`cost.total_cost`).
  private static func cost(_ usage: JSONObject, _ isOpenRouter: Bool) -> USD? {
    if let ticks = SentUsage.count(usage["cost_in_usd_ticks"]) { return USD(pico: Int128(ticks) * 100) }
    if let total = amount(usage["cost"]?["total_cost"]) { return total }
    let details = usage["cost_details"] ?? usage["costDetails"]
    guard isOpenRouter || usage.hasAny(["is_byok", "isByok", "cost_details", "costDetails"]) else { return nil }
    guard let cost = amount(usage["cost"]) else { return nil }
    let isOwnKey = (usage["is_byok"] ?? usage["isByok"])?.boolValue == true
    let upstream = details?["upstream_inference_cost"] ?? details?["upstreamInferenceCost"]
    return isOwnKey ? cost + (amount(upstream) ?? .zero) : cost
  }

  static func amount(_ value: JSONValue?) -> USD? {
    value?.decimalText.flatMap { USD(decimal: $0) }.flatMap { $0 >= .zero ? $0 : nil }
  }
}

/// The providers' usage objects, told apart by the names they use.
///
/// | shape | told by | reading |
/// |---|---|---|
/// | OpenAI chat and who copies it | `prompt_tokens` or `completion_tokens` | inclusive; xAI, Perplexity: reasoning beside |
/// | Anthropic | `input_tokens` with `cache_*_input_tokens` or `server_tool_use` | exclusive |
/// | LangChain `usage_metadata` | `input_tokens` with `input_token_details.cache_read` … | inclusive |
/// | OpenAI responses, realtime, images | `input_tokens` else | inclusive |
/// | Cohere | `billed_units` | inclusive |
/// | Gemini | `promptTokenCount`, either spelling | cache inside, thoughts beside |
/// | Gemini interactions | `total_input_tokens` | the same |
/// | Vercel AI SDK | `inputTokens` with `cachedInputTokens`, `inputTokenDetails` or `reasoningTokens` | inclusive |
/// | Bedrock, Cursor, Claude Code | `inputTokens` else | exclusive |
/// | Mistral and LangChain for JavaScript | `promptTokens` | inclusive |
/// | Ollama | `prompt_eval_count` | no cache |
/// | speech, reading | `seconds`, `pages_processed` | – |
enum UsageShape: Int {
  case openAIChat, cohere, inputTokens, gemini, geminiInteractions, inputCamel, promptCamel, ollama, plainUnits

  func read(_ object: JSONObject, _ counts: inout SentUsage, _ source: UsageSource) -> (UsageReading, String) {
    switch self {
    case .openAIChat: Self.openAIChat(object, &counts, source)
    case .inputTokens: Self.inputTokens(object, &counts)
    case .cohere: Self.cohere(object, &counts)
    case .gemini: Self.gemini(object, &counts)
    case .geminiInteractions: Self.geminiInteractions(object, &counts)
    case .inputCamel: Self.inputCamel(object, &counts, source)
    case .promptCamel: Self.promptCamel(object, &counts)
    case .ollama: Self.ollama(object, &counts)
    case .plainUnits: Self.plainUnits(object, &counts)
    }
  }
}

/// What the names in an object tell, in one pass.
struct UsageMarks {
  /// The shape with the most telling name; nil for none.
  private(set) var shape: UsageShape?
  /// Searches, or that the sender estimated.
  private(set) var tellsSides = false
  private(set) var tellsEvidence = false

  init(_ object: JSONObject) {
    for member in object.members {
      guard let mark = Self.marks[member.key], !member.value.isNull else { continue }
      switch mark {
      case .shape(let shape): if self.shape.map({ shape.rawValue < $0.rawValue }) ?? true { self.shape = shape }
      case .sides: tellsSides = true
      case .evidence: tellsEvidence = true
      }
    }
  }

  private enum Mark {
    case shape(UsageShape)
    case sides, evidence
  }
  private static let marks: [String: Mark] = {
    var marks: [String: Mark] = [:]
    for (shape, names) in shapes {
      for name in names { marks[name] = .shape(shape) }
    }
    for name in sides { marks[name] = .sides }
    for name in evidence { marks[name] = .evidence }
    return marks
  }()
  private static let shapes: [(UsageShape, [String])] = [
    (.openAIChat, ["prompt_tokens", "completion_tokens"]), (.cohere, ["billed_units"]),
    (.inputTokens, ["input_tokens", "output_tokens"]),
    (
      .gemini,
      [
        "promptTokenCount", "candidatesTokenCount", "prompt_token_count", "candidates_token_count", "totalTokenCount",
        "total_token_count", "responseTokenCount",
      ]
    ),
    (.geminiInteractions, ["total_input_tokens", "total_output_tokens"]),
    (.inputCamel, ["inputTokens", "outputTokens", "inputTokenCount", "outputTokenCount"]),
    (.promptCamel, ["promptTokens", "completionTokens"]), (.ollama, ["prompt_eval_count", "eval_count"]),
    (.plainUnits, ["pages_processed", "seconds", "billable_audio_seconds"]),
  ]
  private static let sides = [
    "server_tool_use", "web_search_requests", "webSearchRequests", "num_search_queries", "web_search_queries",
    "webSearchQueries", "grounding_queries", "groundingQueries", "tool_calls_details", "estimated", "is_estimated",
  ]
  private static let evidence = [
    "speed", "service_tier", "trafficType", "traffic_type", "inference_geo", "cost", "cost_in_usd_ticks", "total_cost",
    "input_token_details", "output_token_details", "input_priority", "input_flex", "output_priority", "output_flex",
  ]
}

// MARK: - Sides: what is billed besides tokens

extension UsageShape {
  /// Searches, and whether the sender says that it estimated.
  static func readSides(_ object: JSONObject, _ counts: inout SentUsage) {
    if object["estimated"]?.boolValue == true || object["is_estimated"]?.boolValue == true { counts.isEstimate = true }
    if let searches = searches(object, &counts), counts.others[.searches] == 0 { counts.add(.searches, searches) }
  }

  /// The first that is named: the same searches come under several names.
  private static func searches(_ object: JSONObject, _ counts: inout SentUsage) -> Int64? {
    for (owner, name) in searchNames {
      let place = owner.isEmpty ? object : object[owner]?.objectValue
      if let place, place.has(name), let found = counts.read(name, in: place) { return found }
    }
    return counts.read("invocation", object["tool_calls_details"]?["search_web"]?["invocation"])
  }

  private static let searchNames = [
    ("server_tool_use", "web_search_requests"),
    ("", "web_search_requests"), ("", "webSearchRequests"), ("", "num_search_queries"), ("", "web_search_queries"),
    ("", "webSearchQueries"), ("", "grounding_queries"), ("", "groundingQueries"),
  ]
}

extension JSONObject {
  func has(_ key: String) -> Bool { self[key].map { !$0.isNull } ?? false }

  func hasAny(_ keys: [String]) -> Bool {
    for member in members where !member.value.isNull && keys.contains(member.key) { return true }
    return false
  }
}
