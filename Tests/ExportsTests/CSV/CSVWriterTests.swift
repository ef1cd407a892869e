import Domain
import Testing

@testable import Exports

@Suite struct CSVWriterTests {
  private func written(_ cells: [Cell], _ options: CSVOptions = CSVOptions()) -> String {
    var writer = CSVWriter(options: options)
    writer.row(cells)
    return String(decoding: writer.take(), as: UTF8.self)
  }

  @Test func rowsEndWithCarriageReturnAndLineFeed() {
    #expect(written([.text("a"), .empty, .integer(-3), .decimal("0.5")]) == "a,,-3,0.5\r\n")
  }

  @Test func quotesStandWhereTextWouldBreakARow() {
    #expect(written([.text("say \"hi\""), .text("a,b"), .text("a;b"), .text("two\nlines")]) == "\"say \"\"hi\"\"\",\"a,b\",\"a;b\",\"two\nlines\"\r\n")
  }

  @Test func formulasBecomeText() {
    #expect(written([.text("=1+1"), .text("+a"), .text("-a"), .text("@a"), .text("\tx"), .text("\rx")])
      == "'=1+1,'+a,'-a,'@a,\"'\tx\",\"'\rx\"\r\n")
  }

  @Test func negativeNumbersStayNumbers() {
    #expect(written([.integer(-1), .decimal("-0.25"), .cents(USD(decimal: "-1"))]) == "-1,-0.25,-1.00\r\n")
  }

  @Test func europeanFilesHaveSemicolonsAndDecimalCommas() {
    #expect(written([.text("a,b"), .decimal("1234.5"), .integer(7)], .european) == "\u{FEFF}\"a,b\";1234,5;7\r\n")
  }

  @Test func aDecimalCommaIsQuotedBetweenCommas() {
    #expect(written([.decimal("-1.5"), .decimal("2")], CSVOptions(decimal: .comma)) == "\"-1,5\",2\r\n")
  }

  @Test func theMarkStandsOnceAtTheStart() {
    var writer = CSVWriter(options: CSVOptions(hasByteOrderMark: true))
    writer.header(["a"])
    #expect(writer.take() == [0xEF, 0xBB, 0xBF, 0x61, 0x0D, 0x0A])
    writer.row([.integer(1)])
    #expect(writer.take() == [0x31, 0x0D, 0x0A])
    #expect(writer.count == 0)
  }
}

@Suite struct DecimalsTests {
  @Test func zerosAtTheEndAreDropped() {
    #expect(Decimals.text(1_500, digits: 3) == "1.5")
    #expect(Decimals.text(-5, digits: 3) == "-0.005")
    #expect(Decimals.text(2_000_000, digits: 6) == "2")
    #expect(Decimals.text(0, digits: 6) == "0")
    #expect(Decimals.text(.min, digits: 0) == String(Int128.min))
  }

  @Test(arguments: [("0.005", "0.00"), ("0.015", "0.02"), ("-0.015", "-0.02"), ("-0.001", "0.00"), ("12", "12.00"), ("1.999", "2.00")])
  func centsAreRoundedHalfEven(_ amount: String, _ text: String) {
    #expect(USD(decimal: amount).map(Decimals.cents) == text)
  }

  @Test func ratiosAreRoundedAndNeverTrap() {
    #expect(Decimals.ratio(1, 3, digits: 6) == "0.333333")
    #expect(Decimals.ratio(-2, 3, digits: 6) == "-0.666667")
    #expect(Decimals.ratio(1, 0, digits: 6) == nil)
    #expect(Decimals.ratio(.max, 1, digits: 18) == nil)
    #expect(Decimals.ratio(.min, -1, digits: 0) == nil)
    #expect(Decimals.ratio(.max, .max, digits: 12) == "1")
  }
}
