import Domain
import HTML

/// What the organisation agreed: own rows, terms, names and switches, each with its way out.
struct OwnPrices: HTMLConvertible {
  let prices: PriceFrame
  let agreements: PriceAgreements

  private var isEmpty: Bool {
    agreements.listings.isEmpty && agreements.terms.isEmpty && agreements.aliases.isEmpty && agreements.withoutCatalogue.isEmpty
  }

  var html: HTML {
    """
    <section class="measure own" id="own"><h2>Your own</h2>
    \(if: isEmpty, Self.nothing)
    \(if: prices.canChange, actions)
    \(if: !agreements.listings.isEmpty, listings)\(if: !agreements.terms.isEmpty, terms)\
    \(if: !agreements.aliases.isEmpty, aliases)\(if: !agreements.withoutCatalogue.isEmpty, switches)</section>
    """
  }

  private static let nothing: HTML = """
    <p class="note">Nothing agreed yet: every call is priced by the catalogue. A price of your own, a negotiated discount or a \
    name for a deployment goes here; earlier calls change only when they are re-priced.</p>
    """

  private var actions: HTML {
    """
    <div class="actions"><a class="button" href="\(Route.newPrice)">Set a price</a>\
    \(form("Give a discount", TermForm(prices: prices).html))\(form("Name a model", AliasForm(prices: prices).html))\
    \(form("Switch a list off", SwitchForm(prices: prices).html))</div>
    """
  }

  private func form(_ title: String, _ body: HTML) -> HTML {
    "<details class=\"menu\"><summary>\(title)</summary><div class=\"sheet\">\(body)</div></details>"
  }

  private var listings: HTML {
    """
    <table class="rows"><thead><tr><th scope="col">Price for</th><th scope="col" class="n">Input</th><th scope="col" class="n">Output</th>\
    <th scope="col" class="fold">Other units</th><th scope="col" class="fold">Valid</th><th scope="col" class="fold">Source</th>\(last)</tr></thead>\
    <tbody>\(agreements.listings, { listing in
      """
      <tr><th scope="row">\(who(listing.provider, listing.pattern))\(condition(listing.conditions))</th>\
      <td class="n">\(listing.prices["input_mtok"], some: { UnitPriceText($0).html })</td><td class="n">\(listing.prices["output_mtok"], some: { UnitPriceText($0).html })</td>\
      <td class="fold note">\(Self.others(listing.prices))</td><td class="fold note">\(prices.dates(listing.dates))</td>\
      <td class="fold note">\(listing.source)</td>\(end("listing", listing.id))</tr>
      """
    })</tbody></table>
    """
  }

  private var terms: HTML {
    """
    <table class="rows"><thead><tr><th scope="col">Discount on</th><th scope="col" class="n">Factor</th><th scope="col" class="fold">Valid</th>\
    <th scope="col" class="fold">Source</th>\(last)</tr></thead><tbody>\(agreements.terms, { term in
      """
      <tr><th scope="row">\(who(term.provider, term.pattern))</th><td class="n">× \(term.factor)</td>\
      <td class="fold note">\(prices.dates(term.dates))</td><td class="fold note">\(term.source)</td>\(end("term", term.id))</tr>
      """
    })</tbody></table>
    """
  }

  private var aliases: HTML {
    """
    <table class="rows"><thead><tr><th scope="col">Name as sent</th><th scope="col">Stands for</th><th scope="col" class="fold">Valid</th>\(last)\
    </tr></thead><tbody>\(agreements.aliases, { alias in
      """
      <tr><th scope="row">\(who(alias.provider, alias.pattern))</th>\
      <td>\(alias.targetProvider.map { $0 + "/" })<code>\(alias.targetModel)</code></td><td class="fold note">\(prices.dates(alias.dates))</td>\
      \(end("alias", alias.id))</tr>
      """
    })</tbody></table>
    """
  }

  private var switches: HTML {
    """
    <table class="rows"><thead><tr><th scope="col">Catalogue switched off for</th>\(last)</tr></thead>\
    <tbody>\(agreements.withoutCatalogue.sorted(), { provider in
      """
      <tr><th scope="row">\(provider)</th>\(if: prices.canChange, """
        <td class="n"><form method="post" action="/prices/switches">\(prices.token)<input type="hidden" name="provider" value="\(provider)">\
        <button class="quiet" name="on" value="1">Switch on<span class="hidden"> \(provider)</span></button></form></td>
        """)</tr>
      """
    })</tbody></table>
    """
  }

  private func who(_ provider: String?, _ pattern: NamePattern?) -> HTML {
    let name: HTML = pattern.map { PriceWords.pattern($0.kind.rawValue, $0.text) } ?? "every model"
    return "\(name)\(provider, some: { " <span class=\"note\">of \($0)</span>" })"
  }

  private func condition(_ conditions: [String: String]) -> HTML {
    conditions.isEmpty ? "" : " <span class=\"tag\">\(PriceWords.conditions(conditions))</span>"
  }

  private static func others(_ prices: [String: String]) -> String {
    prices.keys.filter { $0 != "input_mtok" && $0 != "output_mtok" }.sorted()
      .map { "\(UnitWords.name($0)) \(UnitPriceText(prices[$0] ?? "").base)" }.joined(separator: ", ")
  }

  private var last: HTML { prices.canChange ? "<th scope=\"col\"><span class=\"hidden\">End</span></th>" : "" }

  /// Rows are ended, never overwritten: what a call was priced with can still be looked up.
  private func end(_ kind: String, _ id: PriceEntryID) -> HTML {
    guard prices.canChange else { return "" }
    return """
      <td class="n"><form method="post" action="/prices/remove">\(prices.token)<input type="hidden" name="kind" value="\(kind)">\
      <button class="quiet" name="id" value="\(id.description)">Remove<span class="hidden"> \(kind) \(id.description)</span></button></form></td>
      """
  }
}
