import Domain
import Testing

@testable import Pricing

@Suite struct QuipuFormatTests {
  @Test func roundTripLosesNothing() throws {
    let agreements = try sampleAgreements()
    let export = PriceFormat.quipu.write(agreements)
    let back = PriceFormat.quipu.read(export.text)
    #expect(export.leftOut.isEmpty)
    #expect(back.problems.isEmpty)
    #expect(back.agreements == agreements)
    #expect(PriceFormat.quipu.write(back.agreements) == export)
    #expect(PriceFormat(looksLike: Array(export.text.utf8)) == .quipu)
  }

  @Test func nothingIsWrittenAndReadAsNothing() {
    let text = PriceFormat.quipu.write(PriceAgreements()).text
    #expect(PriceFormat.quipu.read(text) == PriceImport())
  }

  @Test func badEntriesAreNamedAndTheRestRead() {
    let file = """
      {"format": "quipu-prices", "version": 1, "listings": [
        {"match": "prefix", "pattern": "GPT-9", "prices": {"input_mtok": 2.50}, "provider": " OpenAI "},
        {"match": "glob", "pattern": "x", "prices": {"input_mtok": "1"}},
        {"pattern": "x", "prices": {"input_ktok": "1"}},
        {"pattern": "x", "prices": {"input_mtok": "-1"}},
        {"pattern": "x", "prices": {}},
        {"pattern": "x", "prices": {"input_mtok": "1"}, "from": "2026-02-30T00:00:00Z"},
        {"pattern": "x", "prices": {"input_mtok": "1"}, "from": "2026-02-02", "to": "2026-02-01"},
        {"pattern": "", "prices": {"input_mtok": "1"}}, 7,
        {"pattern": "x", "prices": {"input_mtok": "1 >5:2 >5:3"}},
        {"pattern": "x", "prices": {"input_mtok": [1]}},
        {"match": "regex", "pattern": "a(", "prices": {"input_mtok": "1"}}
      ], "terms": [{"factor": "101"}, {"factor": "0.1234567891"}, {"factor": 0.5, "source": "s"}],
      "aliases": [{"pattern": "a"}, {"pattern": "a", "target_model": "b"}], "without_catalogue": ["x", 1]}
      """
    let result = PriceFormat.quipu.read(file, defaults: PriceImportDefaults(source: "prices.json"))
    #expect(result.agreements.listings.count == 1)
    #expect(result.agreements.listings.first?.prices == ["input_mtok": "2.5"])
    #expect(result.agreements.listings.first?.pattern == NamePattern(.prefix, "gpt-9"))
    #expect(result.agreements.listings.first?.provider == "openai")
    #expect(result.agreements.listings.first?.source == "prices.json")
    #expect(result.agreements.terms.map(\.factor) == ["0.5"])
    #expect(result.agreements.aliases.map(\.targetModel) == ["b"])
    #expect(result.agreements.withoutCatalogue == ["x"])
    #expect(
      result.problems.map(\.place) == (2...12).map { "listing \($0)" } + [
        "term 1", "term 2", "alias 1", "without_catalogue 2",
      ])
    #expect(result.problems.allSatisfy { !$0.message.isEmpty })
  }

  @Test(arguments: [
    "", "{", "[1,", "nul", "{\"format\":\"quipu-prices\"", "\u{0}", String(repeating: "[", count: 5000), "{\"a\":1}x",
    #"{"format":"other"}"#, #"{"format":"quipu-prices","version":2}"#, "[]", "\"\\ud800\"",
    #"{"format":"quipu-prices","listings":{}}"#,
  ])
  func brokenFileIsOneProblem(text: String) {
    let result = PriceFormat.quipu.read(text)
    #expect(result.problems.count == 1)
    #expect(result.agreements == PriceAgreements())
  }

  @Test func brokenJSONNamesItsLine() {
    #expect(PriceFormat.quipu.read("{\n\"format\":\n\"quipu-prices\",\n]").problems.first?.place == "line 4")
  }

  /// No cut or changed byte of a file may crash the reader.
  @Test func damagedBytesNeverCrash() throws {
    let bytes = Array(PriceFormat.quipu.write(try sampleAgreements()).text.utf8)
    for format in PriceFormat.allCases {
      for i in stride(from: 0, to: bytes.count, by: 7) {
        var damaged = bytes
        damaged[i] = UInt8(truncatingIfNeeded: i &* 31)
        #expect(format.read(damaged).agreements.listings.count <= 3)
        #expect(format.read(Array(bytes[..<i])).agreements.listings.count <= 3)
      }
    }
  }

  @Test(arguments: [
    ("1e-06", 6, "1"), ("2.5E-7", 6, "0.25"), ("0.18", 0, "0.18"), ("007.500", 0, "7.5"), ("0", 6, "0"),
    (".5", 0, "0.5"),
    ("5.", 0, "5"), ("12345678901234567890.123456789", 2, "1234567890123456789012.3456789"), ("1.5e+2", 0, "150"),
  ])
  func decimalsMoveAsText(text: String, shift: Int, expected: String) {
    #expect(PlainDecimal.text(text, shift: shift) == expected)
  }

  @Test(arguments: ["", "-1", "1e", "e5", "1.2.3", "0x10", "1,5", "NaN", "1e999999999999", "1e100", " 1", "٣"])
  func otherTextIsNoDecimal(text: String) {
    #expect(PlainDecimal.text(text) == nil)
  }

  @Test(arguments: [
    "", "2026-02-29", "2026-13-01", "2026-00-10", "26-01-01", "2026-+1-01", "2026-01-01T24:00:00Z",
    "2026-01-01T00:00:00",
    "2026-01-01 00:00:00Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+01:00",
  ])
  func otherTextIsNoTime(text: String) {
    #expect(throws: PriceEntryFault.self) { try FileTime.read(text) }
  }

  @Test(arguments: [
    0, 1, -1, 951_782_400_000_000, 1_709_164_800_000_001, 1_767_225_600_000_000, -62_135_596_800_000_000,
    253_402_300_799_999_999,
  ])
  func timesReadBack(microseconds: Int64) throws {
    let time = Timestamp(microseconds: microseconds)
    #expect(try FileTime.read(FileTime.text(time)) == time)
  }
}

