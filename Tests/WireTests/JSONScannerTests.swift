import Testing
import Wire

@Suite struct JSONScannerTests {
  private func scan<Value>(_ text: String, _ body: (inout JSONScanner) throws -> Value) rethrows -> Value {
    var text = text
    return try text.withUTF8 { bytes in
      var scanner = JSONScanner(UnsafeRawBufferPointer(bytes))
      return try body(&scanner)
    }
  }

  @Test func slicesAreTheBytesAsSent() throws {
    let text = #" { "batch" : [ {"id": "1", "body": { "x" : [1, 2] } } , {"id":"2"} ] , "more": 1 } "#
    let bytes = Array(text.utf8)
    var slices: [String] = []
    try scan(text) { scanner in
      try scanner.object { key, scanner throws(WireError) in
        guard key == "batch" else { return }
        try scanner.array { scanner throws(WireError) in
          let range = try scanner.skipValue()
          slices.append(String(decoding: bytes[range], as: UTF8.self))
        }
      }
      try scanner.finish()
    }
    #expect(slices == [#"{"id": "1", "body": { "x" : [1, 2] } }"#, #"{"id":"2"}"#])
  }

  @Test func whatTheBodyLeavesIsSkipped() throws {
    var keys: [String] = []
    try scan(#"{"a": [1,{"b":2}], "c" : "x", "\u0064":{} }"#) { scanner in
      try scanner.object { key, scanner throws(WireError) in
        keys.append(key)
        _ = try scanner.kind()
      }
      try scanner.finish()
    }
    #expect(keys == ["a", "c", "d"])
  }

  @Test func elementThatFailsCostsOnlyItself() throws {
    let deep = String(repeating: "[", count: 1_000) + String(repeating: "]", count: 1_000)
    var names: [String?] = []
    try scan(#"[{"name":"a"},{"name":[1]},\#(deep),{"other":{}},{"name":"b"}]"#) { scanner in
      try scanner.array { scanner throws(WireError) in
        let name = try scanner.recovering { scanner throws(WireError) in
          var name = "none"
          try scanner.object { key, scanner throws(WireError) in
            if key == "name" { name = try scanner.string() }
          }
          return name
        }
        names.append(try? name.get())
      }
      try scanner.finish()
    }
    #expect(names == ["a", nil, nil, "none", "b"])
  }

  @Test func brokenTextInsideAnElementStillThrows() {
    let kind = wireErrorKind {
      try scan(#"[{"name":}]"#) { scanner in
        try scanner.array { scanner throws(WireError) in
          _ = try scanner.recovering { scanner throws(WireError) in try scanner.string() }
        }
      }
    }
    #expect(kind == .malformed)
  }

  @Test func copyIsABookmark() throws {
    try scan("[1,2]") { scanner in
      let start = scanner
      let first = try scanner.value()
      scanner = start
      #expect(try scanner.value() == first)
    }
  }

  @Test func rawTextIsRepairedAndOtherwiseAsSent() throws {
    let text = #"{"a" : "x\u0000\ud800\ud83d\ude00\\u0000\udc00", "n":1.10}"#
    let expected = #"{"a" : "x\ufffd\ufffd\ud83d\ude00\\u0000\ufffd", "n":1.10}"#
    #expect(try scan(text) { try $0.rawText() } == expected)
    #expect(try scan(#"{"clean":"\u00e9"}"#) { try $0.rawText() } == #"{"clean":"\u00e9"}"#)
  }
}
