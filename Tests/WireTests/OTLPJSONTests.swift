import Testing
import Wire

@Suite struct OTLPJSONTests {
  @Test func bothEncodingsOfASpanAreEqual() throws {
    let json = try onlySpan(readTraces(json: FullSpan.json))
    let protobuf = try onlySpan(readTraces(Message.request(records: [.span(FullSpan.value)]), .protobuf))
    #expect(json == protobuf)
    #expect(json.contentHash == protobuf.contentHash)
  }

  @Test func anyChangeOfContentChangesTheHash() throws {
    let original = try onlySpan(readTraces(json: FullSpan.json)).contentHash
    let edits = [
      ("0102030405060708\"", "0102030405060709\""), ("ot=th:8", "ot=th:9"), ("rate limited", "rate limit"),
      ("\"flags\":257", "\"flags\":256"), ("\"kind\":3", "\"kind\":2"), ("\"values\":[]", "\"values\":[{}]"),
      ("AP8Q", "AP8R"), ("true", "false"), ("3.42e-05", "3.43e-05"), ("\"code\":2", "\"code\":1"),
      ("sCount\":2", "sCount\":3"), ("061274", "061275"), ("551615", "551614"), ("\"intValue\":1}", "\"intValue\":2}"),
    ]
    for (old, new) in edits {
      let edited = FullSpan.json.replacing(old, with: new, maxReplacements: 1)
      #expect(edited != FullSpan.json)
      #expect(try onlySpan(readTraces(json: edited)).contentHash != original, "\(old)")
    }
  }

