import Domain
import Wire

/// OTLP log records to facts: GenAI content events only.
public enum OTLPLogNormaliser {
  /// A content event of a span becomes an attributes part `{"contentEvents": [event]}` of its observation, which it
  /// does not make arrive; `ChatContent.assemble` folds the events when read. Everything else is rejected as
  /// `.notSupported`, a content event without a span as `.unlinked`.
  public static func batch(_ resourceLogs: [OTLPResourceLogs], _ context: IngestContext) -> IngestBatch {
    var batch = IngestBatch()
    var offset = 0
    for scope in resourceLogs.flatMap(\.scopes) {
      let places = Places(count: scope.records.count, refusals: scope.refusals, offset: offset)
      batch.rejections += places.rejections
      for (i, record) in scope.records.enumerated() { add(record, at: places.index(i), context, to: &batch) }
      offset += places.total
    }
    return batch
  }

  private static func add(
    _ record: OTLPLogRecord, at index: Int, _ context: IngestContext, to batch: inout IngestBatch
  ) {
    let name = eventName(record)
    guard let event = ContentEvent(record, name: name) else {
      let what = name.isEmpty ? "log records" : "the event \(String(name.prefix(100)))"
      batch.rejections.append(
        Rejection(index: index, reason: .notSupported, detail: "\(what) are not stored: only GenAI content events are"))
      return
    }
    guard let trace = TraceID(bytes: record.traceID), let id = ObservationID(bytes: record.spanID) else {
      batch.rejections.append(
        Rejection(
          index: index, reason: .unlinked, detail: "the event \(name) names no span: traceId and spanId are needed"))
      return
    }
    var facts = ObservationFacts(project: context.project, trace: trace, id: id)
    facts.isArrived = false
    let stamp = Stamp(time: Int64(event.timeNanoseconds / 1000), rank: 0, hash: record.contentHash)
    let text = JSON.serialise(["contentEvents": [event.json]])
    facts.bodies = [BodyPart(kind: .attributes, text: text, stamp: stamp)]
    batch.observations.append(facts)
    batch.observationItems.append(index)
    batch.accepted += 1
  }

  private static func eventName(_ record: OTLPLogRecord) -> String {
    if !record.eventName.isEmpty { return record.eventName }
    if let name = record.attributes["event.name"]?.stringValue { return name }
    if case .map(let members) = record.body { return members["event.name"]?.stringValue ?? "" }
    return ""
  }
}

/// A content event as stored: `{name, timeUnixNano, role, input|output: [message], responseId}`.
struct ContentEvent {
  var timeNanoseconds: UInt64
  var json: JSONValue

  /// nil for an event that tells no content.
  init?(_ record: OTLPLogRecord, name: String) {
    timeNanoseconds = record.timeNanoseconds == 0 ? record.observedNanoseconds : record.timeNanoseconds
    var members: [JSONMember] = [
      JSONMember(key: "name", value: .string(name)),
      JSONMember(key: "timeUnixNano", value: .string(String(timeNanoseconds))),
    ]
    if let (isOutput, message) = ChatEvent.message(name, Self.fields(record)) {
      if let role = message["role"] { members.append(JSONMember(key: "role", value: role)) }
      members.append(JSONMember(key: isOutput ? "output" : "input", value: [message]))
    } else if name == ChatEvent.details {
      let (input, output) = ChatEvent.details(record.attributes)
      if let input { members.append(JSONMember(key: "input", value: input)) }
      if let output { members.append(JSONMember(key: "output", value: output)) }
      if let id = record.attributes["gen_ai.response.id"]?.stringValue {
        members.append(JSONMember(key: "responseId", value: .string(id)))
      }
    } else {
      return nil
    }
    json = .object(JSONObject(members))
  }

  /// The message's fields: the body's members, else the attributes.
  private static func fields(_ record: OTLPLogRecord) -> JSONValue {
    if case .map = record.body { return record.body.jsonValue }
    if case .string = record.body, let parsed = record.body.parsedJSON, parsed.objectValue != nil { return parsed }
    return AnyValue.map(record.attributes).jsonValue
  }
}
