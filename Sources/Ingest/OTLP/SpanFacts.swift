import Domain
import Wire

/// One span as evidence about one observation.
struct SpanFacts {
  let span: OTLPSpan
  let shared: SpanContext
  var reading: SpanReading
  var facts: ObservationFacts
  let emitter: Emitter
  /// Parsed once: OpenInference packs the asked model and parameters into one JSON text.
  let parameters: JSONValue?
  /// Stated by the provider in its usage object.
  var providerCost: USD?
  /// A provider's whole answer that was parsed anyway.
  var answer: JSONValue?
  let metadataJSON: JSONValue?

  init(_ span: OTLPSpan, trace: TraceID, id: ObservationID, shared: SpanContext) {
    self.span = span
    self.shared = shared
    reading = SpanReading(span.attributes)
    facts = ObservationFacts(project: shared.context.project, trace: trace, id: id)
    emitter = shared.emitter ?? Emitter.detect(attributes: span.attributes, resource: shared.resource.attributes)
    parameters = shared.texts.json(reading[.parameters])
    metadataJSON = shared.texts.json(reading[.metadata])
    fill()
  }

  private mutating func fill() {
    let parent = ObservationID(bytes: span.parentSpanID)
    facts.parent = parent == facts.id ? nil : parent
    facts.kind = kind
    facts.name = Limits.cut(span.name, Limits.nameBytes)
    facts.startedAt = span.startNanoseconds == 0 ? nil : Timestamp(nanoseconds: span.startNanoseconds)
    facts.endedAt = span.endNanoseconds == 0 ? nil : Timestamp(nanoseconds: span.endNanoseconds)
    facts.firstTokenAt = firstTokenAt
    fillOutcome()
    fillCall()
    fillContext()
    facts.usage = usage()
    facts.reportedCost = reportedCost()
    facts.serverRoute = serverRoute
    facts.scope = Limits.identifier(shared.scope.name)
    facts.key = shared.context.key
    fillBodies()
    facts.stampAll(stamp)
    if !shared.context.declaredKeys.isEmpty { fillDeclared() }
  }

  /// Of two copies of a span the later end wins, then the larger content hash.
  var stamp: Stamp { Stamp(time: facts.endedAt?.microseconds ?? .min, rank: 0, hash: span.contentHash) }
  var isRoot: Bool { facts.parent == nil || reading[.asRoot]?.boolValue == true }
}

// MARK: - Classification and outcome

extension SpanFacts {
  private var kind: ObservationKind {
    let said =
      reading.text(.langfuseType).flatMap(LangfuseConvention.kind)
      ?? reading.text(.openInferenceKind).flatMap(OpenInferenceConvention.kind)
      ?? reading.text(.operation).flatMap(GenAIConvention.kind)
      ?? reading.text(.traceloopKind).flatMap(GenericConvention.traceloopKind)
      ?? reading.text(.requestType).flatMap(GenericConvention.requestKind)
      ?? reading.text(.vercelOperation).flatMap(GenericConvention.vercelKind)
    if let said { return said }
    if reading.has(.toolName) { return .tool }
    if reading.has(.requestModel) || reading.has(.responseModel) || !reading.usageIndexes.isEmpty { return .generation }
    return reading.has(.databaseSystem) && reading.has(.operation) ? .retriever : .span
  }

  private mutating func fillOutcome() {
    facts.level = reading.text(.level).flatMap(LangfuseConvention.level) ?? (span.statusCode == 2 ? .error : nil)
    let exception = span.events.last { $0.name == "exception" }?.attributes["exception.message"]?.stringValue
    var message = reading.text(.statusMessage) ?? (span.statusMessage.isEmpty ? nil : span.statusMessage)
    if message == nil, facts.level == .error { message = exception ?? reading.text(.exceptionMessage) }
    facts.statusMessage = Limits.cut(message, Limits.messageBytes)
    if let message, message.utf8.count > Limits.messageBytes { reading.release(.statusMessage) }
  }

