import Testing
import Wire

@Suite struct JSONTests {
  @Test func theNumberOfValuesIsBoundedAndAFailureGivesNothingBack() throws {
    func list(_ count: Int) -> [UInt8] { Array(("[" + String(repeating: "0,", count: count - 2) + "0]").utf8) }
    #expect(try JSON.parse(list(JSON.valuesMax)).arrayValue?.count == JSON.valuesMax - 1)
    #expect(wireErrorKind { _ = try JSON.parse(list(JSON.valuesMax + 1)) } == .tooLarge)
    let twice = Array("[".utf8) + list(JSON.valuesMax + 1) + Array(",1]".utf8)
    try twice.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      try scanner.enterArray()
      for _ in 0..<2 {
        #expect(try scanner.nextElement())
        let read = try scanner.recovering { scanner throws(WireError) in try scanner.value() }
        #expect(throws: WireError.self) { try read.get() }
      }
    }
  }

  @Test(arguments: [
    "null", "true", " false ", "0", "-0", "1.5e-7", "1E+9", #""""#, #""\/\b\f\u00e9""#, "[]", "[1,[2,[]]]", "{}",
    #"{"a":1,"a":2}"#, #"[{"a":{}},[]]"#, "\u{FEFF}1",
  ])
  func validTextIsTaken(text: String) throws {
    #expect(JSON.isValid(text))
    _ = try JSON.parse(text)
  }

  @Test(arguments: [
    "", " ", "nul", "tru", "+1", "01", "1.", ".5", "1e", "1e+", "-", "0x1", "NaN", "'a'", #"""#, #""\x""#, #""\u12G4""#,
    #""\u12"#, "\"a\nb\"", "\"\u{1}\"", "[", "]", "[1,]", "[,1]", "[1 2]", "{", "{1:2}", #"{"a"}"#, #"{"a":}"#,
    #"{"a":1,}"#, #"{"a":1]"#, "[1}", "1 2", "[] []", "{\"a\":1 \"b\":2}", "[1,,2]",
  ])
  func invalidTextIsRefused(text: String) {
    #expect(!JSON.isValid(text))
    #expect(wireErrorKind { _ = try JSON.parse(text) } != nil)
  }

  @Test func nestingStopsAtTheLimit() {
    func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    #expect(JSON.isValid(nested(256)))
    #expect(wireErrorKind { _ = try JSON.parse(nested(256)) } == nil)
    #expect(!JSON.isValid(nested(257)))
    #expect(wireErrorKind { _ = try JSON.parse(nested(257)) } == .tooDeep)
    #expect(wireErrorKind { _ = try JSON.parse(String(repeating: "[", count: 1_000_000)) } == .tooDeep)
  }

  @Test func mixedContainersCloseInOrderAtAnyDepth() {
    for depth in [1, 63, 64, 65, 127, 128, 129, 200] {
      let open = (0..<depth).map { $0 % 3 == 0 ? #"{"k":"# : "[" }.joined()
      let close = (0..<depth).reversed().map { $0 % 3 == 0 ? "}" : "]" }.joined()
      #expect(JSON.isValid(open + "1" + close))
      #expect(!JSON.isValid(open + "1" + close.dropLast() + (close.last == "]" ? "}" : "]")))
    }
  }

  @Test func stringsAreUnescapedAndRepaired() throws {
    #expect(try JSON.parse(#""a\"\\\/\b\f\n\r\t\u0041\ud83d\ude00""#) == "a\"\\/\u{8}\u{C}\n\r\tA😀")
    #expect(try JSON.parse(#""\ud800""#) == "\u{FFFD}")
    #expect(try JSON.parse(#""\udc00\ud800x""#) == "\u{FFFD}\u{FFFD}x")
    #expect(try JSON.parse(#""\ud800\ud83d\ude00""#) == "\u{FFFD}😀")
    #expect(try JSON.parse(#""a\u0000b""#) == "a\u{FFFD}b")
    #expect(try JSON.parse([0x22, 0x61, 0xFF, 0x62, 0x22]) == "a\u{FFFD}b")
  }

  @Test func longStringsEndAtTheRightQuote() throws {
    for length in 0..<40 {
      let text = String(repeating: "é", count: length)
      #expect(try JSON.parse("\"\(text)\"") == .string(text))
      #expect(try JSON.parse("\"\(text)\\n\"") == .string(text + "\n"))
      #expect(!JSON.isValid("\"\(text)\u{1F}aaaaaaaa\""))
    }
  }

  @Test func numbersKeepTheirText() throws {
    let value = try JSON.parse("[1.10, 18446744073709551616, 3.42e-05, -0]")
    #expect(JSON.serialise(value) == "[1.10,18446744073709551616,3.42e-05,-0]")
  }

  @Test(arguments: [
    ("12", 12), ("12.0", 12), ("1.2e1", 12), ("120e-1", 12), ("-9223372036854775808", .min),
    ("9223372036854775807", .max), ("9223372036854775808", nil), ("1.5", nil), ("1e30", nil), ("1e999999999999", nil),
    ("0e999999999999", 0), ("0.00", 0), ("92233720368547758070e-1", .max), ("-1", -1),
  ] as [(String, Int64?)])
  func wholeNumbersAreExact(text: String, value: Int64?) throws {
    #expect(JSONValue.number(text).intValue == value)
    #expect(JSONValue.string(text).intValue == value)
  }

  @Test func whatIsNoNumberHasNoNumber() {
    for text in ["", " 1", "1 ", "0x10", "nan", "inf", "1_000", "+1", "١"] {
      #expect(JSONValue.string(text).intValue == nil)
      #expect(JSONValue.string(text).doubleValue == nil)
      #expect(JSONValue.string(text).decimalText == nil)
    }
    #expect(JSONValue.number("1e999").doubleValue == nil)
    #expect(JSONValue.number("18446744073709551615").uintValue == .max)
    #expect(JSONValue.number("-1").uintValue == nil)
  }

  @Test(arguments: [
    ("3.42e-05", "0.0000342"), ("0.342", "0.342"), ("1E3", "1000"), ("-12.50", "-12.5"), ("0.0", "0"), ("7.0", "7"),
    ("123456789012345678901234567890.5", "123456789012345678901234567890.5"), ("10e-1", "1"), ("-0", "0"),
  ])
  func decimalTextIsExactAndPlain(text: String, plain: String) {
    #expect(JSONValue.number(text).decimalText == plain)
  }

  @Test func lastOfARepeatedKeyCounts() throws {
    let value = try JSON.parse(#"{"a":1,"b":null,"a":2}"#)
    #expect(value["a"]?.intValue == 2)
    #expect(value["b"] == nil)
    #expect(value["c"] == nil)
    #expect(JSON.serialise(value) == #"{"a":1,"b":null,"a":2}"#)
  }

  @Test func writingEscapesWhatMustBe() {
    #expect(JSON.serialise("a\"\\\n\r\t\u{1}é/") == #""a\"\\\n\r\t\u0001é/""#)
    #expect(JSON.serialise(.number("NaN")) == "null")
    #expect(JSON.serialise(["k": [1, true, .null], "e": [:]]) == #"{"k":[1,true,null],"e":{}}"#)
  }
}
