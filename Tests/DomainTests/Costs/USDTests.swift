import Testing

@testable import Domain

@Suite struct USDTests {
  @Test(arguments: ["1e-9223372036854775808", "1e9223372036854775807", "1e-1000", "1e99999999999999999999", "1e", "1e+"])
  func exponentsBeyondReasonAreNoAmountAndNoCrash(text: String) {
    #expect(USD(decimal: text) == nil)
  }

  @Test(arguments: [
    ("0.00057", "0.00057"), ("1.8e-07", "0.00000018"), ("-3", "-3"), ("+12.50", "12.5"), ("0", "0"), ("-0", "0"),
    ("1E2", "100"),
    (".5", "0.5"), ("5.", "5"), ("999999999999999999.999999999999", "999999999999999999.999999999999"),
    ("0.0000000000005", "0"), ("0.0000000000015", "0.000000000002"), ("0.00000000000051", "0.000000000001"),
    ("1e-400", "0"), ("0e300", "0"),
  ]) func decimalsAreReadExactlyAndRoundedHalfEven(text: String, printed: String) {
    #expect(USD(decimal: text)?.decimal == printed)
  }

  @Test(arguments: [
    "", "-", ".", "e5", "1e", "1.2.3", "0x10", "1,5", " 1", "NaN", "1e999999999999999999999", "1e19", "1_0",
  ])
  func otherTextsAreNoAmount(text: String) {
    #expect(USD(decimal: text) == nil)
  }

  @Test(arguments: ["0.0000000000005", "1e-13", "1e-400", "480.0000000000001", "-1e-13", "x"])
  func finerThanAPicoDollarIsNotExact(text: String) {
    #expect(USD(exactDecimal: text) == nil)
  }

  @Test(arguments: [("480", "480"), ("0.000000000001", "0.000000000001"), ("1.50000000000000000", "1.5"), ("0e-300", "0"), ("1e3", "1000")])
  func exactAmountsStayAsTheyAre(text: String, printed: String) {
    #expect(USD(exactDecimal: text)?.decimal == printed)
  }

  @Test func doublesAreReadByTheirShortestForm() {
    #expect(USD(3.42e-05)?.decimal == "0.0000342")
    #expect(USD(0.1 + 0.2)?.decimal == "0.3")
    #expect(USD(1.5e-05)?.pico == 15_000_000)
    #expect(USD(Double.nan) == nil)
    #expect(USD(Double.infinity) == nil)
    #expect(USD(1e300) == nil)
  }

  @Test func printedAmountsReadBackAsThemselves() {
    var random = SeededGenerator(7)
    for _ in 0..<2000 {
      let amount = USD(pico: Int128(Int64.random(in: .min ... .max, using: &random)))
      #expect(USD(decimal: amount.decimal) == amount)
    }
  }
}
