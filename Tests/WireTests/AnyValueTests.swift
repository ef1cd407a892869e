import Testing
import Wire

@Suite struct AnyValueTests {
  @Test func jsonTextHoldsEveryKind() {
    let value = AnyValue.map([
      Attribute(key: "s", value: .string("q\"")), Attribute(key: "i", value: .int(.min)),
      Attribute(key: "d", value: .double(0.1)), Attribute(key: "n", value: .double(.nan)),
      Attribute(key: "p", value: .double(.infinity)), Attribute(key: "b", value: .bytes([0, 255, 16, 1])),
      Attribute(key: "a", value: .array([.empty, .bool(true), .map([])])),
    ])
    let text =
      #"{"s":"q\"","i":-9223372036854775808,"d":0.1,"n":"NaN","p":"Infinity","b":"AP8QAQ==","a":[null,true,{}]}"#
    #expect(value.jsonText == text)
    #expect(JSON.serialise(value.jsonValue) == text)
  }

  @Test func extremeDoublesAreValidJSON() {
    for number in [Double.greatestFiniteMagnitude, .leastNonzeroMagnitude, -0.0, 1e16, 1e-7, .ulpOfOne] {
      #expect(JSON.isValid(AnyValue.double(number).jsonText))
      #expect(AnyValue.string(AnyValue.double(number).jsonText).doubleValue == number)
    }
  }

  @Test func integersAreReadWithoutTraps() {
    #expect(AnyValue.double(12).intValue == 12)
    #expect(AnyValue.double(12.5).intValue == nil)
    #expect(AnyValue.double(1e300).intValue == nil)
    #expect(AnyValue.double(.nan).intValue == nil)
    #expect(AnyValue.double(9_223_372_036_854_775_808).intValue == nil)
    #expect(AnyValue.string("120").intValue == 120)
    #expect(AnyValue.string("1.2e2").intValue == 120)
    #expect(AnyValue.string("a").intValue == nil)
    #expect(AnyValue.bool(true).intValue == nil)
  }

  @Test func scalarsReadAsText() {
    #expect(AnyValue.int(-3).stringValue == "-3")
    #expect(AnyValue.bool(false).stringValue == "false")
    #expect(AnyValue.array([]).stringValue == nil)
    #expect(AnyValue.string("TRUE").boolValue == true)
    #expect(AnyValue.int(1).boolValue == nil)
    #expect(AnyValue.double(3.42e-05).decimalText == "0.0000342")
    #expect(AnyValue.double(.infinity).decimalText == nil)
  }

  @Test func lastOfARepeatedKeyCounts() {
    let attributes = [
      Attribute(key: "k", value: .int(1)), Attribute(key: "o", value: .int(3)), Attribute(key: "k", value: .int(2)),
    ]
    #expect(attributes["k"] == .int(2))
    #expect(attributes["none"] == nil)
  }
}
