import Domain
import Testing

@testable import Pricing

@Suite struct CSVFormatTests {
  @Test func listingsComeBackAsTheyWere() throws {
    let agreements = try sampleAgreements()
    let export = PriceFormat.csv.write(agreements)
    let back = PriceFormat.csv.read(export.text)
    #expect(back.problems.isEmpty)
    #expect(back.agreements.listings == agreements.listings)
    #expect(export.leftOut.map(\.place) == ["terms", "aliases", "providers without catalogue"])
    #expect(PriceFormat(looksLike: Array(export.text.utf8)) == .csv)
  }

  @Test func spreadsheetFormulasAreDisarmed() throws {
    let text = PriceFormat.csv.write(try sampleAgreements()).text
    #expect(text.contains("\"'=HYPERLINK(\"\"x\"\")\""))
    #expect(!text.contains(",=") && !text.contains("\"="))
  }

  @Test func columnsComeInAnyOrderAndWithOtherSeparators() {
    let file =
      "\u{FEFF}input_mtok;Pattern;checked;conditions\r\n2,5;x;;\r\n\r\n2.5;\"a;b\";2026-11-01;service_tier=Batch & region = eu\r\n"
    let result = PriceFormat.csv.read(file)
    #expect(result.problems.map(\.place) == ["line 2"])
    let listing = result.agreements.listings.first
    #expect(listing?.pattern == NamePattern(.exact, "a;b"))
    #expect(listing?.conditions == ["service_tier": "Batch", "region": "eu"])
    #expect(listing?.prices == ["input_mtok": "2.5"])
    #expect(listing?.checkedAt == Timestamp(day: "2026-11-01"))
  }

  @Test(arguments: [
    ("", "line 1"), ("provider,input_mtok\na,1", "line 1"), ("pattern,price\nx,1", "line 1"),
    ("pattern,pattern\nx,1", "line 1"),
    ("pattern,input_mtok\nx,1,2", "line 2"), ("pattern,input_mtok\n\"x,1", "line 2"),
    ("pattern,input_mtok\nx,", "line 2"),
    ("pattern,input_mtok\n\"a\nb\",1\ny,abc", "line 4"), ("pattern,match,input_mtok\nx,like,1", "line 2"),
    ("pattern,conditions,input_mtok\nx,batch,1", "line 2"), ("pattern,valid_from,input_mtok\nx,1.2.2026,1", "line 2"),
  ])
  func problemsNameTheirLine(file: String, place: String) {
    let result = PriceFormat.csv.read(file)
    #expect(result.problems.map(\.place) == [place])
    #expect(result.agreements.listings.allSatisfy { $0.pattern.text == "a\nb" })
  }
}
