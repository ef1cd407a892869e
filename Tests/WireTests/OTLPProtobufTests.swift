import Testing
import Wire

@Suite struct OTLPProtobufTests {
  @Test func everyFieldOfASpanIsRead() throws {
    let resource = [Attribute(key: "service.name", value: .string("shop"))]
    let scope = OTLPScope(name: "lib", version: "1.2", attributes: [Attribute(key: "s", value: .bool(false))])
    let body = Message.request(resource: resource, scope: scope, records: [.span(FullSpan.value)])
    let read = try readTraces(body, .protobuf)
    var span = try onlySpan(read)
    #expect(span.contentHash != 0)
    span.contentHash = 0
    #expect(span == FullSpan.value)
    #expect(read[0].resource == resource)
    #expect(read[0].scopes[0].scope == scope)
  }

  @Test func everyFieldOfALogRecordIsRead() throws {
    let record = OTLPLogRecord(
      timeNanoseconds: 1, observedNanoseconds: .max, severityNumber: 9, severityText: "INFO",
      body: .map([Attribute(key: "content", value: .string("hi"))]),
      attributes: [Attribute(key: "a", value: .int(1))], traceID: Array(1...16), spanID: Array(1...8),
      eventName: "gen_ai.choice")
    var read = try #require(
      readLogs(Message.request(records: [.record(record)]), .protobuf).first?.scopes.first?.records.first)
    #expect(read.contentHash != 0)
    read.contentHash = 0
    #expect(read == record)
  }

  @Test func emptyBodyHoldsNothing() throws {
    #expect(try readTraces([], .protobuf).isEmpty)
    #expect(try readLogs([], .protobuf).isEmpty)
    #expect(try countPoints([], .protobuf) == 0)
  }

  @Test func unknownFieldsOfEveryWireTypeAreIgnored() throws {
    var span = Message()
    span.varint(90, .max)
    span.fixed64(91, 1)
    span.bytes(92, [1, 2, 3])
    span.fixed32(94, 7)
    span.raw(93 << 3 | 3)
    span.varint(1, 5)
    span.raw(2 << 3 | 3)
    span.raw(2 << 3 | 4)
    span.raw(93 << 3 | 4)
    span.string(5, "after")
    #expect(try onlySpan(readTraces(Message.request(records: [span]), .protobuf)).name == "after")
  }

  @Test func fieldOfAnotherWireTypeIsUnknown() throws {
    // A log record sent as a span: field 1 is a fixed64 there.
    let record = Message.record(OTLPLogRecord(timeNanoseconds: 5, severityText: "INFO"))
    let span = try onlySpan(readTraces(Message.request(records: [record]), .protobuf))
    #expect(span.traceID.isEmpty)
  }

  @Test func brokenSpanCostsOnlyItself() throws {
    var good = Message()
    good.string(5, "good")
    let brokenOnes: [[UInt8]] = [
      [0x2A, 0x05, 0x61],  // name longer than the span
      [0x0C],  // end of a group never begun
      [0x0F],  // wire type 7
      [0x00, 0x01],  // field number 0
      [0x0B, 0x14],  // group 1 ended as group 2
      [0x0B],  // group without an end
      [0x30] + [UInt8](repeating: 0xFF, count: 11),  // varint of 11 bytes
    ]
    for bytes in brokenOnes {
      let broken = Message(bytes: bytes)
      let scope = try readTraces(Message.request(records: [good, broken, good]), .protobuf)[0].scopes[0]
      #expect(scope.spans.map(\.name) == ["good", "good"])
      #expect(scope.refusals.map(\.index) == [1])
      #expect(scope.refusals.allSatisfy { !$0.reason.isEmpty })
    }
  }

  @Test func brokenEnvelopeThrows() {
    let body = Message.request(records: [.span(FullSpan.value)])
    #expect(wireErrorKind { _ = try readTraces(Array(body.dropLast()), .protobuf) } == .truncated)
    #expect(wireErrorKind { _ = try readTraces([0x0F], .protobuf) } == .malformed)
  }

  @Test func lengthBeyondIntIsTruncated() {
    var body = Message()
    body.raw(1 << 3 | 2)
    body.raw(.max)
    #expect(wireErrorKind { _ = try readTraces(body.bytes, .protobuf) } == .truncated)
  }

  @Test func valuesNestToTheLimitAndNoDeeper() throws {
    func nested(_ levels: Int) -> Message {
      var value = AnyValue.int(1)
      for _ in 1..<levels { value = .array([value]) }
      return .span(OTLPSpan(name: "n", attributes: [Attribute(key: "deep", value: value)]))
    }
    let fits = try readTraces(Message.request(records: [nested(AnyValue.depthMax)]), .protobuf)
    #expect(fits[0].scopes[0].spans.count == 1)
    let deep = try readTraces(Message.request(records: [nested(AnyValue.depthMax + 1)]), .protobuf)
    #expect(deep[0].scopes[0].spans.isEmpty)
    #expect(deep[0].scopes[0].refusals[0].reason.contains("deeper than 64"))
  }

  @Test func groupsNestedBeyondTheLimitAreRefused() throws {
    let deep = Message(bytes: [UInt8](repeating: 0x0B, count: 100_000))
    #expect(try readTraces(Message.request(records: [deep]), .protobuf)[0].scopes[0].refusals.count == 1)
  }

  @Test func invalidTextIsRepaired() throws {
    var span = Message()
    span.bytes(5, [0x61, 0xFF, 0x00, 0x62])
    #expect(try onlySpan(readTraces(Message.request(records: [span]), .protobuf)).name == "a\u{FFFD}\u{FFFD}b")
  }

  @Test func zeroParentIsNoParentAndOtherIdsStayAsSent() throws {
    let sent = OTLPSpan(
      traceID: [1, 2, 3], spanID: [UInt8](repeating: 0, count: 8), parentSpanID: [UInt8](repeating: 0, count: 8))
    let span = try onlySpan(readTraces(Message.request(records: [.span(sent)]), .protobuf))
    #expect(span.parentSpanID.isEmpty)
    #expect(span.traceID == [1, 2, 3])
    #expect(span.spanID.count == 8)
  }

  @Test func traceIdsOfNeighboursAreNotMixedUp() throws {
    let ids: [[UInt8]] = [[1], [1], [2], [], [2], [1, 1]]
    let body = Message.request(records: ids.map { .span(OTLPSpan(traceID: $0)) })
    #expect(try readTraces(body, .protobuf)[0].scopes[0].spans.map(\.traceID) == ids)
  }

  @Test func keysThatShareACacheSlotKeepTheirNames() throws {
    let keys = (0..<3_000).map { "a.rather.long.attribute.\($0 % 1_500)" }
    let span = OTLPSpan(attributes: keys.map { Attribute(key: $0, value: .empty) })
    let read = try onlySpan(readTraces(Message.request(records: [.span(span)]), .protobuf))
    #expect(read.attributes.map(\.key) == keys)
  }

  @Test func bodyOfEmptySpansIsRefusedBeforeItFillsMemory() {
    var scope = Message()
    for _ in 0..<200_000 { scope.bytes(2, []) }
    let body = Message.of { $0.message(1) { $0.message(2, scope) } }.bytes
    #expect(wireErrorKind { _ = try readTraces(body, .protobuf) } == .tooLarge)
  }

  @Test func pointsOfAllMetricKindsAreCounted() throws {
    let metrics = [5, 7, 9, 10, 11].map { kind in
      Message.of { metric in
        metric.string(1, "m")
        metric.message(UInt64(kind)) {
          for _ in 0..<kind { $0.bytes(1, []) }
          $0.varint(2, 2)
        }
      }
    }
    #expect(try countPoints(Message.request(records: metrics), .protobuf) == 42)
  }
}
