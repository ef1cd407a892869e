import Wire

/// What no convention read, under clear keys: one JSON object per observation.
enum SpanAttributes {
  /// nil when nothing is left.
  static func body(_ span: OTLPSpan, _ reading: SpanReading, shared: SpanContext, content: SpanContent) -> String? {
    let hasLeftOver = reading.isConsumed.contains(false)
    let others = rare(span, content)
    if !hasLeftOver, others.isEmpty, shared.sharedMembers.isEmpty { return nil }
    var writer = JSONWriter()
    writer.beginObject()
    if hasLeftOver { writeLeftOver(reading, to: &writer) }
    if !others.isEmpty { writer.append(verbatim: others) }
    if !shared.sharedMembers.isEmpty { writer.append(verbatim: shared.sharedMembers) }
    writer.endObject()
    return writer.text
  }

  private static func writeLeftOver(_ reading: SpanReading, to writer: inout JSONWriter) {
    writer.member("attributes")
    writer.beginObject()
    for index in reading.attributes.indices where !reading.isConsumed[index] {
      writer.member(reading.attributes[index].key)
      writer.append(reading.attributes[index].value)
    }
    writer.endObject()
  }

  /// What few spans have.
  private static func rare(_ span: OTLPSpan, _ content: SpanContent) -> String {
    if span.events.isEmpty, span.links.isEmpty, span.traceState.isEmpty, content.droppedVectors == 0 { return "" }
    return members([
      ("events", events(span, without: content.usedEvents)),
      ("links", links(span)),
      ("traceState", span.traceState.isEmpty ? nil : .string(span.traceState)),
      (
        "dropped",
        content.droppedVectors == 0 ? nil : ["embeddingVectors": .number(String(content.droppedVectors))]
      ),
    ])
  }

  /// The members that are there as JSON text without braces.
  static func members(_ pairs: [(key: String, value: JSONValue?)]) -> String {
    let members = pairs.compactMap { key, value in value.map { JSONMember(key: key, value: $0) } }
    if members.isEmpty { return "" }
    return String(Substring(JSON.serialise(.object(JSONObject(members))).utf8.dropFirst().dropLast()))
  }

  static func leftOver(_ reading: SpanReading) -> JSONValue? {
    var members: [JSONMember] = []
    for (index, attribute) in reading.attributes.enumerated() where !reading.isConsumed[index] {
      members.append(JSONMember(key: attribute.key, value: attribute.value.jsonValue))
    }
    return members.isEmpty ? nil : .object(JSONObject(members))
  }

  /// Name, version and attributes; nil when only the name, which is a column, was sent.
  static func scope(_ scope: OTLPScope) -> JSONValue? {
    if scope.version.isEmpty, scope.attributes.isEmpty { return nil }
    var members = [JSONMember(key: "name", value: .string(scope.name))]
    if !scope.version.isEmpty { members.append(JSONMember(key: "version", value: .string(scope.version))) }
    if !scope.attributes.isEmpty {
      members.append(JSONMember(key: "attributes", value: AnyValue.map(scope.attributes).jsonValue))
    }
    return .object(JSONObject(members))
  }

  private static func events(_ span: OTLPSpan, without used: Set<Int>) -> JSONValue? {
    let rest = span.events.enumerated().filter { !used.contains($0.offset) }.map { $0.element }
    if rest.isEmpty { return nil }
    return .array(
      rest.map { event in
        [
          "name": .string(event.name), "timeUnixNano": .string(String(event.timeNanoseconds)),
          "attributes": AnyValue.map(event.attributes).jsonValue,
        ]
      })
  }

  private static func links(_ span: OTLPSpan) -> JSONValue? {
    if span.links.isEmpty { return nil }
    return .array(
      span.links.map { link in
        [
          "traceId": .string(hex(link.traceID)), "spanId": .string(hex(link.spanID)),
          "attributes": AnyValue.map(link.attributes).jsonValue,
        ]
      })
  }

  static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
