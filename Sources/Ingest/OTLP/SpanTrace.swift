import Domain
import Wire

/// What one span says about its trace.
enum SpanTrace {
  /// Trace-level attributes count from any span; name and route of the root stand in where nobody names the trace.
  static func facts(_ span: SpanFacts) -> TraceFacts {
    let observation = span.facts
    var trace = TraceFacts(project: observation.project, id: observation.trace)
    var reading = span.reading
    trace.name = Limits.cut(reading.text(.traceName), Limits.nameBytes)
    trace.user = observation.user
    trace.session = observation.session
    trace.environment = observation.environment
    trace.release = observation.release
    trace.version = observation.version
    trace.isPublic = reading[.tracePublic]?.boolValue
    trace.tags = tags(reading[.tags])
    trace.endpointHint = hint(reading)
    let stamp = Stamp(
      time: (observation.endedAt ?? observation.startedAt)?.microseconds ?? 0, rank: 0, hash: span.span.contentHash)
    for (kind, slot) in [(BodyKind.input, Slot.traceInput), (.output, .traceOutput)] {
      if let value = reading[slot] { trace.bodies.append(BodyPart(kind: kind, text: value.bodyText, stamp: stamp)) }
    }
    trace.stampAll(stamp)
    span.fillDeclared(&trace, stamp)
    addMetadata(SpanFacts.document(.traceMetadata, .traceMetadata, &reading), to: &trace)
    if span.isRoot { addRoot(span, to: &trace) }
    return trace
  }

  /// Every span of a trace repeats its metadata: a stamp made of the text alone keeps equal copies one.
  private static func addMetadata(_ text: String?, to trace: inout TraceFacts) {
    guard let text else { return }
    let stamp = Stamp(time: .min, rank: 0, hash: SHA256Digest.prefix64(of: text))
    trace.bodies.append(BodyPart(kind: .metadata, text: text, stamp: stamp))
  }

  /// Older than anything said on purpose; of several roots the first to start wins.
  private static func addRoot(_ span: SpanFacts, to trace: inout TraceFacts) {
    let start = span.facts.startedAt?.microseconds ?? .max
    let stamp = Stamp(time: -start, rank: 0, hash: span.span.contentHash)
    if trace.name == nil, let name = span.facts.name {
      trace.name = name
      trace.stamps[.name] = stamp
    }
    if let route = span.facts.serverRoute {
      trace.serverRoute = route
      trace.stamps[.serverRoute] = stamp
    }
  }

  private static func hint(_ reading: SpanReading) -> String? {
    guard reading.has(Slot.traceMetadata) || reading.has(KeyPrefix.traceMetadata) else { return nil }
    let whole = reading[.traceMetadata]?.parsedJSON
    for name in ["endpoint", "feature"] {
      if let sent = reading.under(.traceMetadata).first(where: { $0.rest == name }) {
        return Limits.identifier(reading.attributes[sent.index].value.stringValue)
      }
      if let sent = whole?[name]?.stringValue { return Limits.identifier(sent) }
    }
    return nil
  }

  /// A list, a list as JSON text, a comma list or a single tag; sorted, without repeats.
  static func tags(_ value: AnyValue?) -> [String] {
    guard let value else { return [] }
    var found: [String] = []
    if case .array(let values) = value {
      found = values.compactMap(\.stringValue)
    } else if let list = value.parsedJSON?.arrayValue {
      found = list.compactMap(\.stringValue)
    } else if let text = value.stringValue {
      found = text.split(separator: ",").map { trimmed($0) }
    }
    let tags = found.compactMap { Limits.identifier($0) }
    let isSorted = zip(tags, tags.dropFirst()).allSatisfy { $0 < $1 }
    return isSorted ? tags : Set(tags).sorted()
  }

  private static func trimmed(_ text: Substring) -> String {
    String(String(text.drop { $0 == " " }.reversed()).drop { $0 == " " }.reversed())
  }
}
