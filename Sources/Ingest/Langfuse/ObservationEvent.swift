import Domain
import Wire

extension BatchEvent {
  /// Every event type about an observation.
  /// - Parameter traceOf: the trace that other events of the batch name for an observation, by the observation's id as
  /// sent.
  func observation(
    _ kind: ObservationKind?, isUpdate: Bool, _ context: IngestContext, traceOf: [String: String]
  ) throws(EventRefusal) -> (facts: ObservationFacts, trace: TraceFacts?) {
    let sentID = try fields.id("id")
    guard let observation = sentID ?? (isUpdate ? nil : id) else {
      throw EventRefusal(reason: .missingID, detail: "id: an update must name its observation")
    }
    let traceName = try fields.id("traceId") ?? traceOf[observation]
    let (trace, externalTrace) = TraceID.named(traceName ?? observation)
    let (id, external) = ObservationID.named(observation)
    var facts = ObservationFacts(project: context.project, trace: trace, id: id)
    facts.externalID = external
    if let kind { facts.kind = kind } else { facts.kind = try observationKind() }
    facts.parent = try fields.id("parentObservationId").map { ObservationID.named($0).id }
    try readWhatHappened(into: &facts)
    try readConsumption(into: &facts)
    facts.environment = try fields.environment(context)
    facts.version = try fields.text("version", max: 1000)
    facts.endpointHint = fields.endpointHint
    facts.scope = "langfuse"
    facts.key = context.key
    facts.stampAll(stamp)
    facts.declared = declared(context)
    weaken(&facts, kind, isUpdate: isUpdate)
    let wrapper = traceName == nil ? try wrapperTrace(trace, externalTrace, facts, context) : nil
    return (facts, wrapper ?? externalTrace.map { bareTrace(trace, $0, context) })
  }

  private var hasUsage: Bool { fields["usageDetails"] != nil || fields["usage"] != nil }

  /// The body's own `type`, in the two event types that leave the kind to it.
  private func observationKind() throws(EventRefusal) -> ObservationKind {
    guard let kind = try fields.text("type").flatMap(LangfuseConvention.kind) else {
      throw .field("type", "must name an observation type: GENERATION, SPAN or EVENT")
    }
    return kind
  }

  private func readWhatHappened(into facts: inout ObservationFacts) throws(EventRefusal) {
    facts.name = try fields.text("name").map { String($0.prefix(1000)) }
    if let level = try fields.text("level") {
      guard let known = LangfuseConvention.level(level) else {
        throw .field("level", "must be DEBUG, DEFAULT, WARNING or ERROR")
      }
      facts.level = known
    }
    facts.statusMessage = try fields.text("statusMessage", max: 1_000_000)
    facts.startedAt = try fields.time("startTime")
    facts.endedAt = try fields.time("endTime")
    if let start = facts.startedAt, let end = facts.endedAt { facts.endedAt = max(start, end) }
    facts.firstTokenAt = try fields.time("completionStartTime")
    facts.bodies = [
      fields.body("input", .input), output(facts), fields.metadata,
      fields.attributes(["modelParameters"]),
    ].compactMap { $0 }
  }

  /// LiteLLM gives the error's message as the output of a failed call: the status message holds it already, and as an
  /// output it would say that the provider answered.
  private func output(_ facts: ObservationFacts) -> BodyPart? {
    guard let output = fields.body("output", .output) else { return nil }
    guard facts.level == .error, let message = facts.statusMessage, output.text.utf8.first == UInt8(ascii: "\"") else {
      return output
    }
    return (try? JSON.parse(output.text)) == .string(message) ? nil : output
  }

  private func readConsumption(into facts: inout ObservationFacts) throws(EventRefusal) {
    facts.requestModel = try fields.text("model", max: 1000)
    facts.provider = fields.metadataTexts["ls_provider"].flatMap { $0.isEmpty ? nil : Provider.normalise($0) }
    facts.serviceTier = fields.requestedTier
    // Langfuse's OpenAI wrapper puts the fields of a Responses API answer into metadata.
    if fields.metadataTexts["object"] == "response" {
      facts.responseID = fields.metadataTexts["id"]
      facts.serviceTier = fields.metadataTexts["service_tier"] ?? facts.serviceTier
    }
    try readUsage(into: &facts)
    if let name = try fields.text("promptName", max: 1000) {
      let version = try promptVersion()
      facts.prompt = version.map { "\(name)@\($0)" } ?? name
    }
  }

