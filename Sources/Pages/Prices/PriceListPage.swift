import Domain
import HTML

/// What a model costs today, as one provider sells it.
public struct PriceListRow: Sendable {
  public var provider: String
  public var model: String
  /// By unit key, as listed.
  public var prices: [String: String]
  public var dates: DatedRange
  /// Rows of other times, and under conditions.
  public var others: Int
  /// "genai-prices 0.0.73", and the day it was checked.
  public var source: String
  public var checked: String
  public var isFree: Bool
  /// The organisation switched the provider's list off.
  public var isOff: Bool

  public init(
    provider: String, model: String, prices: [String: String], dates: DatedRange, others: Int, source: String,
    checked: String, isFree: Bool, isOff: Bool
  ) {
    self.provider = provider
    self.model = model
    self.prices = prices
    self.dates = dates
    self.others = others
    self.source = source
    self.checked = checked
    self.isFree = isFree
    self.isOff = isOff
  }
}

/// The price list: own agreements first, then what the catalogue says, searchable.
public struct PriceListPage: Sendable {
  public var prices: PriceFrame
  public var agreements: PriceAgreements
  /// Those that fit, as many as are shown.
  public var rows: [PriceListRow]
  /// How many fit.
  public var total: Int
  public var providers: [String]
  /// Of the whole catalogue: "genai-prices 0.0.73, checked 2026-11-22".
  public var source: String

  public init(
    prices: PriceFrame, agreements: PriceAgreements, rows: [PriceListRow], total: Int, providers: [String], source: String
  ) {
    self.prices = prices
    self.agreements = agreements
    self.rows = rows
    self.total = total
    self.providers = providers
    self.source = source
  }

  /// Rows of the catalogue that a page shows at once.
  public static let shown = 100

  private var address: PageAddress { prices.address }

  public func render() -> HTML {
    prices.page(
      "Prices", tab: .list,
      """
      \(OwnPrices(prices: prices, agreements: agreements))
      <section class="measure" id="catalogue"><h2>Catalogue</h2>
      <p class="note">\(source). US dollars per million tokens unless a unit is named. Your own prices win over it.</p>
      \(search)\(table)</section>
      """)
  }

  private var search: HTML {
    """
    <form class="filters" method="get" action="\(Route.prices)#catalogue" role="search" aria-label="Search prices">
    <label>Model or provider<input type="search" name="q" value="\(address.text)" maxlength="200" data-search></label>
    <label>Sold by<input name="provider" value="\(address.filter[.provider]?.first)" list="sellers"></label>
    <datalist id="sellers">\(providers, { "<option value=\"\($0)\">" })</datalist><button>Search</button></form>
    """
  }

  private var table: HTML {
    guard !rows.isEmpty else {
      return """
        \(EmptyState(
          title: "No model fits", text: "The catalogue lists no model whose name or provider has these words. A model of your own gets its price with one form.",
          action: ("Set a price", Route.newPrice(provider: nil, model: address.text ?? ""))))
        """
    }
    return """
      <table class="rows prices"><thead><tr><th scope="col">Model</th><th scope="col" class="fold">Sold by</th>\
      <th scope="col" class="n">Input</th><th scope="col" class="n">Output</th><th scope="col" class="n fold">Cache read</th>\
      <th scope="col" class="fold wide">Other units</th><th scope="col" class="fold">Valid</th>\
      <th scope="col" class="fold">Checked</th></tr></thead><tbody>\(rows, { row($0) })</tbody></table>
      <p class="more note">\(counted)</p>
      """
  }

  private var counted: String {
    if total > rows.count { return "The first \(rows.count) of \(Digits.grouped(total)) models; search to see others." }
    return total == 1 ? "1 model." : "\(Digits.grouped(total)) models."
  }

  private func row(_ row: PriceListRow) -> HTML {
    """
    <tr><th scope="row"><span class="cell"><a class="row\(if: row.isOff, " none")" href="\(url: Route.model(provider: row.provider, model: row.model))">\
    \(row.model)</a>\(if: row.isOff, "&nbsp;<span class=\"tag\">switched off</span>")</span>\
    <small class="under">\(row.provider)\(if: row.prices["input_mtok"] == nil && !row.prices.isEmpty, ", \(others(row))")</small></th>\
    <td class="fold">\(row.provider)</td>\
    <td class="n">\(price(row, "input_mtok"))</td><td class="n">\(price(row, "output_mtok"))</td>\
    <td class="n fold">\(price(row, "cache_read_mtok"))</td><td class="fold wide note">\(others(row))</td>\
    <td class="fold note">\(prices.dates(row.dates))</td><td class="fold note" title="\(row.source)">\(row.checked)</td></tr>
    """
  }

  private func price(_ row: PriceListRow, _ key: String) -> HTML {
    if let listed = row.prices[key] { return UnitPriceText(listed).html }
    if row.isFree { return key == "cache_read_mtok" ? "" : "$0" }
    return key == "input_mtok" && row.prices.isEmpty ? "<span class=\"amber\" title=\"Listed without a price\">none</span>" : ""
  }

  private func others(_ row: PriceListRow) -> HTML {
    let units = row.prices.keys.filter { !["input_mtok", "output_mtok", "cache_read_mtok"].contains($0) }.sorted()
    let texts = units.prefix(2).map { key in
      let per = key.hasSuffix("_mtok") ? "" : " per \(UnitWords.per(key))"
      return "\(UnitWords.name(key)) \(UnitPriceText(row.prices[key] ?? "").base)\(per)"
    }
    let more = units.count - texts.count + row.others
    return "\(texts.joined(separator: ", "))\(if: more > 0, "\(texts.isEmpty ? "" : ", ")\(more) more")"
  }
}
