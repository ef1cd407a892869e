import Domain
import Testing

@testable import Pages

@Suite struct PriceEntryWordsTests {
  private let listing = PriceListing(
    id: PriceEntryID(1), provider: "azure", pattern: NamePattern(.prefix, "my-gpt"),
    dates: DatedRange(from: Timestamp(seconds: 1_767_225_600), to: Timestamp(seconds: 1_782_864_000)),
    conditions: ["service_tier": "batch", "region": "eu"], prices: ["input_mtok": "1.25 >200000:2.5", "output_mtok": "10"],
    source: "contract")

  @Test func datesConditionsAndTiersAreTold() {
    let words = PriceEntryWords(listing)
    #expect(words.what == "azure prefix my-gpt, region eu, service tier batch, from 2026-01-01")
    #expect(words.detail == "Input $1.25 ($2.50 over 200,000 tokens), Output $10.00, until 2026-07-01")
  }

  @Test func onlyWhatBecomesAnotherIsTold() {
    var next = listing
    next.prices = ["input_mtok": "1.25 >200000:2", "cache_read_mtok": "0.1"]
    next.dates.to = nil
    next.source = "letter"
    #expect(
      PriceEntryWords(next).detail(after: PriceEntryWords(listing))
        == "Cache read none becomes $0.10, Input $1.25 ($2.50 over 200,000 tokens) becomes $1.25 ($2.00 over 200,000 tokens), "
        + "source contract becomes letter, Output $10.00 becomes none, until 2026-07-01 becomes none")
    #expect(PriceEntryWords(listing).detail(after: PriceEntryWords(listing)) == PriceEntryWords(listing).detail)
  }

  @Test func termsAndAliasesHaveTheirWords() {
    let term = PriceTerm(
      id: PriceEntryID(1), provider: "openai", dates: DatedRange(from: Timestamp(seconds: 1_780_000_001)), factor: "0.85", source: "x")
    #expect(PriceEntryWords(term).what == "discount on openai every model, from 2026-05-28T20:26:41Z")
    #expect(PriceEntryWords(term).detail == "× 0.85")
    let alias = ModelAlias(id: PriceEntryID(1), pattern: NamePattern(.exact, "prod"), targetProvider: "openai", targetModel: "gpt-5")
    #expect(PriceEntryWords(alias).what == "name prod" && PriceEntryWords(alias).detail == "stands for openai gpt-5")
  }
}
