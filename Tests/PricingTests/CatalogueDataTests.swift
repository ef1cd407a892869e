import Domain
import Testing

@testable import Pricing

@Suite struct CatalogueDataTests {
  @Test func hasSourceAndLicence() throws {
    let source = try bundled.get().source
    #expect(source.name == "genai-prices")
    #expect(source.licence == "MIT")
    #expect(Timestamp(day: source.checked) != nil)
    #expect(!source.version.isEmpty)
  }

  @Test func holdsAllModels() throws {
    let catalogue = try bundled.get()
    #expect(catalogue.models.count { !$0.isOverlaid } >= 2330)
    #expect(catalogue.models.count { $0.isOverlaid } >= 2000)
    #expect(catalogue.providers.count >= 100)
    #expect(catalogue.models.allSatisfy { catalogue.provider($0.provider) != nil })
    #expect(catalogue.providers.flatMap(\.fallback).allSatisfy { catalogue.provider($0) != nil })
  }

  @Test func namesAreUniqueWithinAProvider() throws {
    let ids = try bundled.get().models.map { "\($0.provider)/\($0.id)" }
    #expect(Set(ids).count == ids.count)
  }

  /// Of the rows without hours exactly one holds at any time; hours of one model do not overlap.
  @Test func validityDoesNotOverlap() throws {
    for model in try bundled.get().models {
      let dated = model.rows.filter { $0.validity.daily == nil }
      #expect(dated.first?.validity.from == nil, "\(model.id) has a first row without a start")
      for (earlier, later) in zip(dated, dated.dropFirst()) {
        #expect(earlier.validity.to == later.validity.from, "\(model.provider)/\(model.id)")
      }
      #expect(dated.last?.validity.to == nil)
      let hours = model.rows.compactMap(\.validity.daily).sorted { $0.start < $1.start }
      for (earlier, later) in zip(hours, hours.dropFirst()) { #expect(earlier.end <= later.start, "\(model.id)") }
    }
  }

  /// Where two variants with the same conditions hold at once, they price different units.
  @Test func variantsOfOneConditionDoNotOverlap() throws {
    for model in try bundled.get().models {
      for (i, one) in model.variants.enumerated() {
        for other in model.variants[(i + 1)...] where one.when == other.when && overlap(one.validity, other.validity) {
          let shared = Set(one.prices.map(\.unit)).intersection(other.prices.map(\.unit))
          // The backbone lists later dates first and leaves the older without an end.
          #expect(
            shared.isEmpty || one.prices.allSatisfy { $0.origin == 0 } && one.validity.from != other.validity.from,
            "\(model.provider)/\(model.id) \(one.when) \(shared)")
        }
      }
    }
  }

  /// A variant is about something that a call can show, or that an image or video was ordered with.
  @Test func conditionsAreKnown() throws {
    let known: Set<String> = [
      "service_tier", "processing", "speed", "region", "provider", "quality", "size", "steps", "resolution",
      "search_context_size", "search_type", "route",
    ]
    for variant in try bundled.get().models.flatMap(\.variants) {
      #expect(!variant.when.isEmpty && variant.when.keys.allSatisfy(known.contains), "\(variant.when)")
      #expect(variant.when.values.allSatisfy { !$0.isEmpty && $0 == lowercased($0) }, "\(variant.when)")
    }
  }

  @Test func everyPriceHasItsSourceAndDay() throws {
    let catalogue = try bundled.get()
    for price in catalogue.models.flatMap({ $0.rows.flatMap(\.prices) + $0.variants.flatMap(\.prices) }) {
      #expect(catalogue.origins.indices.contains(Int(price.origin)))
      let source = catalogue.source(of: price)
      #expect(source.name == (price.origin == 0 ? "genai-prices" : "litellm"))
      #expect(source.url.hasPrefix("https://") && !source.version.isEmpty && Timestamp(day: source.checked) != nil)
    }
  }

