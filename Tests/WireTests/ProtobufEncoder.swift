import Wire

/// A protobuf message under construction; the inverse of the reader, written apart from it.
struct Message {
  var bytes: [UInt8] = []

  static func of(_ build: (inout Message) -> Void) -> Message {
    var message = Message()
    build(&message)
    return message
  }

  mutating func raw(_ value: UInt64) {
    var value = value
    repeat {
      let low = UInt8(value & 0x7F)
      value >>= 7
      bytes.append(value == 0 ? low : low | 0x80)
    } while value != 0
  }

  mutating func varint(_ field: UInt64, _ value: UInt64) {
    raw(field << 3)
    raw(value)
  }

  mutating func fixed64(_ field: UInt64, _ value: UInt64) {
    raw(field << 3 | 1)
    for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift))) }
  }

  mutating func fixed32(_ field: UInt64, _ value: UInt32) {
    raw(field << 3 | 5)
    for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(shift))) }
  }

  mutating func bytes(_ field: UInt64, _ content: [UInt8]) {
    raw(field << 3 | 2)
    raw(UInt64(content.count))
    bytes += content
  }

  mutating func string(_ field: UInt64, _ text: String) { bytes(field, Array(text.utf8)) }
  mutating func message(_ field: UInt64, _ message: Message) { bytes(field, message.bytes) }

  mutating func message(_ field: UInt64, _ build: (inout Message) -> Void) {
    message(field, Message.of(build))
  }

  mutating func attributes(_ field: UInt64, _ attributes: [Attribute]) {
    for attribute in attributes {
      message(field) {
        $0.string(1, attribute.key)
        $0.message(2, .value(attribute.value))
      }
    }
  }

  static func value(_ value: AnyValue) -> Message {
    Message.of { message in
      switch value {
      case .empty: break
      case .string(let text): message.string(1, text)
      case .bool(let flag): message.varint(2, flag ? 1 : 0)
      case .int(let number): message.varint(3, UInt64(bitPattern: number))
      case .double(let number): message.fixed64(4, number.bitPattern)
      case .array(let values): message.message(5) { for value in values { $0.message(1, .value(value)) } }
      case .map(let members): message.message(6) { $0.attributes(1, members) }
      case .bytes(let bytes): message.bytes(7, bytes)
      }
    }
  }

  /// An export request of one resource and one scope; field numbers serve spans and logs alike.
  static func request(
    resource: [Attribute] = [], scope: OTLPScope = OTLPScope(), records: [Message]
  ) -> [UInt8] {
    Message.of {
      $0.message(1) {
        $0.message(1) { $0.attributes(1, resource) }
        $0.message(2) { scopeMessage in
          scopeMessage.message(1) {
            $0.string(1, scope.name)
            $0.string(2, scope.version)
            $0.attributes(3, scope.attributes)
          }
          for record in records { scopeMessage.message(2, record) }
        }
      }
    }.bytes
  }

  static func span(_ span: OTLPSpan) -> Message {
    Message.of { message in
      message.bytes(1, span.traceID)
      message.bytes(2, span.spanID)
      message.string(3, span.traceState)
      message.bytes(4, span.parentSpanID)
      message.string(5, span.name)
      message.varint(6, UInt64(bitPattern: Int64(span.kind)))
      message.fixed64(7, span.startNanoseconds)
      message.fixed64(8, span.endNanoseconds)
      message.attributes(9, span.attributes)
      message.varint(10, UInt64(span.droppedAttributes))
      for event in span.events {
        message.message(11) {
          $0.fixed64(1, event.timeNanoseconds)
          $0.string(2, event.name)
          $0.attributes(3, event.attributes)
        }
      }
      for link in span.links {
        message.message(13) {
          $0.bytes(1, link.traceID)
          $0.bytes(2, link.spanID)
          $0.attributes(4, link.attributes)
        }
      }
      message.message(15) {
        $0.string(2, span.statusMessage)
        $0.varint(3, UInt64(bitPattern: Int64(span.statusCode)))
      }
      message.fixed32(16, span.flags)
    }
  }

  static func record(_ record: OTLPLogRecord) -> Message {
    Message.of { message in
      message.fixed64(1, record.timeNanoseconds)
      message.varint(2, UInt64(bitPattern: Int64(record.severityNumber)))
      message.string(3, record.severityText)
      message.message(5, .value(record.body))
      message.attributes(6, record.attributes)
      message.bytes(9, record.traceID)
      message.bytes(10, record.spanID)
      message.fixed64(11, record.observedNanoseconds)
      message.string(12, record.eventName)
    }
  }
}