  @Test func hashIsTheSameInEveryProcess() throws {
    let span = try onlySpan(readTraces(json: spanJSON(#""name":"a""#)))
    #expect(span.contentHash == 10_635_810_405_534_234_018)
  }

  @Test func enumNamesAreTaken() throws {
    let span = try onlySpan(
      readTraces(json: spanJSON(#""kind":"SPAN_KIND_CLIENT","status":{"code":"error"}"#)))
    #expect(span.kind == 3)
    #expect(span.statusCode == 2)
    let logs = try readLogs(
      Array(#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"severityNumber":"SEVERITY_NUMBER_WARN2"}]}]}]}"#.utf8),
      .json)
    #expect(logs[0].scopes[0].records[0].severityNumber == 14)
  }

  @Test(arguments: [
    ("000102030405060708090A0b0C0d0E0f", Array(0...15)),
    ("AAECAwQFBgcICQoLDA0ODw==", Array(0...15)),
    ("0001", [0, 1]), ("", []), ("xyz", []), ("abc", []), ("AAECAwQFBgc=", []),
  ] as [(String, [UInt8])])
  func traceIdIsHexElseBase64OfTheRightLengthElseEmpty(text: String, id: [UInt8]) throws {
    let span = try onlySpan(readTraces(json: spanJSON(#""traceId":"\#(text)","name":"kept""#)))
    #expect(span.traceID == id)
    #expect(span.name == "kept")
  }

  @Test func base64SpanIdsAreTaken() throws {
    let span = try onlySpan(
      readTraces(json: spanJSON(#""spanId":"AAECAwQFBgc=","parentSpanId":"AAAAAAAAAAA=""#)))
    #expect(span.spanID == Array(0...7))
    #expect(span.parentSpanID.isEmpty)
  }

  @Test func nullIsAbsentEverywhere() throws {
    let json = #"""
      {"resourceSpans":[null,{"resource":null,"scopeSpans":[{"scope":null,"spans":[{"traceId":null,"name":null,
      "kind":null,"startTimeUnixNano":null,"attributes":null,"events":null,"links":[null],"status":null,"flags":null}
      ]}]}]}
      """#
    var span = try onlySpan(readTraces(json: json))
    span.contentHash = 0
    #expect(span == OTLPSpan())
    #expect(try readTraces(json: #"{"resourceSpans":null}"#).isEmpty)
  }

  @Test func valuesOfEveryFormAreRead() throws {
    func value(_ json: String) throws -> AnyValue? {
      try onlySpan(readTraces(json: spanJSON(#""attributes":[{"key":"k","value":\#(json)}]"#))).attributes["k"]
    }
    #expect(try value(#"{"intValue":"9223372036854775807"}"#) == .int(.max))
    #expect(try value(#"{"intValue":9223372036854775807}"#) == .int(.max))
    #expect(try value(#"{"intValue":"9223372036854775808"}"#) == .string("9223372036854775808"))
    #expect(try value(#"{"intValue":1e3}"#) == .int(1000))
    #expect(try value(#"{"doubleValue":"0.1"}"#) == .double(0.1))
    #expect(try value(#"{"doubleValue":"Infinity"}"#) == .double(.infinity))
    #expect(try value(#"{"doubleValue":1}"#) == .double(1))
    #expect(try value(#"{"boolValue":"true"}"#) == .bool(true))
    #expect(try value(#"{"stringValue":null}"#) == .empty)
    #expect(try value("null") == .empty)
    #expect(try value("{}") == .empty)
    #expect(try value(#"{"bytesValue":"-_8"}"#) == .bytes([0xFB, 0xFF]))
    #expect(try value(#"{"stringValue":"a\ud83d\ude00\ud800b\u0000"}"#) == .string("a😀\u{FFFD}b\u{FFFD}"))
    guard case .double(let number)? = try value(#"{"doubleValue":"NaN"}"#) else {
      Issue.record("NaN is no double")
      return
    }
    #expect(number.isNaN)
  }

  @Test func attributesMayBeAPlainObject() throws {
    let json = spanJSON(
      #"""
        "attributes":{"s":"x","i":3,"d":0.5,"b":true,"n":null,"a":[1,{"p":2}],"typed":{"stringValue":"t"},
        "o":{"k":{}}}
        """#)
    let attributes = try onlySpan(readTraces(json: json)).attributes
    #expect(attributes.map(\.key) == ["s", "i", "d", "b", "n", "a", "typed", "o"])
    #expect(attributes["s"] == .string("x"))
    #expect(attributes["i"] == .int(3))
    #expect(attributes["d"] == .double(0.5))
    #expect(attributes["n"] == .empty)
    #expect(attributes["a"] == .array([.int(1), .map([Attribute(key: "p", value: .int(2))])]))
    #expect(attributes["typed"] == .string("t"))
    #expect(attributes["o"] == .map([Attribute(key: "k", value: .map([]))]))
  }

  @Test func spanThatCannotBeReadCostsOnlyItself() throws {
    let broken = [
      "5", #""text""#, #"{"startTimeUnixNano":"yesterday"}"#, #"{"endTimeUnixNano":-1}"#, #"{"events":7}"#,
      #"{"name":{"a":[1,2]}}"#, #"{"flags":4294967296}"#,
      #"{"attributes":[{"key":"k","value":"# + String(repeating: "[", count: 300)
        + String(repeating: "]", count: 300) + "}]}",
    ]
    for span in broken {
      let json = #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a"},\#(span),{"name":"b"}]}]}]}"#
      let scope = try readTraces(json: json)[0].scopes[0]
      #expect(scope.spans.map(\.name) == ["a", "b"])
      #expect(scope.refusals.map(\.index) == [1])
    }
  }

  @Test func brokenTextThrows() {
    #expect(wireErrorKind { _ = try readTraces(json: #"{"resourceSpans":[{]}"#) } == .malformed)
    #expect(wireErrorKind { _ = try readTraces(json: #"{"resourceSpans":["#) } == .truncated)
    #expect(wireErrorKind { _ = try readTraces(json: "[]") } == .malformed)
    #expect(wireErrorKind { _ = try readTraces(json: "{} {}") } == .malformed)
    #expect(wireErrorKind { _ = try readTraces(json: "") } == .truncated)
  }

  @Test func bodyOfEmptySpansIsRefusedBeforeItFillsMemory() {
    let spans = String(repeating: "{},", count: 200_000) + "{}"
    let json = #"{"resourceSpans":[{"scopeSpans":[{"spans":[\#(spans)]}]}]}"#
    #expect(wireErrorKind { _ = try readTraces(json: json) } == .tooLarge)
  }

  @Test func metricPointsAreCounted() throws {
    let json = #"""
      {"resourceMetrics":[{"resource":{},"scopeMetrics":[{"metrics":[
      {"name":"a","sum":{"dataPoints":[{},{"asInt":"1"}]}},
      {"gauge":{"dataPoints":[{}]}},{"summary":{}},{"exponentialHistogram":{"dataPoints":[{},{}]}}]}]}]}
      """#
    #expect(try countPoints(Array(json.utf8), .json) == 5)
  }
}
