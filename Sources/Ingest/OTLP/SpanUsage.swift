import Domain
import Wire

// MARK: - What a span says of its consumption

extension SpanFacts {
  /// In order: Langfuse's map, a provider's own object where the emitter is known to hand it over, the attributes'
  /// counts, an answer's body. Fills tier, region and cost where only a usage object tells them.
  mutating func usage() -> UsageReport? {
    var source = UsageSource(emitter, provider: facts.provider, model: facts.responseModel ?? facts.requestModel)
    source.isEmbedding = facts.kind == .embedding
    guard var report = told(&source) else { return withoutUsage(source) }
    if report.usage.isEmpty, facts.kind == .generation, let better = inPayload(source), !better.usage.isEmpty {
      report = better
    }
    if facts.kind == .generation { complete(&report, source) }
    if isServedFromCache { report.flags.insert(.servedFromCache) }
    return report
  }

  private mutating func told(_ source: inout UsageSource) -> UsageReport? {
    if let sent = reading[.usageDetails] {
      if let native = UsageNormaliser.langfuse(details: sent.parsedJSON, legacy: nil, source) {
        take(native.evidence)
        var report = UsageNormaliser.report(native, source)
        if native.evidence.isServedFromCache { report?.flags.insert(.servedFromCache) }
        return report
      }
      reading.release(.usageDetails)
    }
    if let report = handedOver(source) { return report }
    let rawText = rawUsage()
    if rawText.isEmpty { return nil }
    var sent = SentUsage(rawText: rawText)
    readCounts(&sent)
    readUnits(&sent)
    if emitter.family == .vercelAI { completeVercel(&sent, &source) }
    if sent.isEmpty { return nil }
    sent.isEstimate =
      reading[.isEstimate]?.boolValue == true
      || OpenLITConvention.isStreamEstimate(sent, reading, emitter: emitter)
    return UsageNormaliser.normalise(sent, source)
  }

  /// Nothing was told: perhaps the answer's body does, and a cache's answer has no usage of its own.
  private mutating func withoutUsage(_ source: UsageSource) -> UsageReport? {
    var report = inPayload(source)
    if isServedFromCache {
      report = report ?? UsageReport(usage: Usage(), rule: "served-from-cache", raw: "{}")
      report?.flags.insert(.servedFromCache)
    }
    return report
  }

  mutating func take(_ evidence: CallEvidence) {
    if let tier = evidence.serviceTier { takeServed(tier: tier) }
    facts.region = facts.region ?? Limits.identifier(evidence.region)
    if let cost = evidence.cost { providerCost = cost }
  }
}

// MARK: - Attributes

extension SpanFacts {
  private func readCounts(_ sent: inout SentUsage) {
    sent.input = count(.input, &sent)
    sent.output = count(.output, &sent)
    sent.total = count(.total, &sent)
    sent.cacheRead = count(.cacheRead, &sent)
    sent.cacheWrite = count(.cacheWrite, &sent)
    sent.cacheWrite5m = count(.cacheWrite5m, &sent)
    sent.cacheWrite1h = count(.cacheWrite1h, &sent)
    sent.reasoning = count(.reasoning, &sent)
    sent.inputAudio = count(.inputAudio, &sent)
    sent.cacheReadAudio = count(.cacheReadAudio, &sent)
    sent.outputAudio = count(.outputAudio, &sent)
    sent.inputImage = count(.inputImage, &sent)
    sent.cacheReadImage = count(.cacheReadImage, &sent)
    sent.outputImage = count(.outputImage, &sent)
    sent.inputVideo = count(.inputVideo, &sent)
    sent.cacheReadVideo = count(.cacheReadVideo, &sent)
  }

  private func count(_ slot: Slot, _ sent: inout SentUsage) -> Int64? {
    guard let value = reading[slot], let key = reading.key(slot) else { return nil }
    return sent.read(key, value)
  }

  /// Units other than tokens.
  private func readUnits(_ sent: inout SentUsage) {
    for (slot, bucket) in Self.units where reading.has(slot) {
      guard let value = reading[slot], let key = reading.key(slot) else { continue }
      let factor: Int64 = slot == .seconds ? 1000 : 1
      if let amount = sent.readAmount(key, value.jsonValue, times: factor) { sent.add(bucket, amount) }
    }
    // A length said about the audio itself is what is sold only where no tokens are.
    if !sent.hasTokens, sent.others.isEmpty, let value = reading[.audioSeconds],
      let time = sent.readAmount("audio", value.jsonValue, times: 1000)
    {
      sent.add(.milliseconds, time)
    }
  }

  private static let units: [(Slot, UsageBucket)] = [
    (.searches, .searches), (.images, .images), (.characters, .characters), (.pages, .pages),
    (.seconds, .milliseconds),
  ]

  /// The counts as sent, one JSON object; empty when there is none.
  private mutating func rawUsage() -> String {
    var indexes = reading.usageIndexes
    for kind in [KeyPrefix.usage, .tokenCount] {
      for (_, index) in reading.under(kind) where span.attributes[index].value.doubleValue != nil {
        indexes.append(index)
        reading.consume(index)
      }
    }
    if indexes.isEmpty { return "" }
    var writer = JSONWriter()
    writer.beginObject()
    for index in indexes {
      writer.member(span.attributes[index].key)
      writer.append(span.attributes[index].value)
    }
    writer.endObject()
    return writer.text
  }
}

// MARK: - Providers' own objects