  /// Route of an incoming request. A client's span and one that carries usage speak of the provider's endpoint instead.
  private var serverRoute: String? {
    guard span.kind == 2, facts.usage == nil else { return nil }
    let target = reading.text(.httpTarget)?.split(separator: "?", maxSplits: 1).first.map(String.init)
    return Limits.identifier(reading.text(.httpRoute) ?? reading.text(.urlPath) ?? target)
  }

  private var firstTokenAt: Timestamp? {
    if let time = reading.text(.firstTokenTime).flatMap(LangfuseConvention.instant) { return time }
    if let event = span.events.first(where: { $0.name == "First Token Stream Event" }), event.timeNanoseconds > 0 {
      return Timestamp(nanoseconds: event.timeNanoseconds)
    }
    // Some write the whole duration, or 0, for answers that were no stream.
    guard let start = facts.startedAt, reading[.stream]?.boolValue != false else { return nil }
    let seconds =
      reading[.firstTokenSeconds]?.doubleValue ?? reading[.firstTokenMilliseconds]?.doubleValue.map { $0 / 1000 }
    guard let seconds, seconds > 0, seconds < 1_000_000 else { return nil }
    return start.adding(microseconds: Int64((seconds * 1_000_000).rounded()))
  }
}

// MARK: - The call

extension SpanFacts {
  private mutating func fillCall() {
    facts.provider = Limits.identifier(reading.text(.provider)).map { shared.texts.name($0, Provider.normalise) }
    facts.responseModel = Limits.identifier(reading.text(.responseModel))
    facts.requestModel = Limits.identifier(reading.text(.requestModel))
    if reading.key(.requestModel).map({ $0 == "llm.model_name" }) ?? true, let asked = parameters?["model"]?.stringValue
    {
      facts.requestModel = Limits.identifier(asked)
    }
    facts.responseID = Limits.identifier(reading.text(.responseID))
    fillTier()
    fillRegion()
    if emitter.family == .openInference { fillFromResponse() }
    if reading.has(KeyPrefix.metadata), span.attributes["langfuse.observation.metadata.litellm_call_id"] != nil {
      facts.responseID =
        facts.responseID ?? Limits.identifier(span.attributes["langfuse.observation.metadata.response_id"]?.stringValue)
    }
    if let name = reading.text(.promptName) {
      facts.prompt = Limits.identifier(reading.text(.promptVersion).map { "\(name)@\($0)" } ?? name)
    }
  }

  private mutating func fillFromResponse() {
    guard facts.kind == .generation, facts.responseID == nil,
      let answer = reading[.outputValue]?.parsedJSON, let response = OpenInferenceConvention.response(answer)
    else { return }
    self.answer = answer
    facts.responseID = Limits.identifier(response.id)
    facts.responseModel = facts.responseModel ?? Limits.identifier(response.model)
    if !reading.has(.responseTier) { take(response.evidence) }
  }

  private mutating func fillContext() {
    facts.user = Limits.person(reading.text(.user))
    facts.session = Limits.person(reading.text(.session))
    facts.environment = shared.environment(reading)
    facts.service = Limits.service(shared.text(.service, reading))
    facts.release = Limits.identifier(shared.text(.release, reading))
    facts.version = Limits.identifier(shared.text(.version, reading))
    facts.endpointHint = endpointHint()
  }

  /// The application's own feature or route; an address is some service's and stays an attribute.
  private mutating func endpointHint() -> String? {
    let metadata = metadataJSON
    let own = reading.text(.endpoint)
    if let own, own.isAddress { reading.release(.endpoint) }
    for said in [own, metadata?["endpoint"]?.stringValue, metadata?["feature"]?.stringValue] {
      if let said, !said.isAddress { return Limits.identifier(said) }
    }
    return nil
  }

