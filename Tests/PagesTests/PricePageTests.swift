import Domain
import HTML
import Testing

@testable import Pages

@Suite struct PricePageTests {
  @Test(arguments: [
    ("2.5", "$2.50"), ("3", "$3.00"), ("0.075", "$0.075"), ("0", "$0"), ("0.00", "$0"), ("0.15", "$0.15"), ("1e-7", "$1e-7"), ("", "$"),
  ])
  func listedPricesKeepEveryDigit(listed: String, shown: String) {
    #expect(UnitPriceText(listed).base == shown)
  }

  @Test func contextTiersAreShownBesideTheBasePrice() {
    let text = UnitPriceText("1.25 >200000:2.5").html.string
    #expect(text.hasPrefix("$1.25<small") && text.contains("$2.50 over 200") && text.contains("more than 200,000 tokens"))
  }

  @Test func unitsThatAreNotKnownAreShownByTheirOwnWords() {
    #expect(UnitWords.name("gpu_warmup_seconds") == "Gpu warmup seconds" && UnitWords.per("gpu_warmup_seconds") == "second")
    #expect(UnitWords.name("cache_write_1h_mtok") == "Cache write, 1 hour" && UnitWords.per("input_mtok") == "million tokens")
  }

  @Test func onlyThoseWhoMayChangePricesGetForms() {
    var pages: [HTML] = []
    let reader = PriceSamples.frame("/prices", canChange: false)
    var list = PriceSamples.list
    list.prices = reader
    var unpriced = PriceSamples.unpriced
    unpriced.prices = reader
    var dryRun = PriceSamples.dryRun
    dryRun.prices = reader
    var file = PriceSamples.importPage(applied: false)
    file.prices = reader
    var new = PriceSamples.trial
    new.prices = reader
    pages = [list.render(), unpriced.render(), dryRun.render(), file.render(), new.render()]
    for page in pages {
      let forms = page.string.elements("<form", ">").filter { $0.contains("method=\"post\"") }
      #expect(forms.allSatisfy { $0.contains("/sign-out") || $0.contains("/theme") }, "\(forms)")
    }
    #expect(PriceSamples.list.render().string.contains("action=\"/prices/remove\""))
  }

  @Test func oneClickGivesAnUnpricedModelTheLikelyPrice() throws {
    let text = PriceSamples.unpriced.render().string
    let form = try #require(text.elements("<form method=\"post\" action=\"/prices/aliases\"", "</form>").first)
    for part in [
      "name=\"pattern\" value=\"triage-gpt-4o-mini\"", "name=\"targetModel\" value=\"gpt-4o-mini\"", "name=\"match\" value=\"exact\"",
      "name=\"since\" value=\"2026-",
    ] { #expect(form.contains(part), "\(part)") }
    // A missing unit is no question of the name.
    #expect(text.elements("action=\"/prices/aliases\"", "</form>").count == 1)
    #expect(text.contains("No price for searches"))
  }

  @Test func dryRunAppliesExactlyWhatItShowed() throws {
    let text = PriceSamples.dryRun.render().string
    let form = try #require(text.elements("<form method=\"post\" action=\"/prices/repricings\"", "</form>").first)
    #expect(form.contains("name=\"from\" value=\"2026-11-01\"") && form.contains("name=\"model\" value=\"intent-tagger-7b\""))
    #expect(form.contains(">Re-price 1,204 calls<"))
    #expect(!PriceSamples.nothingChanges.render().string.contains("action=\"/prices/repricings\""))
  }

  @Test func unknownCostBeforeIsNoZero() {
    let text = PriceSamples.dryRun.render().string
    #expect(text.contains("title=\"Unpriced\">–") && !text.contains("<td class=\"n\">$0</td>"))
  }

  @Test func importGivesTheFileBackEscaped() {
    let text = PriceSamples.importPage(applied: false).render().string
    #expect(text.contains("&lt;openai&gt;,&quot;gpt-4o&quot;") && !text.contains("<openai>"))
    #expect(text.contains("name=\"apply\" value=\"1\"") && text.contains("<b>1</b> added") && text.contains("not understood"))
    #expect(!PriceSamples.importPage(applied: true).render().string.contains("name=\"apply\""))
  }

  @Test func jobsTellTheirProgressAndExactSums() {
    let running = RepricingJobPage(prices: PriceSamples.frame("/x"), job: PriceSamples.job(done: false)).render().string
    #expect(running.contains("<progress max=\"100\" value=\"50\">") && running.contains("$12.407118"))
    let failed = RepricingJobPage(prices: PriceSamples.frame("/x"), job: PriceSamples.job(done: false, failure: "it was full")).render()
    #expect(failed.string.contains("it was full") && !failed.string.contains("<progress"))
  }

  @Test func modelPageShowsHistoryConditionsAndSource() {
    let text = PriceSamples.model.render().string
    for part in ["30 Sep 2025", "in force", "service tier batch", "$1.50", "genai-prices 0.0.73, checked 2026-11-22", "litellm 1.106.2", "× 0.85"] {
      #expect(text.contains(part), "\(part)")
    }
  }

  private func pane(_ change: (inout ObservationPane) -> Void) throws -> String {
    var pane = try #require(
      ObservationPane(zone: Sample.zone, detail: TraceSamples.detail, id: ObservationID(5), content: .withheld, explanation: nil))
    change(&pane)
    return pane.render().string
  }

  @Test func listContractedEffectiveAndFirstChargeStandSideBySide() throws {
    let text = try pane {
      $0.observation.decision.cost = CostOutcome(status: .reported, cost: Sample.usd("0.5"), computed: Sample.usd("0.85"), reason: "given by the sender")
      $0.observation.decision.cost.list = Sample.usd("1")
      $0.observation.decision.firstCharge = FirstCharge(status: .unpriced, cost: nil)
    }
    let kinds = try #require(text.elements("<table class=\"sum kinds\"", "</table>").first)
    for part in ["List", "$1.00", "Contracted", "$0.85", "Effective", "$0.50", "Charged first", "no full price", ">–<"] {
      #expect(kinds.contains(part), "\(part)")
    }
    let plain = try pane {
      $0.observation.decision.cost = CostOutcome(status: .priced, cost: Sample.usd("1"), computed: Sample.usd("1"))
      $0.observation.decision.firstCharge = nil
    }
    #expect(!plain.contains("sum kinds"))
  }

  @Test func explanationNamesWhatElseWasConsideredAndWhenPricesChangedSince() throws {
    let text = try pane {
      var view = CostExplanationView(
        lines: [.init(bucket: "Output", quantity: 8, unitPrice: "$10", unit: "million tokens", amount: Sample.usd("0.000068"), contractedPrice: "$8.5")],
        sentences: ["a"], source: "contract")
      view.conditions = ["service_tier batch"]
      view.considered = [.init(label: "openai/gpt-4o@2024-08-06", why: "not in force after 2024-10-02")]
      view.outdated = "They give $0.02."
      view.priceAddress = "/prices/model?provider=openai&model=gpt-4o"
      $0.explanation = view
    }
    for part in ["Conditions met: service_tier batch.", "not in force after 2024-10-02", "Prices changed since.", "<s class=\"note\">$10</s> $8.5", "model=gpt-4o"] {
      #expect(text.contains(part), "\(part)")
    }
  }
}