/// What a row could not hold, or no call could meet, is told of its entry; it doesn't spoil the file.
@Suite struct UnstorableEntryTests {
  @Test(arguments: [
    ("pattern,input_mtok,source\na,1,\(String(repeating: "s", count: 1001))\nb,2,ok", "source"),
    ("pattern,input_mtok,provider\na,1,\(String(repeating: "p", count: 101))\nb,2,ok", "provider"),
    ("pattern,input_mtok,valid_from\na,1,1800-01-01\nb,2,2026-01-01", "dates"),
    ("pattern,input_mtok,conditions\na,1,mood=good\nb,2,service_tier=batch", "mood"),
    ("pattern,input_mtok,conditions\na,1,service_tier=\nb,2,service_tier=batch", "service_tier"),
    ("pattern,input_mtok\na\0c,1\nb,2", "zero byte"), ("pattern,input_mtok,source\na,1,x\0\nb,2,ok", "source"),
  ])
  func oneListingOfTheFile(file: String, word: String) {
    let result = PriceFormat.csv.read(file)
    #expect(result.problems.map(\.place) == ["line 2"] && result.problems.first?.message.contains(word) == true)
    #expect(result.agreements.listings.map(\.pattern.text) == ["b"])
  }

  @Test func oneEntryOfOurJSON() {
    let long = String(repeating: "x", count: 400)
    let result = PriceFormat.quipu.read(
      """
      {"format":"quipu-prices","version":1,"terms":[{"factor":"0.5","source":" "},{"factor":"0.5","source":"s"}],
       "aliases":[{"pattern":"a","target_model":"\(long)"},{"pattern":"b","target_model":"gpt-4o"}],
       "without_catalogue":["\(long)","azure"]}
      """)
    #expect(result.problems.map(\.place) == ["term 1", "alias 1", "without_catalogue 1"])
    #expect(result.agreements.terms.count == 1 && result.agreements.aliases.map(\.pattern.text) == ["b"])
    #expect(result.agreements.withoutCatalogue == ["azure"])
  }

  @Test(arguments: ["1e3", ".5", "5.", "0.10", "1.0 >200000:2.50", "1E-3"])
  func aTidiedListingComesBackAsItWas(price: String) {
    let listing = PriceListing(
      id: PriceEntryID(0), provider: "openai", pattern: NamePattern(.prefix, " GPT-4O"), prices: ["input_mtok": price], source: "x")
    #expect(listing.problems.isEmpty)
    for format in [PriceFormat.quipu, .csv] {
      let back = format.read(format.write(PriceAgreements(listings: [listing.tidied])).text)
      #expect(back.agreements.listings == [listing.tidied] && back.problems.isEmpty)
    }
  }

  @Test func aPriceThatNoFileCouldHoldIsNone() {
    let listing = PriceListing(id: PriceEntryID(0), pattern: NamePattern(.exact, "a"), prices: ["input_mtok": "+1"], source: "x")
    #expect(listing.problems.map(\.field) == ["price input_mtok"])
  }

  @Test func theRestOfAHugeTableIsNotRead() {
    let result = PriceFormat.csv.read("pattern,input_mtok\n" + String(repeating: "a,x\n", count: CSVPrices.rowsMax + 5))
    #expect(result.problems.count == CSVPrices.rowsMax + 1)
  }
}
