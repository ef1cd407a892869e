import Testing
import Wire

/// Bodies that real SDKs sent, against what the Python protobuf library made of them.
@Suite struct OTLPFixtureTests {
  static let traces = CapturedRequest.all("v1_traces")
  static let logs = CapturedRequest.all("v1_logs")
  static let metrics = CapturedRequest.all("v1_metrics")

  @Test func fixturesAreThere() {
    #expect(Self.traces.count >= 9)
    #expect(Self.logs.count >= 4)
    #expect(Self.metrics.count >= 4)
  }

  @Test(arguments: traces) func spansEqualTheirDecodedForm(request: CapturedRequest) throws {
    let read = try readTraces(request.body, .protobuf)
    #expect(read == (try readTraces(request.decodedBytes, .json)))
    #expect(read.allSatisfy { $0.scopes.allSatisfy { $0.refusals.isEmpty && !$0.spans.isEmpty } })
  }

  /// Against the JSON tree itself, so that what both of our decoders leave out would show.
  @Test(arguments: traces) func noFieldOfASpanIsLost(request: CapturedRequest) throws {
    let read = try readTraces(request.body, .protobuf)
    let sentResources = try #require(request.decoded["resourceSpans"]?.arrayValue)
    try #require(read.count == sentResources.count)
    for (resource, sent) in zip(read, sentResources) {
      try compare(resource.resource, sent["resource"]?["attributes"])
      for (scope, sent) in zip(resource.scopes, try #require(sent["scopeSpans"]?.arrayValue)) {
        #expect(scope.scope.name == sent["scope"]?["name"]?.stringValue ?? "")
        let spans = try #require(sent["spans"]?.arrayValue)
        try #require(scope.spans.count == spans.count)
        for (span, sent) in zip(scope.spans, spans) { try compare(span, sent) }
      }
    }
  }

  private func compare(_ span: OTLPSpan, _ sent: JSONValue) throws {
    #expect(hex(span.traceID) == sent["traceId"]?.stringValue)
    #expect(hex(span.spanID) == sent["spanId"]?.stringValue)
    #expect(hex(span.parentSpanID) == sent["parentSpanId"]?.stringValue ?? "")
    #expect(span.name == sent["name"]?.stringValue)
    #expect(String(span.startNanoseconds) == sent["startTimeUnixNano"]?.stringValue)
    #expect(String(span.endNanoseconds) == sent["endTimeUnixNano"]?.stringValue)
    #expect(span.statusMessage == sent["status"]?["message"]?.stringValue ?? "")
    #expect((span.statusCode == 2) == (sent["status"]?["code"]?.stringValue == "STATUS_CODE_ERROR"))
    #expect((span.kind == 3) == (sent["kind"]?.stringValue == "SPAN_KIND_CLIENT"))
    #expect(Int64(span.flags) == sent["flags"]?.intValue ?? 0)
    #expect(span.events.count == sent["events"]?.arrayValue?.count ?? 0)
    for (event, sent) in zip(span.events, sent["events"]?.arrayValue ?? []) {
      #expect(event.name == sent["name"]?.stringValue)
      #expect(String(event.timeNanoseconds) == sent["timeUnixNano"]?.stringValue)
      try compare(event.attributes, sent["attributes"])
    }
    try compare(span.attributes, sent["attributes"])
  }

  private func compare(_ attributes: [Attribute], _ sent: JSONValue?) throws {
    let sent = sent?.arrayValue ?? []
    try #require(attributes.count == sent.count)
    for (attribute, sent) in zip(attributes, sent) {
      #expect(attribute.key == sent["key"]?.stringValue)
      guard case .object(let value)? = sent["value"], let member = value.members.first else {
        #expect(attribute.value == .empty)
        continue
      }
      switch attribute.value {
      case .string(let text): #expect(member == JSONMember(key: "stringValue", value: .string(text)))
      case .int(let number): #expect(member == JSONMember(key: "intValue", value: .string(String(number))))
      case .bool(let flag): #expect(member == JSONMember(key: "boolValue", value: .bool(flag)))
      case .double(let number):
        #expect(member.key == "doubleValue")
        #expect(member.value.doubleValue == number)
      case .array(let values):
        #expect(member.key == "arrayValue")
        #expect(member.value["values"]?.arrayValue?.count ?? 0 == values.count)
      case .map, .bytes, .empty: #expect(["kvlistValue", "bytesValue"].contains(member.key))
      }
    }
  }

  private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  @Test(arguments: logs) func recordsEqualTheirDecodedForm(request: CapturedRequest) throws {
    let read = try readLogs(request.body, .protobuf)
    #expect(read == (try readLogs(request.decodedBytes, .json)))
    let sent = try #require(request.decoded["resourceLogs"]?.arrayValue)
      .flatMap { $0["scopeLogs"]?.arrayValue ?? [] }.flatMap { $0["logRecords"]?.arrayValue ?? [] }
    let records = read.flatMap(\.scopes).flatMap(\.records)
    #expect(records.map(\.eventName) == sent.map { $0["eventName"]?.stringValue ?? "" })
    #expect(
      records.map { String($0.observedNanoseconds) }
        == sent.map { $0["observedTimeUnixNano"]?.stringValue ?? "0" }
    )
    #expect(records.map { hex($0.spanID) } == sent.map { $0["spanId"]?.stringValue ?? "" })
    #expect(records.map { $0.body == .empty } == sent.map { $0["body"] == nil || $0["body"] == .object([:]) })
  }

  @Test(arguments: metrics) func pointsAreCountedAlike(request: CapturedRequest) throws {
    let count = try countPoints(request.body, .protobuf)
    #expect(count > 0)
    #expect(count == (try countPoints(request.decodedBytes, .json)))
  }
}
