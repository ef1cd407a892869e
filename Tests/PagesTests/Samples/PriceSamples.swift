import Domain
import HTML

@testable import Pages

/// The pages about prices with a small price list, agreements, unpriced models and a re-pricing.
enum PriceSamples {
  static func frame(_ path: String, query: String = "", canChange: Bool = true, problem: String? = nil) -> PriceFrame {
    PriceFrame(
      frame: Sample.frame, address: PageAddress(path: path, query: query), canChange: canChange, problem: problem)
  }

  static let agreements = PriceAgreements(
    listings: [
      PriceListing(
        id: PriceEntryID(1), provider: "in-house", pattern: NamePattern(.prefix, "intent-tagger"),
        prices: ["input_mtok": "0.04", "output_mtok": "0.12", "requests_kcount": "0.5"], source: "own cluster, H100 hours")
    ],
    terms: [
      PriceTerm(
        id: PriceEntryID(2), provider: "openai", dates: DatedRange(from: Timestamp(seconds: 1_793_487_600)), factor: "0.85",
        source: "contract 2026-118")
    ],
    aliases: [
      ModelAlias(
        id: PriceEntryID(3), provider: "azure", pattern: NamePattern(.exact, "storefront-gpt-4o"), targetProvider: "azure",
        targetModel: "gpt-4o")
    ],
    withoutCatalogue: ["mistral"], revision: 4)

  static func row(_ provider: String, _ model: String, _ prices: [String: String], others: Int = 0) -> PriceListRow {
    PriceListRow(
      provider: provider, model: model, prices: prices, dates: DatedRange(), others: others, source: "genai-prices 0.0.73",
      checked: "2026-11-22", isFree: false, isOff: provider == "mistral")
  }

  static let rows = [
    row("anthropic", "claude-sonnet-4-5", [
      "input_mtok": "3 >200000:6", "output_mtok": "15 >200000:22.5", "cache_read_mtok": "0.3 >200000:0.6", "cache_write_mtok": "3.75",
      "cache_write_1h_mtok": "6", "web_searches_kcount": "10",
    ]),
    row("openai", "gpt-4o", ["input_mtok": "2.5", "output_mtok": "10", "cache_read_mtok": "1.25"], others: 2),
    row("openai", "gpt-4o-mini", ["input_mtok": "0.15", "output_mtok": "0.6", "cache_read_mtok": "0.075"], others: 1),
    row("mistral", "mistral-large-latest", ["input_mtok": "2", "output_mtok": "6"]),
    row("openai", "whisper-1", ["audio_hours": "0.36"]),
  ]

  static let list = PriceListPage(
    prices: frame("/prices", query: "q=o"), agreements: agreements, rows: rows, total: 312,
    providers: ["anthropic", "mistral", "openai"], source: "genai-prices 0.0.73, checked 2026-11-22")

  static var emptyList: PriceListPage {
    var page = list
    page.agreements = PriceAgreements()
    page.rows = []
    page.total = 0
    page.prices = frame("/prices", query: "q=none-such")
    return page
  }

  static let model = PriceModelPage(
    prices: frame("/prices/model"), provider: "anthropic", model: "claude-sonnet-4-5", name: "Claude Sonnet 4.5",
    rule: "starts with claude-sonnet-4-5", source: "genai-prices 0.0.73, checked 2026-11-22",
    urls: ["https://www.anthropic.com/pricing"],
    rows: [
      ModelPriceRow(
        dates: DatedRange(from: Timestamp(seconds: 1_759_190_400)), hours: nil, conditions: [:], prices: rows[0].prices, source: nil,
        isInForce: true),
      ModelPriceRow(
        dates: DatedRange(to: Timestamp(seconds: 1_759_190_400)), hours: "16:30–00:30 UTC", conditions: [:],
        prices: ["input_mtok": "3", "output_mtok": "15"], source: "litellm 1.106.2", isInForce: false),
    ],
    variants: [
      ModelPriceRow(
        dates: DatedRange(), hours: nil, conditions: ["service_tier": "batch"],
        prices: ["input_mtok": "1.5", "output_mtok": "7.5"], source: nil, isInForce: true)
    ], agreements: PriceAgreements(terms: agreements.terms), isFree: false)

  static var draft: PriceDraft {
    var draft = PriceDraft()
    draft.provider = "in-house"
    draft.pattern = "intent-tagger-7b"
    draft.prices = ["input_mtok": "0.04", "output_mtok": "0.12"]
    return draft
  }

  static let units = ["input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok", "requests_kcount", "audio_hours"]

  static let trial = NewPricePage(
    prices: frame("/prices/new"), draft: draft, units: units,
    trial: [
      PatternTrialRow(
        provider: "in-house", model: "intent-tagger-7b", calls: 1204, tokens: 441_870, now: nil, then: Sample.usd("0.0203148"), unpriced: 0),
      PatternTrialRow(
        provider: "in-house", model: "intent-tagger-13b", calls: 12, tokens: 4_180, now: Sample.usd("0.01"), then: Sample.usd("0.00021"), unpriced: 2),
    ])

