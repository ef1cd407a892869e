import Domain
import Testing

@testable import Pricing

@Suite struct PriceConditionsTests {
  @Test(arguments: [
    ("eu-west-1", "eu"), ("us-east-1", "us"), ("ap-southeast-1", "apac"), ("ap-northeast-1", "jp"), ("europe-west4", "eu"),
    ("us-central1", "us"), ("westeurope", "eu"), ("eastus2", "us"), ("us-gov-west-1", "us-gov"), ("EU", "eu"), ("global", "global"),
  ])
  func regionIsInItsGeography(region: String, geography: String) {
    #expect(PriceConditions(["region": region]).meet(["region": geography]))
    #expect(PriceConditions(["region": region]).meet(["region": region]))
  }

  @Test func governmentRegionIsNotTheCountrys() {
    #expect(!PriceConditions(["region": "us-gov-west-1"]).meet(["region": "us"]))
  }

  @Test(arguments: ["default", "STANDARD", "on_demand", "ON-DEMAND", "auto", "standard_only", "SERVICE_TIER_DEFAULT"])
  func ordinaryTierHasManyNames(sent: String) {
    let conditions = PriceConditions(tier: sent, region: nil, namedRegion: nil)
    #expect(conditions.meet(["service_tier": "default"]) && conditions.meet(["service_tier": "standard"]))
    #expect(conditions.specialTier == nil)
  }

  @Test func noTierIsTheOrdinaryOne() { #expect(PriceConditions().meet(["service_tier": "standard"])) }

  @Test func batchIsTierAndProcessing() {
    for conditions in [PriceConditions(["service_tier": "batch"]), PriceConditions(["processing": "batch"])] {
      #expect(conditions.meet(["processing": "batch"]) && conditions.meet(["service_tier": "batch"]))
      #expect(!conditions.meet(["service_tier": "standard"]))
    }
    #expect(PriceConditions(["service_tier": "fast"]).meet(["speed": "fast"]))
  }

  /// The inference profile is what is charged, wherever the request was sent.
  @Test func regionOfTheNameComesBeforeThatOfTheCall() {
    let global = PriceConditions(tier: nil, region: "eu-west-1", namedRegion: "global")
    #expect(global.meet(["region": "global"]) && !global.meet(["region": "eu"]))
    let inside = PriceConditions(tier: nil, region: "eu-west-1", namedRegion: "eu")
    #expect(inside.meet(["region": "eu"]) && inside.meet(["region": "eu-west-1"]))
  }

  @Test func unknownConditionIsNeverMet() { #expect(!PriceConditions(["region": "eu"]).meet(["route": "mistral/eu"])) }

  // MARK: Variants

  private func model(_ variants: [(when: [String: String], from: String?, input: String)]) throws -> CatalogueModel {
    let price = { (text: String) in try #require(UnitPrice(unit: .input, text: text)) }
    return CatalogueModel(
      provider: "p", id: "m", name: "m", match: try #require(MatchRule(["equals m"])),
      rows: [PriceRow(validity: Validity(), prices: [try price("10")], of: "p/m")],
      variants: try variants.map {
        PriceVariant(
          when: $0.when, validity: Validity(from: $0.from.flatMap { Timestamp(day: $0) }, fromDay: $0.from),
          prices: [try price($0.input)])
      }, isFree: false)
  }

  private func input(_ model: CatalogueModel, _ conditions: [String: String]) throws -> String? {
    let time = try noon("2026-06-01")
    let set = PriceSet(
      model, try #require(model.row(at: time)), variants: model.variants(at: time, PriceConditions(conditions)))
    return set.price(.input)?.price.base.decimal
  }

  @Test func mostSpecificVariantWins() throws {
    let model = try model([
      (["region": "eu"], nil, "11"), (["processing": "batch"], nil, "5"), (["processing": "batch", "region": "eu"], nil, "5.5"),
    ])
    #expect(try input(model, [:]) == "10")
    #expect(try input(model, ["region": "eu-central-1"]) == "11")
    #expect(try input(model, ["service_tier": "batch"]) == "5")
    #expect(try input(model, ["service_tier": "batch", "region": "eu-central-1"]) == "5.5")
  }

  @Test func latestVariantOfTheSameConditionsHolds() throws {
    let model = try model([
      (["processing": "batch"], nil, "5"), (["processing": "batch"], "2026-01-01", "4"), (["processing": "batch"], "2027-01-01", "3"),
    ])
    #expect(try input(model, ["service_tier": "batch"]) == "4")
  }

  @Test func priceOfAnotherSellersListIsNotMet() throws {
    let model = try model([(["region": "eu", "provider": "azure"], nil, "11")])
    #expect(try input(model, ["region": "eu"]) == "10")
    let azure = PriceConditions(["region": "eu"]).served(by: "azure")
    #expect(model.variants(at: try noon("2026-06-01"), azure).count == 1)
  }
}
