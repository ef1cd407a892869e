import Domain
import HTML

/// One stretch of time of a model's prices, or prices under conditions.
public struct ModelPriceRow: Sendable {
  public var dates: DatedRange
  /// "16:30–00:30 UTC"; nil: all day.
  public var hours: String?
  /// Empty: always.
  public var conditions: [String: String]
  public var prices: [String: String]
  /// Where this row stands and when it was checked, when that differs from the model's; a sentence.
  public var source: String?
  public var isInForce: Bool

  public init(
    dates: DatedRange, hours: String?, conditions: [String: String], prices: [String: String], source: String?, isInForce: Bool
  ) {
    self.dates = dates
    self.hours = hours
    self.conditions = conditions
    self.prices = prices
    self.source = source
    self.isInForce = isInForce
  }
}

/// A model as one provider sells it: history, conditions, source, own prices that win.
public struct PriceModelPage: Sendable {
  public var prices: PriceFrame
  public var provider: String
  public var model: String
  /// What people call it.
  public var name: String
  /// Which sent names are it, in the catalogue's words.
  public var rule: String
  public var source: String
  /// The provider's own price pages.
  public var urls: [String]
  /// Newest first.
  public var rows: [ModelPriceRow]
  public var variants: [ModelPriceRow]
  /// Own entries that are for it.
  public var agreements: PriceAgreements
  public var isFree: Bool

  public init(
    prices: PriceFrame, provider: String, model: String, name: String, rule: String, source: String, urls: [String],
    rows: [ModelPriceRow], variants: [ModelPriceRow], agreements: PriceAgreements, isFree: Bool
  ) {
    self.prices = prices
    self.provider = provider
    self.model = model
    self.name = name
    self.rule = rule
    self.source = source
    self.urls = urls
    self.rows = rows
    self.variants = variants
    self.agreements = agreements
    self.isFree = isFree
  }

  public func render() -> HTML {
    prices.page(
      model, tab: .list,
      """
      <p class="line"><span>\(name), sold by <a href="\(url: "/prices?provider=" + QueryText.encoded(provider))">\(provider)</a></span>\
      <span>\(source)</span>\(urls, { "<a href=\"\(url: $0)\" rel=\"noreferrer\">Price page of the provider</a>" })</p>
      \(if: prices.canChange, actions)
      \(if: hasOwn, OwnPrices(prices: readOnly, agreements: agreements).html)
      \(history)\(conditions)
      <section class="measure"><h2>Which names are this model</h2><p>\(rule.isEmpty ? "Its own id only." : rule)</p>
      <p class="note">Names are looked for as sent, then without vendor and region prefixes, dates and version suffixes; never by a part of another name.</p></section>
      """)
  }

  private var hasOwn: Bool {
    !agreements.listings.isEmpty || !agreements.terms.isEmpty || !agreements.aliases.isEmpty || !agreements.withoutCatalogue.isEmpty
  }

  private var readOnly: PriceFrame {
    var copy = prices
    copy.canChange = false
    return copy
  }

  private var actions: HTML {
    """
    <p class="actions"><a class="button" href="\(url: Route.newPrice(provider: provider, model: model, like: provider + "/" + model))">\
    Set a price of your own, or try a pattern</a></p>
    """
  }

  private var history: HTML {
    guard !rows.isEmpty else {
      let text = isFree ? "Listed as costing nothing." : "Listed without a price: calls to it are unpriced until you set one."
      return "<section class=\"measure\"><h2>Prices</h2><p class=\"notice\">\(text)</p></section>"
    }
    return "<section class=\"measure\"><h2>Prices</h2>\(table(rows, first: "Valid") { row in valid(row) })</section>"
  }

  private var conditions: HTML {
    if variants.isEmpty { return "" }
    return """
      <section class="measure"><h2>Under conditions</h2><p class="note">These replace single prices when the call meets all of the condition.</p>
      \(table(variants, first: "Condition") { row in
        "\(PriceWords.conditions(row.conditions))\(if: row.dates != DatedRange() || row.hours != nil, " <span class=\"note\">\(valid(row))</span>")"
      })</section>
      """
  }

  private func valid(_ row: ModelPriceRow) -> HTML {
    """
    \(prices.dates(row.dates))\(row.hours, some: { ", \($0)" })\(if: row.isInForce, " <span class=\"tag\">in force</span>")\
    \(row.source, some: { "<small class=\"under show\">\($0)</small>" })
    """
  }

  /// One column per unit that any row prices; units side by side are compared with one look.
  private func table(_ rows: [ModelPriceRow], first: String, _ head: (ModelPriceRow) -> HTML) -> HTML {
    let units = Self.ordered(Set(rows.flatMap(\.prices.keys)))
    return """
      <div class="scroll"><table class="rows units"><thead><tr><th scope="col">\(first)</th>\(units, { unit in
        "<th scope=\"col\" class=\"n\">\(UnitWords.name(unit))<small class=\"note\"> per \(UnitWords.per(unit))</small></th>"
      })</tr></thead><tbody>\(rows, { row in
        "<tr><th scope=\"row\">\(head(row))</th>\(units, { unit in "<td class=\"n\">\(row.prices[unit], some: { UnitPriceText($0).html })</td>" })</tr>"
      })</tbody></table></div>
      """
  }

  private static func ordered(_ units: Set<String>) -> [String] {
    let first = ["input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok"]
    return first.filter(units.contains) + units.subtracting(first).sorted()
  }
}