  static let unpriced = UnpricedPage(
    prices: frame("/prices/unpriced"), bar: Sample.bar(PageAddress(path: "/prices/unpriced")),
    models: [
      UnpricedModel(
        provider: "azure", model: "triage-gpt-4o-mini", reason: "no price for model triage-gpt-4o-mini of azure", units: [], calls: 4_812,
        tokens: 2_118_430, firstSeen: Sample.ago(2_000_000), lastSeen: Sample.ago(400), example: "/project/support/traces/ab",
        likely: ("azure", "gpt-4o-mini")),
      UnpricedModel(
        provider: "in-house", model: "intent-tagger-7b", reason: "in-house is not in the catalogue; no price for model intent-tagger-7b",
        units: [], calls: 1_204, tokens: 441_870, firstSeen: Sample.ago(1_500_000), lastSeen: Sample.ago(90), example: "/project/support/traces/cd",
        likely: nil),
      UnpricedModel(
        provider: "openai", model: "gpt-4o-search-preview", reason: "", units: ["searches"], calls: 12, tokens: 90_100,
        firstSeen: Sample.ago(90_000), lastSeen: Sample.ago(9_000), example: nil, likely: ("openai", "gpt-4o")),
    ])

  static func job(done: Bool, failure: String? = nil) -> RepricingView {
    RepricingView(
      id: RepricingID(7), range: TimeRange(spanning: Sample.ago(2_592_000), Sample.now), models: ["intent-tagger-7b"],
      reason: "intent-tagger-7b got a price", createdAt: Sample.ago(60), createdBy: "ada@meridian.example",
      doneBefore: Sample.ago(1_296_000), rowsChanged: 6_016, before: Sample.usd("0"), after: Sample.usd("12.407118"),
      finishedAt: done ? Sample.now : nil, failure: failure)
  }

  static func sum(_ label: String, _ calls: Int64, _ before: String?, _ after: String?) -> RepricingSumView {
    RepricingSumView(
      label: label, calls: calls, changed: calls / 2, before: before.map(Sample.usd), after: after.map(Sample.usd),
      unpricedBefore: calls / 2, unpricedAfter: 0)
  }

  static let dryRun = NewRepricingPage(
    prices: frame("/prices/repricings/new"),
    choice: RepricingChoice(from: "2026-11-01", to: "", models: ["intent-tagger-7b"], reason: "intent-tagger-7b got a price"),
    models: ["intent-tagger-7b", "gpt-4o"],
    dryRun: RepricingDryRunView(
      total: sum("Total", 2408, nil, "12.407118"),
      teams: [sum("Platform", 2000, nil, "10.2"), sum("Unallocated", 408, "1", "2.207118")],
      models: [sum("intent-tagger-7b", 2408, nil, "12.407118")],
      changes: (0..<6).map { i in
        RepricingChange(
          startedAt: Sample.ago(Int64(i) * 71_000), model: "intent-tagger-7b", address: "/project/support/traces/\(i)", before: nil,
          after: Sample.usd("0.0000\(i + 1)12"), reason: "priced by own row 1")
      }))

  static var nothingChanges: NewRepricingPage {
    var page = dryRun
    page.dryRun = RepricingDryRunView(
      total: RepricingSumView(
        label: "Total", calls: 12, changed: 0, before: .zero, after: .zero, unpricedBefore: 0, unpricedAfter: 0), teams: [],
      models: [], changes: [])
    return page
  }

  static let formats = [
    (value: "quipu", label: "Quipu JSON"), (value: "genai-prices", label: "genai-prices JSON"),
    (value: "litellm", label: "LiteLLM JSON"), (value: "csv", label: "CSV"),
  ]

  static func importPage(applied: Bool?) -> PriceImportPage {
    PriceImportPage(
      prices: frame("/prices/import"), formats: formats, format: "csv", text: "provider,model\n<openai>,\"gpt-4o\"",
      outcome: applied.map { isApplied in
        PriceImportOutcome(
          lines: [
            .init(kind: .added, what: "openai gpt-4o", detail: "Input $2.00, Output $8.00"),
            .init(kind: .changed, what: "openai gpt-4o-mini", detail: "Input $0.15 becomes $0.12"),
            .init(kind: .removed, what: "mistral large", detail: ""),
            .init(kind: .refused, what: "line 14", detail: "the price \"free\" is no number"),
          ], unchanged: 3, isApplied: isApplied)
      })
  }

  static let all: [(name: String, html: HTML)] = [
    ("prices", list.render()), ("prices-empty", emptyList.render()), ("prices-model", model.render()),
    ("prices-new", trial.render()),
    ("prices-problem", NewPricePage(prices: frame("/prices/new", problem: "The price of Input is no number."), draft: draft, units: units, trial: []).render()),
    ("unpriced", unpriced.render()),
    ("unpriced-empty", UnpricedPage(prices: unpriced.prices, bar: unpriced.bar, models: []).render()),
    ("repricings", RepricingListPage(prices: frame("/prices/repricings"), jobs: [job(done: false), job(done: true), job(done: false, failure: "the database was full")]).render()),
    ("repricings-empty", RepricingListPage(prices: frame("/prices/repricings"), jobs: []).render()),
    ("repricing-running", RepricingJobPage(prices: frame("/prices/repricings/7"), job: job(done: false)).render()),
    ("repricing-done", RepricingJobPage(prices: frame("/prices/repricings/7"), job: job(done: true)).render()),
    ("repricing-dry", dryRun.render()), ("repricing-nothing", nothingChanges.render()),
    ("prices-import", importPage(applied: nil).render()), ("prices-import-dry", importPage(applied: false).render()),
    ("prices-import-done", importPage(applied: true).render()),
  ]
}
