import Domain
import Testing

@testable import Pricing

@Suite struct LiteLLMFormatTests {
  private static let file = """
    {"sample_spec": {"input_cost_per_token": 1},
     "gemini/gemini-2.5-pro": {"litellm_provider": "gemini", "mode": "chat", "input_cost_per_token": 1.25e-06,
       "input_cost_per_token_above_200k_tokens": 2.5e-06, "output_cost_per_token": 1e-05, "input_cost_per_token_batches": 6.25e-07,
       "input_cost_per_token_above_200k_tokens_priority": 4.5e-06, "input_cost_per_token_priority": 2.25e-06,
       "google_maps_grounding_cost_per_query": 0.025, "source": "https://example.com"},
     "claude-x": {"litellm_provider": "anthropic", "cache_creation_input_token_cost_above_1hr": 6e-06, "input_cost_per_token": 3e-06, "max_tokens": 8192},
     "whisper-1": {"litellm_provider": "openai", "mode": "audio_transcription", "input_cost_per_second": 0.0001},
     "rerank-v3.5": {"litellm_provider": "cohere", "mode": "rerank", "input_cost_per_query": 0.002, "input_cost_per_token": 0.0},
     "dall-e-3": {"litellm_provider": "openai", "mode": "image_generation", "input_cost_per_image": 0.04},
     "gpt-image": {"litellm_provider": "openai", "mode": "image_generation", "output_cost_per_image": 0.04, "output_cost_per_image_token": 4e-05},
     "local": {"litellm_provider": "ollama", "input_cost_per_token": 0.0, "output_cost_per_token": 0},
     "bad": {"input_cost_per_token": -1e-06}, "worse": 7,
     "claude-x": {"input_cost_per_token": 1}}
    """

  @Test func costsBecomeListings() {
    let listings = PriceFormat.litellm.read(Self.file).agreements.listings
    let gemini = listings.filter { $0.pattern == NamePattern(.exact, "gemini-2.5-pro") }
    #expect(gemini.map(\.provider) == ["google", "google", "google"])
    #expect(gemini.map(\.conditions) == [[:], ["service_tier": "batch"], ["service_tier": "priority"]])
    #expect(
      gemini.map(\.prices) == [
        ["input_mtok": "1.25 >200000:2.5", "output_mtok": "10"], ["input_mtok": "0.625"],
        ["input_mtok": "2.25 >200000:4.5"],
      ])
    #expect(gemini.first?.source == "https://example.com")
    #expect(prices("claude-x", listings) == ["cache_write_1h_mtok": "6", "input_mtok": "3"])
    #expect(prices("whisper-1", listings) == ["input_audio_hours": "0.36"])
    #expect(prices("rerank-v3.5", listings) == ["rerank_searches_kcount": "2"])
    #expect(prices("gpt-image", listings) == ["output_image_mtok": "40"])
    #expect(prices("dall-e-3", listings) == ["images": "0.04"])
  }

  @Test func whatWasSkippedIsNamed() {
    let problems = PriceFormat.litellm.read(Self.file).problems
    #expect(problems.map(\.place) == ["gemini/gemini-2.5-pro", "gpt-image", "local", "bad", "worse", "claude-x"])
    #expect(problems.last?.message.contains("twice") == true)
    #expect(PriceFormat(looksLike: Array(Self.file.utf8)) == .litellm)
  }

  @Test func whatIsWrittenReadsBack() {
    let zero = PriceEntryID(0)
    let listings = [
      PriceListing(
        id: zero, provider: "openai", pattern: NamePattern(.exact, "gpt-9"),
        prices: ["input_mtok": "1.25 >200000:2.5", "cache_write_1h_mtok": "0.1", "cache_read_mtok": "0.3"], source: "s"),
      PriceListing(
        id: zero, provider: "openai", pattern: NamePattern(.exact, "gpt-9"), conditions: ["service_tier": "flex"],
        prices: ["input_mtok": "0.3"], source: "s"),
    ]
    let export = PriceFormat.litellm.write(PriceAgreements(listings: listings))
    #expect(export.leftOut.isEmpty)
    let back = PriceFormat.litellm.read(export.text, defaults: PriceImportDefaults(source: "s"))
    #expect(back.problems.isEmpty)
    #expect(back.agreements.listings == listings)
  }

  @Test func lossesOfTheExportAreNamed() throws {
    let export = PriceFormat.litellm.write(try sampleAgreements())
    #expect(export.leftOut.map(\.message).contains { $0.hasPrefix("a pattern") })
    #expect(export.leftOut.map(\.message).contains { $0.hasPrefix("conditions") })
    #expect(export.leftOut.count == 6)
  }

  private func prices(_ name: String, _ listings: [PriceListing]) -> [String: String]? {
    listings.first { $0.pattern.text == name }?.prices
  }
}