  private func readUsage(into facts: inout ObservationFacts) throws(EventRefusal) {
    let details = try fields.object("usageDetails"), legacy = try fields.object("usage")
    facts.reportedCost = LangfuseCost.reported(details: try fields.object("costDetails"), usage: legacy)
    facts.region = SpanFacts.metadataRegions.lazy.compactMap { fields.metadataTexts[$0] }.first
    var source = UsageSource(Emitter(.langfuse), provider: facts.provider, model: facts.requestModel)
    source.isEmbedding = facts.kind == .embedding
    if let native = UsageNormaliser.langfuse(details: details, legacy: legacy, source) {
      facts.usage = UsageNormaliser.report(native, source)
      take(native.evidence, into: &facts)
      if native.evidence.isServedFromCache { facts.usage?.flags.insert(.servedFromCache) }
    }
    readAnswer(into: &facts, source)
    func says(_ name: String) -> Bool { fields.metadataTexts[name]?.lowercased() == "true" }
    if says("batch") { facts.serviceTier = "batch" }
    guard says("cache_hit") || says("cacheHit") else { return }
    facts.usage = facts.usage ?? UsageReport(usage: Usage(), rule: "served-from-cache", raw: "{}")
    facts.usage?.flags.insert(.servedFromCache)
  }

  /// A provider's answer that came as output: its usage where the event tells none, else what it tells besides.
  private func readAnswer(into facts: inout ObservationFacts, _ source: UsageSource) {
    guard facts.kind == .generation || facts.kind == .embedding,
      let text = facts.bodies.first(where: { $0.kind == .output })?.text
    else { return }
    if var report = facts.usage, !report.usage.isEmpty {
      guard let answer = PayloadUsage.beside(text, wantsTier: true, source) else { return }
      answer.complete(&report)
      facts.usage = report
      facts.serviceTier = answer.evidence.serviceTier ?? facts.serviceTier
    } else if let answer = PayloadUsage(text: text, source), let native = answer.native {
      facts.usage = UsageNormaliser.report(native, source)
      take(answer.evidence, into: &facts)
    }
  }

  private func take(_ evidence: CallEvidence, into facts: inout ObservationFacts) {
    facts.serviceTier = evidence.serviceTier ?? facts.serviceTier
    facts.region = facts.region ?? evidence.region
    if let cost = evidence.cost { facts.reportedCost = ReportedCost(amount: cost, source: .provider) }
  }

  private func promptVersion() throws(EventRefusal) -> Int64? {
    guard let value = fields["promptVersion"] else { return nil }
    guard let version = value.intValue else { throw .field("promptVersion", "must be a whole number") }
    return version
  }

  /// Takes back what is no word of the sender's: a start in default of a sent one, and the kind in `span-update`, which
  /// is also how SDKs update agents, tools and chains.
  private func weaken(_ facts: inout ObservationFacts, _ kind: ObservationKind?, isUpdate: Bool) {
    if facts.startedAt == nil, !isUpdate {
      facts.startedAt = time
      facts.stamps[.startedAt] = Self.defaultStamp(time)
    }
    if kind == .span, isUpdate { facts.stamps[.kind] = Self.defaultStamp(time) }
    // What is read out of an answer gives way to what any event tells as usage.
    if facts.usage != nil, !hasUsage { facts.stamps[.usage] = Self.defaultStamp(time) }
  }

  /// An observation without a trace is a trace of its own, named like it.
  private func wrapperTrace(
    _ trace: TraceID, _ external: String?, _ facts: ObservationFacts, _ context: IngestContext
  ) throws(EventRefusal) -> TraceFacts {
    var wrapper = TraceFacts(project: context.project, id: trace)
    wrapper.externalID = external
    wrapper.name = facts.name
    wrapper.environment = facts.environment
    wrapper.stampAll(stamp)
    return wrapper
  }

  /// Keeps the id as sent for a trace that no event of the batch describes.
  private func bareTrace(_ trace: TraceID, _ external: String, _ context: IngestContext) -> TraceFacts {
    var bare = TraceFacts(project: context.project, id: trace)
    bare.externalID = external
    return bare
  }
}

/// Costs in Langfuse's events, in US dollars.
enum LangfuseCost {
  /// `costDetails`, else the costs in the older `usage`. A total wins over the sum of the parts; negative and
  /// non-numeric members don't count. nil without any.
  static func reported(details: JSONValue?, usage: JSONValue?) -> ReportedCost? {
    let amount = sum(details?.objectValue?.members ?? []) ?? legacy(usage)
    return amount.map { ReportedCost(amount: $0, source: .sender) }
  }

  private static func sum(_ members: [JSONMember]) -> USD? {
    var sum: USD?
    for member in members {
      guard let amount = amount(member.value) else { continue }
      if member.key == "total" { return amount }
      sum = (sum ?? .zero) + amount
    }
    return sum
  }

  private static func legacy(_ usage: JSONValue?) -> USD? {
    if let total = amount(usage?["totalCost"]) { return total }
    let parts = [amount(usage?["inputCost"]), amount(usage?["outputCost"])].compactMap { $0 }
    return parts.isEmpty ? nil : parts.reduce(.zero, +)
  }

  private static func amount(_ value: JSONValue?) -> USD? {
    guard let amount = value?.decimalText.flatMap({ USD(decimal: $0) }), amount >= .zero else { return nil }
    return amount
  }
}
