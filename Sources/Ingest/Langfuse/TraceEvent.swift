import Domain
import Wire

extension BatchEvent {
  /// `trace-create`: creates or updates a trace. Without an id it makes one from its own, so that a resend meets the
  /// same trace.
  func trace(_ context: IngestContext) throws(EventRefusal) -> TraceFacts {
    let (traceID, external) = TraceID.named(try fields.id("id") ?? id)
    var facts = TraceFacts(project: context.project, id: traceID)
    facts.externalID = external
    facts.name = try fields.text("name").map { String($0.prefix(1000)) }
    facts.user = try fields.text("userId", max: 1000)
    facts.session = try fields.text("sessionId", max: 1000)
    facts.environment = try fields.environment(context)
    facts.release = try fields.text("release", max: 1000)
    facts.version = try fields.text("version", max: 1000)
    facts.isPublic = try fields.flag("public")
    facts.tags = Set(try fields.texts("tags") ?? []).filter { !$0.isEmpty }.sorted()
    facts.endpointHint = fields.endpointHint
    facts.timestamp = try fields.time("timestamp")
    facts.bodies = [
      fields.body("input", .input), fields.body("output", .output), fields.metadata, fields.attributes(["externalId"]),
    ].compactMap { $0 }
    facts.stampAll(stamp)
    facts.declared = declared(context)
    if facts.timestamp == nil {
      facts.timestamp = time
      facts.stamps[.timestamp] = Self.defaultStamp(time)
    }
    return facts
  }
}

extension EventFields {
  /// The key's environment wins over the sender's word.
  func environment(_ context: IngestContext) throws(EventRefusal) -> String? {
    let sent = try text("environment")
    return context.environment ?? sent.map(LangfuseConvention.environment)
  }

  /// `endpoint` or `feature` in metadata.
  var endpointHint: String? {
    let text = metadataTexts["endpoint"] ?? metadataTexts["feature"]
    return text.flatMap { $0.isEmpty ? nil : String($0.prefix(200)) }
  }
}