  /// What the overlay adds to a model stands beside the backbone's prices, never in their place.
  @Test func overlayReplacesNothing() throws {
    for model in try bundled.get().models {
      for row in model.rows { #expect(Set(row.prices.map(\.unit)).count == row.prices.count, "\(row.label)") }
      if model.isOverlaid {
        #expect(model.rows.flatMap(\.prices).allSatisfy { $0.origin > 0 })
        #expect(model.variants.flatMap(\.prices).allSatisfy { $0.origin > 0 })
      }
    }
    for id in ["gpt-4o", "gpt-5-mini"] {
      let model = try #require(bundled.get().models.first { $0.provider == "openai" && $0.id == id })
      #expect(model.rows.allSatisfy { $0.prices.allSatisfy { $0.origin == 0 } })
    }
  }

  @Test func whatTheBackboneLacksIsThere() throws {
    #expect(try listed("anthropic", "claude-opus-4-8", ["region": "us"], .input) == "5.5")
    #expect(try listed("anthropic", "claude-opus-4-8", ["region": "us", "processing": "batch"], .output) == "13.75")
    #expect(try listed("google", "gemini-2.5-pro", ["service_tier": "priority"], .input) == "2.25")
    #expect(try listed("aws", "amazon.nova-lite-v1:0", ["region": "eu"], .output) == "0.312")
    #expect(try listed("aws", "qwen.qwen3-next-80b-a3b", ["region": "eu-west-1"], .output) == "1.41")
    #expect(try listed("openai", "gpt-5-mini", ["provider": "azure", "region": "eu"], .input) == "0.275")
    #expect(try listed("openai", "whisper-1", [:], .inputAudioHours) == "0.36")
    #expect(try listed("cohere", "rerank-v3.5", [:], .rerankSearches) == "2")
    #expect(try listed("dashscope", "wan3.0-video", ["resolution": "480p"], .outputVideoSeconds) == "0.041256")
  }

  private func listed(_ provider: String, _ id: String, _ when: [String: String], _ unit: PriceUnit) throws -> String? {
    let model = try #require(bundled.get().models.first { $0.provider == provider && $0.id == id })
    if when.isEmpty { return model.rows.last?.price(unit)?.base.decimal }
    return model.variants.first { $0.when == when && $0.prices.contains { $0.unit == unit } }?
      .prices.first { $0.unit == unit }?.base.decimal
  }

  private func overlap(_ a: Validity, _ b: Validity) -> Bool {
    guard a.daily == nil, b.daily == nil else { return false }
    let startsBeforeEnd = { (x: Validity, y: Validity) in (x.from?.microseconds ?? .min) < (y.to?.microseconds ?? .max)
    }
    return startsBeforeEnd(a, b) && startsBeforeEnd(b, a)
  }

  /// The most that a unit costs anywhere, in US dollars as listed; no exceptions are needed.
  @Test func pricesAreSane() throws {
    for model in try bundled.get().models {
      for price in model.rows.flatMap(\.prices) + model.variants.flatMap(\.prices) {
        for rate in [price.base] + price.tiers.map(\.rate) {
          let ceiling = USD(decimal: most(price.unit.label))?.pico ?? 0
          #expect(
            USD(pico: Int128(rate.picoPerUnit) * Int128(price.unit.quantity)).pico <= ceiling,
            "\(model.provider)/\(model.id) \(price.unit) \(rate.decimal)")
        }
        #expect(price.tiers.allSatisfy { $0.over >= 1000 })
        #expect(
          price.tiers.allSatisfy { $0.rate.picoPerUnit >= price.base.picoPerUnit },
          "a longer prompt costs less: \(model.provider)/\(model.id) \(price.unit)")
      }
    }
  }

  private func most(_ label: String) -> String {
    switch label {
    case "image", "second", "second of video", "GPU second": "5"
    case "hour": "20"
    case "million tokens": "1000"
    default: "500"
    }
  }

  @Test func freeModelsAreListedWithoutAPrice() throws {
    let free = try bundled.get().models.filter(\.isFree)
    #expect(free.contains { $0.provider == "openai" && $0.id == "moderation" })
    #expect(free.allSatisfy { $0.rows.allSatisfy { $0.prices.isEmpty } })
  }

  @Test func revisionGrowsWithTheDay() throws {
    #expect(try book().revision == (try bundled.get().day) * 100 + PriceBook.rulesRevision)
    #expect(try book().revision > 2_026_000_000)
  }

  @Test(arguments: [
    #"{"source":1}"#, file(price: "abc"), file(price: "-1"), file(price: "1 >200000"), file(price: "1 >2:x"),
    file(price: "1 >5:1 >5:2"), file(price: "1", unit: "input_ktok"), file(price: "1", from: "2025-13-01"),
    file(price: "1", match: "regex .*"), file(price: "1e20"), "", "{", "{}", file(price: "1") + "x",
    file(price: "1").replacing("\"prices\"", with: "\"o\":7,\"more\""),
    file(price: "1").replacing("}}]}]}", with: "},\"more\":{\"input_mtok\":\"2\"}}]}]}"),
  ])
  func damagedFileIsRefused(json: String) {
    #expect(throws: PriceFileError.self) { try PriceCatalogue(json: Array(json.utf8)) }
  }

  @Test func soundFileIsRead() throws {
    let catalogue = try PriceCatalogue(json: Array(file(price: "1.5 >100:2 >200:3", from: "2025-01-31").utf8))
    let price = try #require(catalogue.models.first?.rows.first?.price(.input))
    #expect(price.rate(promptTokens: 100).over == nil)
    #expect(price.rate(promptTokens: 101).rate.picoPerUnit == 2_000_000)
    #expect(price.rate(promptTokens: 201).over == 200)
    #expect(catalogue.models.first?.rows.first?.validity.from?.microseconds == 1_738_281_600_000_000)
  }

  @Test(arguments: [
    ("0", 0), ("0.0", 0), ("0.0000015", 2), ("0.0000025", 2), ("0.00000250001", 3), ("0.18000000000000002", 180_000),
  ])
  func unitPriceIsRoundedHalfEven(decimal: String, pico: Int64) {
    #expect(Rate(decimal: decimal, unit: .input)?.picoPerUnit == pico)
  }

  @Test(arguments: ["0.0000005", "0.0000000000001", "1e-30"])
  func priceThatWouldBeChargedAsNothingIsNoPrice(decimal: String) {
    #expect(Rate(decimal: decimal, unit: .input) == nil)
  }
}

private func file(price: String, unit: String = "input_mtok", from: String = "2025-01-01", match: String = "equals m")
  -> String
{
  """
  {"source":{"name":"t","version":"1","url":"","licence":"MIT","checked":"2026-01-02"},"units":{"\(unit)":1000000},
  "providers":[{"id":"p","name":"P","urls":[]}],
  "models":[{"provider":"p","id":"m","match":["\(match)"],"rows":[{"from":"\(from)","prices":{"\(unit)":"\(price)"}}]}]}
  """
}
