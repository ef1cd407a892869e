import Domain
import HTML
import Testing

@testable import Pages

@Suite struct FormatTests {
  @Test(arguments: [
    ("1234.567", "$1,234.57"), ("0", "$0"), ("0.01", "$0.01"), ("0.000342", "$0.0003420"), ("0.00999949", "$0.009999"),
    ("0.00999951", "$0.01000"), ("0.000000000001", "$0.000000000001"), ("0.0149", "$0.01"), ("-12.5", "−$12.50"),
    ("-0.00057", "−$0.0005700"),
    ("0.125", "$0.12"), ("0.135", "$0.14"), ("999999999.999", "$1,000,000,000.00"),
  ])
  func moneyReadsLikeALedger(decimal: String, text: String) throws {
    #expect(MoneyText(try #require(USD(decimal: decimal))).text == text)
  }

  @Test(arguments: [
    ("0.0226536", "$0.02265"), ("0.5", "$0.5000"), ("0.99996", "$1.000"), ("1.5", "$1.50"), ("0.00034", "$0.0003400"),
  ])
  func fineMoneyKeepsFourDigitsBelowADollar(decimal: String, text: String) throws {
    #expect(MoneyText(try #require(USD(decimal: decimal)), fine: true).text == text)
  }

  @Test func moneyShowsEveryDigitOnHover() throws {
    let money = MoneyText(try #require(USD(decimal: "1234.567000000001")))
    #expect(money.html.string == "<span title=\"$1234.567000000001\">$1,234.57</span>")
    #expect(MoneyText(nil, unknown: "no <price>").html.string == "<span title=\"no &lt;price&gt;\">–</span>")
  }

  @Test func smallestAndLargestMoneyHaveNoTrap() {
    for pico in [Int128.min, .max, -1, 1] {
      #expect(MoneyText(USD(pico: pico)).text.contains("$"))
      #expect(MoneyText(USD(pico: pico), fine: true).text.contains("$"))
    }
  }

  @Test(
    arguments: [
      (0, "0"), (842, "842"), (1000, "1.00\u{A0}k"), (12_440, "12.4\u{A0}k"), (999_499, "999\u{A0}k"),
      (999_500, "1.00\u{A0}M"),
      (1_241_877, "1.24\u{A0}M"), (9_996_000, "10.0\u{A0}M"), (25_000_000_000, "25.0\u{A0}B"), (-1500, "−1.50\u{A0}k"),
      (Int64.max, "9223372\u{A0}T"),
    ] as [(Int64, String)])
  func tokensHaveThreeDigits(count: Int64, text: String) {
    #expect(TokenText(count).text == text)
  }

  @Test(
    arguments: [
      (0, "0\u{A0}µs"), (420, "420\u{A0}µs"), (1500, "1.5\u{A0}ms"), (840_000, "840\u{A0}ms"), (999_600, "1.00\u{A0}s"),
      (12_400_000, "12.4\u{A0}s"),
      (59_960_000, "1\u{A0}min 00\u{A0}s"), (125_000_000, "2\u{A0}min 05\u{A0}s"),
      (3_840_000_000, "1\u{A0}h 04\u{A0}min"), (-5, "0\u{A0}µs"),
    ] as [(Int64, String)])
  func durationsHaveTheUnitOfTheirSize(microseconds: Int64, text: String) {
    #expect(DurationText(microseconds: microseconds).text == text)
  }

  @Test(
    arguments: [
      (100.0, 112.0, "+12\u{A0}%"), (100, 96.6, "−3.4\u{A0}%"), (100, 100, "no change"), (0, 5, "new"),
      (0, 0, "no change"), (1, 15, "+1,400\u{A0}%"),
      (100, 0, "−100\u{A0}%"), (nil, 5, "–"), (5, nil, "–"), (1e-300, 1e300, "over +1,000,000\u{A0}%"),
    ] as [(Double?, Double?, String)])
  func changesAreRelativeToTheOldValue(old: Double?, new: Double?, text: String) {
    #expect(ChangeText(from: old, to: new).text == text)
  }

  @Test(
    arguments: [
      (0.82, "0.82"), (1, "1"), (0, "0"), (-0.5, "-0.5"), (1e300, "1e+300"), (9.9e14, "990000000000000.0"), (.nan, "–"),
      (0.00002, "2e-05"),
    ] as [(Double, String)])
  func scoresOfAnySizeHaveAText(number: Double, text: String) {
    var score = TraceSamples.scores[0]
    score.number = number
    #expect(ScoreTable.value(score) == text)
  }

  @Test func changeOfAShareIsInPoints() {
    #expect(ChangeText(pointsFrom: 0.27, to: 0.306).text == "+3.6\u{A0}points")
    #expect(ChangeText(pointsFrom: 0.306, to: 0.27).text == "−3.6\u{A0}points")
    #expect(ChangeText(pointsFrom: 0.3, to: 0.30001).text == "no change")
  }

  @Test(arguments: [
    (1.0, 3.0, "33.3\u{A0}%"), (3, 3, "100\u{A0}%"), (0, 3, "0.0\u{A0}%"), (0.00001, 3, "<0.1\u{A0}%"), (1, 0, "–"),
  ])
  func sharesNeverRoundSomethingToNothing(part: Double, whole: Double, text: String) {
    #expect(ShareText(part, of: whole).text == text)
  }
}
