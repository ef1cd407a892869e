import Domain
import Pricing
import Testing
import Wire

@testable import Server

@Suite struct PriceInputTests {
  @Test func aFormBecomesAListing() throws {
    let form = QueryParameters(
      "provider=openai&match=prefix&pattern=gpt-4o&price.input_mtok=2.5&price.output_mtok=&when.service_tier=batch&from=2026-11-01&source=contract")
    let listing = try PriceEntryInput(form: form, zone: "Europe/Berlin").listing()
    #expect(listing.pattern == NamePattern(.prefix, "gpt-4o") && listing.provider == "openai")
    #expect(listing.prices == ["input_mtok": "2.5"] && listing.conditions == ["service_tier": "batch"])
    // A day begins in the organisation's zone.
    #expect(listing.dates == DatedRange(from: ISOTime.parse("2026-10-31T23:00:00Z", zone: "UTC")))
  }

  @Test(arguments: [
    #"{"pattern":"(","match":"regex","prices":{"input_mtok":"1"},"source":"x"}"#, #"{"pattern":"a","prices":{"nothing":"1"},"source":"x"}"#,
    #"{"pattern":"a","prices":{"input_mtok":"-1"},"source":"x"}"#, #"{"pattern":"a","prices":{},"source":"x"}"#,
    #"{"pattern":"a","prices":[],"source":"x"}"#, #"{"pattern":"a","prices":{"input_mtok":"1"}}"#,
    #"{"pattern":"a","match":"like","prices":{"input_mtok":"1"},"source":"x"}"#, #"{"prices":{"input_mtok":"1"},"source":"x"}"#,
    #"{"pattern":"a","prices":{"input_mtok":"1"},"source":"x","from":"soon"}"#,
    #"{"pattern":"a","prices":{"input_mtok":"1"},"conditions":{"mood":"good"},"source":"x"}"#,
  ])
  func whatCanNeverPriceACallIsRefused(json: String) throws {
    let object = try #require(try JSON.parse(json).objectValue)
    #expect(throws: Failure.self) { try PriceEntryInput(json: object, zone: "UTC").listing() }
  }

  @Test func likelyModelsAreWholeNamesLongestFirst() throws {
    let catalogue = try PriceCatalogue.bundled(), likely = LikelyModels(catalogue)
    func offered(_ provider: String?, _ model: String) -> String? {
      likely.likely(provider: provider, model: model, catalogue: catalogue).map { "\($0.provider)/\($0.model)" }
    }
    #expect(offered("azure.ai.openai", "triage-gpt-4o-mini")?.hasSuffix("/gpt-4o-mini") == true)
    #expect(offered(nil, "acme_Claude-Sonnet-4.5_prod") == "anthropic/claude-sonnet-4-5")
    #expect(offered("in-house", "intent-tagger-7b") == nil && offered(nil, "") == nil)
  }
}

@Suite struct GivenTrafficTests {
  @Test func ratesBecomeCallsAndSaturate() throws {
    #expect(try GivenTraffic(QueryParameters("callsPerMinute=30&days=30"))?.calls == 1_296_000)
    #expect(try GivenTraffic(QueryParameters("users=50&callsPerDay=20&days=30"))?.calls == 30_000)
    #expect(try GivenTraffic(QueryParameters("costPerHour=38&days=30"))?.hours == 720)
    #expect(try GivenTraffic(QueryParameters("users=1000000000000&callsPerDay=1000000000000&days=365"))?.calls == .max)
    #expect(try GivenTraffic(QueryParameters("model=gpt-4o")) == nil)
  }

  @Test(arguments: [
    "users=50", "users=50&calls=3", "days=30", "days=30&calls=3", "costPerCall=1", "hours=5", "hours=5&calls=3", "input=10",
    "calls=3&callsPerDay=3", "callsPerDay=3&callsPerMinute=3",
  ])
  func aNumberThatNothingIsMadeOfIsRefused(question: String) {
    #expect(throws: Failure.self) { try GivenTraffic(QueryParameters(question)) }
  }

  @Test func sumsBeyondMoneyAreUnknown() {
    #expect(USD(decimal: "0.1082")?.times(30_000) == USD(decimal: "3246"))
    #expect(USD(decimal: "1000000")?.times(.max) == nil)
  }
}