  private mutating func reportedCost() -> ReportedCost? {
    if let providerCost { return Self.cost(providerCost, .provider) }
    if let amount = LangfuseConvention.cost(reading[.costDetails]) { return Self.cost(amount, .sender) }
    reading.release(.costDetails)
    let amount = Self.amount(reading[.costTotal])
    let parts = [Self.amount(reading[.costInput]), Self.amount(reading[.costOutput])].compactMap { $0 }
    guard let cost = amount ?? (parts.isEmpty ? nil : parts.reduce(.zero, +)) else { return nil }
    // OpenLIT writes 0 for a model it has no price of.
    if cost == .zero, emitter.family == .openLIT {
      reading.release(.costTotal)
      return nil
    }
    let isProvider =
      facts.provider == "openrouter" || shared.scope.name.hasPrefix("openrouter")
      || shared.resource.text(.service) == "openrouter"
    return Self.cost(cost, isProvider ? .provider : .instrumentation)
  }

  private static func amount(_ value: AnyValue?) -> USD? {
    value?.decimalText.flatMap { USD(decimal: $0) }.flatMap { $0 >= .zero ? $0 : nil }
  }

  /// A call's cost is stored in 64 bits of pico-USD; more is no cost of a call.
  private static func cost(_ amount: USD, _ source: ReportedCost.Source) -> ReportedCost? {
    amount.pico <= Int128(Int64.max) ? ReportedCost(amount: amount, source: source) : nil
  }
}

// MARK: - Bodies

extension SpanFacts {
  private mutating func fillBodies() {
    let content = SpanContent(&reading, events: span.events, kind: facts.kind ?? .span)
    add(.input, content.input)
    if !isErrorText(content.output) { add(.output, content.output) }
    add(.metadata, metadata())
    reading.consume(.traceMetadata)
    add(.attributes, SpanAttributes.body(span, reading, shared: shared, content: content))
  }

  private mutating func metadata() -> String? {
    guard !reading.has(KeyPrefix.metadata), case .string(let text) = reading[.metadata] else {
      return Self.document(.metadata, .metadata, &reading)
    }
    return shared.texts.object(text) { Self.document(.metadata, .metadata, &reading) ?? "" }
  }

  /// LiteLLM gives the error's message as the output of a failed call: the status message holds it already, and as an
  /// output it would say that the provider answered.
  private func isErrorText(_ output: String?) -> Bool {
    facts.level == .error && output != nil && output == facts.statusMessage
  }

  private mutating func add(_ kind: BodyKind, _ text: String?) {
    if let text { facts.bodies.append(BodyPart(kind: kind, text: text, stamp: stamp)) }
  }

  /// Metadata sent whole and member by member, as one object. A value that is no object stands under "metadata".
  static func document(_ slot: Slot, _ prefix: KeyPrefix, _ reading: inout SpanReading) -> String? {
    var members: [JSONMember] = []
    if let sent = reading[slot] {
      let parsed = sent.parsedJSON ?? .string(sent.bodyText)
      members = parsed.objectValue?.members ?? [JSONMember(key: "metadata", value: parsed)]
    }
    for (rest, index) in reading.under(prefix) {
      members.append(JSONMember(key: String(rest), value: memberValue(reading.attributes[index].value)))
      reading.consume(index)
    }
    return members.isEmpty ? nil : JSON.serialise(.object(JSONObject(members)))
  }

  /// SDKs write lists and objects as JSON text; those become documents again.
  private static func memberValue(_ value: AnyValue) -> JSONValue {
    if case .string(let text) = value, let first = text.utf8.first,
      first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    {
      return (try? JSON.parse(text)) ?? .string(text)
    }
    return value.jsonValue
  }
}

extension String {
  /// Has a scheme: "https://…".
  fileprivate var isAddress: Bool {
    var before: (UInt8, UInt8) = (0, 0)
    for byte in utf8 {
      if before == (UInt8(ascii: ":"), UInt8(ascii: "/")), byte == UInt8(ascii: "/") { return true }
      before = (before.1, byte)
    }
    return false
  }
}
