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
    #expect(catalogue.models.count >= 2330)
    #expect(catalogue.providers.count >= 47)
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

  @Test func pricesAreSane() throws {
    for model in try bundled.get().models {
      for price in (model.rows.flatMap(\.prices) + model.variants.flatMap(\.prices))
      where price.unit.label == "million tokens" {
        for rate in [price.base] + price.tiers.map(\.rate) {
          // At most 1,000 USD a million tokens.
          #expect(rate.picoPerUnit <= 1_000_000_000, "\(model.provider)/\(model.id) \(price.unit)")
        }
        #expect(price.tiers.allSatisfy { $0.over >= 1000 })
      }
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
    file(price: "1", match: "regex .*"), file(price: "1e20"),
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
    ("0.0000005", 0), ("0.0000015", 2), ("0.0000025", 2), ("0.00000250001", 3), ("0.18000000000000002", 180_000),
  ])
  func unitPriceIsRoundedHalfEven(decimal: String, pico: Int64) {
    #expect(Rate(decimal: decimal, unit: .input)?.picoPerUnit == pico)
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
