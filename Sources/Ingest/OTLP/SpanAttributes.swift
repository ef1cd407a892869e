import Wire

/// What no convention read, under clear keys: one JSON object per observation.
enum SpanAttributes {
  /// nil when nothing is left.
  static func body(
    _ span: OTLPSpan, _ reading: SpanReading, resource: JSONValue?, scope: JSONValue?, content: SpanContent
  ) -> String? {
    var members: [JSONMember] = []
    func add(_ key: String, _ value: JSONValue?) {
      if let value { members.append(JSONMember(key: key, value: value)) }
    }
    add("attributes", leftOver(reading))
    add("events", events(span, without: content.usedEvents))
    add("links", links(span))
    if !span.traceState.isEmpty { add("traceState", .string(span.traceState)) }
    if content.droppedVectors > 0 { add("dropped", ["embeddingVectors": .number(String(content.droppedVectors))]) }
    add("scope", scope)
    add("resource", resource)
    return members.isEmpty ? nil : JSON.serialise(.object(JSONObject(members)))
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