/// A span with every field set and a value of every kind, and its JSON form written by hand.
enum FullSpan {
  static let value = OTLPSpan(
    traceID: Array(1...16), spanID: Array(1...8), parentSpanID: Array(9...16), traceState: "ot=th:8",
    name: "chat gpt-4o-mini ✓", kind: 3, startNanoseconds: 1_795_355_388_926_061_273,
    endNanoseconds: 18_446_744_073_709_551_615,
    attributes: [
      Attribute(key: "gen_ai.request.model.a_long_key", value: .string("gpt-4o-mini")),
      Attribute(key: "big", value: .int(9_007_199_254_740_993)),
      Attribute(key: "least", value: .int(.min)),
      Attribute(key: "cost", value: .double(3.42e-05)),
      Attribute(key: "endless", value: .double(-.infinity)),
      Attribute(key: "stream", value: .bool(true)),
      Attribute(key: "nothing", value: .empty),
      Attribute(key: "raw", value: .bytes([0, 255, 16])),
      Attribute(
        key: "messages",
        value: .array([.map([Attribute(key: "role", value: .string("user"))]), .array([]), .int(-1), .empty])),
    ],
    droppedAttributes: 2,
    events: [
      OTLPEvent(
        timeNanoseconds: 1_795_355_388_926_061_274, name: "exception",
        attributes: [Attribute(key: "exception.type", value: .string("E"))])
    ],
    links: [
      OTLPLink(
        traceID: Array(17...32), spanID: Array(17...24), attributes: [Attribute(key: "l", value: .int(1))])
    ],
    statusCode: 2, statusMessage: "rate limited", flags: 257)

  static let json = spanJSON(
    #"""
    "traceId":"0102030405060708090A0B0C0D0E0F10","spanId":"0102030405060708","parentSpanId":"090a0b0c0d0e0f10",
    "traceState":"ot=th:8","name":"chat gpt-4o-mini \u2713","kind":3,"unknown":{"a":[1,{}]},
    "startTimeUnixNano":1795355388926061273,"endTimeUnixNano":"18446744073709551615",
    "attributes":[{"key":"gen_ai.request.model.a_long_key","value":{"stringValue":"gpt-4o-mini"}},
      {"key":"big","value":{"intValue":"9007199254740993"}},{"key":"least","value":{"intValue":-9223372036854775808}},
      {"key":"cost","value":{"doubleValue":3.42e-05}},{"key":"endless","value":{"doubleValue":"-Infinity"}},
      {"key":"stream","value":{"boolValue":true}},{"key":"nothing","value":{}},
      {"key":"raw","value":{"bytesValue":"AP8Q"}},
      {"key":"messages","value":{"arrayValue":{"values":[
        {"kvlistValue":{"values":[{"key":"role","value":{"stringValue":"user"}}]}},
        {"arrayValue":{"values":[]}},{"intValue":"-1"},{}]}}}],
    "droppedAttributesCount":2,"droppedEventsCount":null,
    "events":[{"timeUnixNano":"1795355388926061274","name":"exception",
      "attributes":[{"key":"exception.type","value":{"stringValue":"E"}}]}],
    "links":[{"traceId":"1112131415161718191a1b1c1d1e1f20","spanId":"1112131415161718",
      "attributes":[{"key":"l","value":{"intValue":1}}]}],
    "status":{"code":2,"message":"rate limited"},"flags":257
    """#)
}
