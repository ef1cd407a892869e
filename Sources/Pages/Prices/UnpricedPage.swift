import Domain
import HTML

/// A model that calls were made to and that has no price, or none for some of what they used.
public struct UnpricedModel: Sendable {
  public var provider: String?
  /// As sent; nil: none was sent.
  public var model: String?
  /// Why, in the words stored with the calls.
  public var reason: String
  /// Usage without a price ("searches"); empty: all of it.
  public var units: [String]
  public var calls: Int64
  public var tokens: Int64
  public var firstSeen: Timestamp
  public var lastSeen: Timestamp
  /// A page of one such call.
  public var example: String?
  /// A catalogue model whose name is in this one: offered, never taken by itself.
  public var likely: (provider: String, model: String)?

  public init(
    provider: String?, model: String?, reason: String, units: [String], calls: Int64, tokens: Int64, firstSeen: Timestamp,
    lastSeen: Timestamp, example: String?, likely: (provider: String, model: String)?
  ) {
    self.provider = provider
    self.model = model
    self.reason = reason
    self.units = units
    self.calls = calls
    self.tokens = tokens
    self.firstSeen = firstSeen
    self.lastSeen = lastSeen
    self.example = example
    self.likely = likely
  }
}

/// What has no price yet, and the way to one.
public struct UnpricedPage: Sendable {
  public var prices: PriceFrame
  public var bar: SharedBar
  /// Most calls first.
  public var models: [UnpricedModel]

  public init(prices: PriceFrame, bar: SharedBar, models: [UnpricedModel]) {
    self.prices = prices
    self.bar = bar
    self.models = models
  }

  public func render() -> HTML {
    prices.page("Unpriced", tab: .unpriced, bar: bar.render(prices.frame), content)
  }

  private var content: HTML {
    guard !models.isEmpty else {
      return """
        \(EmptyState(
          title: "Everything in this range has a price",
          text: "Models and usage without a price are listed here as soon as a call has one. They are never counted as zero.",
          action: ("Show the price list", Route.prices)))
        """
    }
    return """
      <table class="rows unpriced"><thead><tr><th scope="col">Model as sent</th><th scope="col" class="n">Calls</th>\
      <th scope="col" class="n fold">Tokens</th><th scope="col" class="fold">First seen</th><th scope="col" class="fold">Last seen</th>\
      <th scope="col">\(prices.canChange ? "Give it a price" : "")</th></tr></thead><tbody>\(models, { row($0) })</tbody></table>
      <p class="more note">What is priced here counts for calls from now on; the next page offers to re-price the earlier ones.</p>
      """
  }

  private func row(_ row: UnpricedModel) -> HTML {
    """
    <tr><th scope="row">\(row.model ?? "No model was sent")\(row.provider, some: { " <span class=\"note\">of \($0)</span>" })\
    \(row.example, some: { " <a class=\"example\" href=\"\(url: $0)\">an example</a>" })<small class="why-not">\(reason(row))</small></th>\
    <td class="n">\(CountText(row.calls))</td><td class="n fold">\(TokenText(row.tokens))</td>\
    <td class="fold time">\(TimeText(row.firstSeen, in: prices.frame.viewerZone))</td>\
    <td class="fold time">\(TimeText(row.lastSeen, in: prices.frame.viewerZone))</td><td class="do">\(actions(row))</td></tr>
    """
  }

  private func reason(_ row: UnpricedModel) -> String {
    row.units.isEmpty ? row.reason : "No price for \(row.units.joined(separator: ", "))" + (row.reason.isEmpty ? "" : "; \(row.reason)")
  }

  private func actions(_ row: UnpricedModel) -> HTML {
    guard prices.canChange, let model = row.model else { return "" }
    let set = Route.newPrice(
      provider: row.provider, model: model, from: row.firstSeen, like: row.likely.map { $0.provider + "/" + $0.model })
    return """
      <div class="actions">\(row.units.isEmpty ? row.likely : nil, some: { likely in
        """
        <form method="post" action="/prices/aliases">\(prices.token)<input type="hidden" name="provider" value="\(row.provider)">\
        <input type="hidden" name="match" value="exact"><input type="hidden" name="pattern" value="\(model)">\
        <input type="hidden" name="targetProvider" value="\(likely.provider)"><input type="hidden" name="targetModel" value="\(likely.model)">\
        <input type="hidden" name="since" value="\(TimeText.rfc3339(row.firstSeen))">\
        <button title="Its name is in this one. Calls are priced as this model from now on.">Price as \(likely.model)</button></form>
        """
      })<a class="button" href="\(url: set)">Set price</a></div>
      """
  }
}
