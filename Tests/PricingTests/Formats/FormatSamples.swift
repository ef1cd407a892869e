import Domain
import Testing

@testable import Pricing

/// Agreements with everything that a file must carry.
func sampleAgreements() throws -> PriceAgreements {
  let january = try #require(Timestamp(day: "2026-01-01"))
  let july = try #require(Timestamp(day: "2026-07-01"))
  let zero = PriceEntryID(0)
  return PriceAgreements(
    listings: [
      PriceListing(
        id: zero, provider: "openai", pattern: NamePattern(.prefix, "gpt-4o"),
        dates: DatedRange(from: january, to: july),
        conditions: ["service_tier": "batch", "region": "eu"],
        prices: ["input_mtok": "1.25 >200000:2.5", "output_mtok": "0.000001"],
        source: "contract \"4711\", page 3;\nrow 2",
        checkedAt: january.adding(microseconds: 1)),
      PriceListing(
        id: zero, pattern: NamePattern(.regex, #"^LTX(2|3)\d+$"#), dates: DatedRange(from: july),
        prices: ["seconds": "0.04"],
        source: "=HYPERLINK(\"x\")"),
      PriceListing(
        id: zero, provider: "azure", pattern: NamePattern(.exact, "übung/ä"), conditions: ["region": "a & b=% c=d"],
        prices: ["images": "40"], source: "'quoted"),
    ],
    terms: [
      PriceTerm(id: zero, factor: "0.85", source: "framework contract"),
      PriceTerm(
        id: zero, provider: "anthropic", pattern: NamePattern(.contains, "opus"), dates: DatedRange(to: july),
        factor: "1.123456789", source: "…"),
    ],
    aliases: [
      ModelAlias(
        id: zero, provider: "azure", pattern: NamePattern(.suffix, "-prod"), dates: DatedRange(from: january),
        targetProvider: "azure", targetModel: "gpt-4o"),
      ModelAlias(id: zero, pattern: NamePattern(.exact, "our-model"), targetModel: "Claude-Opus-5"),
    ],
    withoutCatalogue: ["openrouter", "azure"])
}
