import Domain
import Testing

@testable import Pricing

@Suite struct GenaiFormatTests {
  private static let file = """
    [{"id": "testing", "name": "Testing", "api_pattern": "x", "pricing_urls": ["https://example.com/prices"], "models": [
      {"id": "foo", "match": {"or": [{"equals": "Foo"}, {"starts_with": "foo-"}, {"regex": "^foo\\\\d$"}, {"and": [{"contains": "a"}, {"contains": "b"}]}]},
       "prices_checked": "2026-10-01",
       "prices": [{"prices": {"input_mtok": 0.1, "output_mtok": null}},
                  {"constraint": {"start_date": "2026-06-01"}, "prices": {"input_mtok": {"base": 1.25, "tiers": [{"start": 200000, "price": 2.5}]}}},
                  {"constraint": {"start_time": "00:30:00Z", "end_time": "16:30:00Z"}, "prices": {"input_mtok": 9}}],
       "price_variants": [{"when": {"processing": "batch"}, "prices": {"input_mtok": 0.05}}]},
      {"id": "free", "match": {"equals": "free"}, "prices": {}},
      {"id": "odd", "match": {"equals": "odd"}, "prices": {"parsec_mtok": 1}},
      {"id": "nameless", "prices": {"input_mtok": 1}}]}]
    """

  @Test func rowsBecomeDatedListings() throws {
    let result = PriceFormat.genaiPrices.read(Self.file)
    let june = try #require(Timestamp(day: "2026-06-01"))
    let exact = result.agreements.listings.filter { $0.pattern == NamePattern(.exact, "foo") }
    #expect(exact.map(\.dates) == [DatedRange(to: june), DatedRange(from: june), DatedRange()])
    #expect(exact.map(\.prices) == [["input_mtok": "0.1"], ["input_mtok": "1.25 >200000:2.5"], ["input_mtok": "0.05"]])
    #expect(exact.map(\.conditions) == [[:], [:], ["processing": "batch"]])
    #expect(
      exact.allSatisfy { $0.source == "https://example.com/prices" && $0.checkedAt == Timestamp(day: "2026-10-01") })
    #expect(Set(result.agreements.listings.map(\.pattern.kind)) == [.exact, .prefix, .regex])
    #expect(result.agreements.listings.allSatisfy { $0.provider == "testing" && $0.id == PriceEntryID(0) })
  }

  @Test func whatCannotBeSaidIsNamed() {
    let problems = PriceFormat.genaiPrices.read(Self.file).problems
    #expect(problems.map(\.place) == ["testing/foo", "testing/foo", "testing/free", "testing/odd", "testing/nameless"])
    #expect(problems.first?.message.contains("and") == true)
    #expect(problems.dropFirst().first?.message.contains("hour") == true)
  }

  @Test func bothShapesOfTheFileAreRead() {
    let wrapped = "{\"providers\": \(Self.file)}"
    #expect(PriceFormat.genaiPrices.read(wrapped) == PriceFormat.genaiPrices.read(Self.file))
    #expect(PriceFormat(looksLike: Array(wrapped.utf8)) == .genaiPrices)
  }

  @Test func whatIsWrittenReadsBack() throws {
    let june = try #require(Timestamp(day: "2026-06-01"))
    let zero = PriceEntryID(0)
    let pattern = NamePattern(.prefix, "foo-")
    let listings = [
      PriceListing(
        id: zero, provider: "a", pattern: pattern, dates: DatedRange(to: june), prices: ["input_mtok": "1"], source: "s"
      ),
      PriceListing(
        id: zero, provider: "a", pattern: pattern, dates: DatedRange(from: june), prices: ["input_mtok": "2 >1000:3"],
        source: "s"),
      PriceListing(
        id: zero, provider: "a", pattern: pattern, conditions: ["service_tier": "flex"], prices: ["input_mtok": "0.5"],
        source: "s"),
    ]
    let export = PriceFormat.genaiPrices.write(PriceAgreements(listings: listings))
    #expect(export.leftOut.isEmpty)
    let back = PriceFormat.genaiPrices.read(export.text, defaults: PriceImportDefaults(source: "s"))
    #expect(back.problems.isEmpty)
    #expect(back.agreements.listings == listings)
  }

  @Test func lossesOfTheExportAreNamed() throws {
    let export = PriceFormat.genaiPrices.write(try sampleAgreements())
    let places = export.leftOut.map(\.place)
    #expect(
      places.contains("terms") && places.contains("openai/prefix gpt-4o") && places.contains(#"regex ^LTX(2|3)\d+$"#))
    #expect(PriceFormat.genaiPrices.read(export.text).agreements.listings.isEmpty)
  }
}