extension SpanFacts {
  /// Google's ADK once sent the total as output; the answer it hands over tells the parts. The Vercel AI SDK hands over
  /// Anthropic's and Google's own objects, which mean the same in all its versions.
  private mutating func handedOver(_ source: UsageSource) -> UsageReport? {
    if emitter.family == .googleADK, let text = span.attributes["gcp.vertex.agent.llm_response"]?.stringValue {
      return payload(text, source)
    }
    guard emitter.family == .vercelAI, facts.kind == .generation, let metadata = providerMetadata else { return nil }
    let objects = [
      metadata["anthropic"]?["usage"], metadata["google"]?["usageMetadata"], metadata["vertex"]?["usageMetadata"],
    ]
    for object in objects {
      guard let object = object?.objectValue, let native = NativeUsage(object, source) else { continue }
      if native.counts.input == nil || native.counts.output == nil { continue }
      _ = rawUsage()
      take(native.evidence)
      return UsageNormaliser.report(native, source)
    }
    return nil
  }

  private var providerMetadata: JSONValue? {
    reading[.providerMetadata].flatMap { shared.texts.json($0) }
  }

  /// Cache counts that the SDK's attributes leave to the provider's metadata.
  private mutating func completeVercel(_ sent: inout SentUsage, _ source: inout UsageSource) {
    source.isVercelDetailed = span.attributes.contains { $0.key.hasPrefix("ai.usage.inputTokenDetails.") }
    guard let metadata = providerMetadata?.objectValue else { return }
    if let tier = metadata["openai"]?["serviceTier"]?.stringValue ?? metadata["azure"]?["serviceTier"]?.stringValue {
      takeServed(tier: tier)
    }
    for provider in metadata.members {
      guard let object = provider.value.objectValue else { continue }
      let usage = object["usage"]?.objectValue ?? object
      func fill(_ count: SentUsage.Count, _ keys: [String]) {
        if sent[count] == nil { sent[count] = keys.lazy.compactMap { SentUsage.count(usage[$0]) }.first }
      }
      fill(.cacheRead, ["cacheReadInputTokens", "cachedPromptTokens", "promptCacheHitTokens", "cache_read_input_tokens"])
      fill(.cacheWrite, ["cacheCreationInputTokens", "cacheWriteInputTokens", "cache_creation_input_tokens"])
      fill(.reasoning, ["reasoningTokens"])
      sent.takeLifetimes(usage["cache_creation"]?.objectValue)
      if provider.key == "openrouter", let cost = CallEvidence.amount(usage["cost"]) { providerCost = cost }
    }
  }

  /// Attributes that hold an answer or a usage object, by what senders call them; then the output.
  private static let answers = [
    "gen_ai.usage", "llm.usage", "usage", "message.usage", "gen_ai.response", "llm.response", "llm.raw_response",
    "raw_response", "response", "gen_ai.response.body", "gcp.vertex.agent.llm_response", "genkit:output",
    "lk.llm_metrics", "http.response.body", "response.body",
  ]

  private mutating func inPayload(_ source: UsageSource) -> UsageReport? {
    switch facts.kind {
    case .generation, .embedding: break
    case .retriever: if !reading.has(.requestModel), !reading.has(.responseModel) { return nil }
    default: return nil
    }
    for attribute in span.attributes where Self.answers.contains(attribute.key) {
      if let report = payload(attribute.value, source) { return report }
    }
    for slot in [Slot.outputDocument, .outputValue, .outputText, .outputMessages] {
      if let value = reading[slot], let report = payload(value, source) { return report }
    }
    return nil
  }

  private mutating func payload(_ value: AnyValue, _ source: UsageSource) -> UsageReport? {
    if case .string(let text) = value { return payload(text, source) }
    guard case .map = value else { return nil }
    return report(PayloadUsage(value.jsonValue, source), source)
  }

  private mutating func payload(_ text: String, _ source: UsageSource) -> UsageReport? {
    report(PayloadUsage(text: text, source), source)
  }

  private mutating func report(_ payload: PayloadUsage?, _ source: UsageSource) -> UsageReport? {
    guard let payload, let native = payload.native, let report = UsageNormaliser.report(native, source) else {
      return nil
    }
    take(payload.evidence)
    return report
  }

  /// Searches are billed beside tokens, and only the answer shows them; at times it alone tells lifetimes and the tier.
  private mutating func complete(_ report: inout UsageReport, _ source: UsageSource) {
    if let answer {
      if Self.isFiner(answer["usage"]) {
        PayloadUsage(answer, source)?.complete(&report)
      } else if report.usage[.searches] == 0, let output = answer["output"] {
        report.usage[.searches] = PayloadUsage.searches(output, source)
      }
      return
    }
    let wantsTier = facts.serviceTier != "batch" && !reading.has(.responseTier)
    for slot in [Slot.outputDocument, .outputValue, .outputText] {
      guard case .string(let text) = reading[slot] else { continue }
      let wantsTier = wantsTier && (facts.serviceTier != nil || !PayloadUsage.saysStandardTier(text))
      guard let answer = PayloadUsage.beside(text, wantsTier: wantsTier, source) else { return }
      answer.complete(&report)
      if wantsTier, let tier = answer.evidence.serviceTier { takeServed(tier: tier) }
      return
    }
  }

  private static func isFiner(_ usage: JSONValue?) -> Bool {
    (SentUsage.count(usage?["cache_creation"]?["ephemeral_1h_input_tokens"]) ?? 0) > 0
      || (SentUsage.count(usage?["server_tool_use"]?["web_search_requests"]) ?? 0) > 0
  }
}
