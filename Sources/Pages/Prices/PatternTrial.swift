import Domain
import HTML

/// A model name that was really sent in the last seven days, with what it costs and what it would cost.
public struct PatternTrialRow: Sendable {
  public var provider: String?
  /// As sent.
  public var model: String
  public var calls: Int64
  public var tokens: Int64
  /// As booked; nil: none of the calls has a known cost.
  public var now: USD?
  /// At the price that is tried; nil: it has no price for what was used.
  public var then: USD?
  /// Calls that would stay without a full price.
  public var unpriced: Int64

  public init(provider: String?, model: String, calls: Int64, tokens: Int64, now: USD?, then: USD?, unpriced: Int64) {
    self.provider = provider
    self.model = model
    self.calls = calls
    self.tokens = tokens
    self.now = now
    self.then = then
    self.unpriced = unpriced
  }
}

/// What a pattern and its prices would do to real traffic.
struct PatternTrial: HTMLConvertible {
  let rows: [PatternTrialRow]

  var html: HTML {
    guard !rows.isEmpty else {
      return """
        <section class="measure" id="trial"><h2>Tried on the last seven days</h2><p class="notice">No model name that was sent in the last seven days \
        fits this pattern. It would price nothing of them.</p></section>
        """
    }
    let now = rows.compactMap(\.now).reduce(USD?.none) { ($0 ?? .zero) + $1 }
    let then = rows.compactMap(\.then).reduce(USD?.none) { ($0 ?? .zero) + $1 }
    return """
      <section class="measure" id="trial"><h2>Tried on the last seven days</h2>
      <table class="rows"><thead><tr><th scope="col">Model as sent</th><th scope="col" class="n fold">Calls</th><th scope="col" class="n fold">Tokens</th>\
      <th scope="col" class="n">Cost now</th><th scope="col" class="n">Cost then</th><th scope="col" class="n fold">Change</th></tr>
      <tr class="total"><th scope="row">Total</th><td class="n fold">\(CountText(sum(\.calls)))</td><td class="n fold">\(TokenText(sum(\.tokens)))</td>\
      <td class="n">\(MoneyText(now, unknown: Self.unknown))</td><td class="n">\(MoneyText(then, unknown: Self.none))</td>\
      <td class="n fold">\(ChangeText(from: now, to: then).text)</td></tr></thead><tbody>\(rows, { row($0) })</tbody></table>
      <p class="more note">Nothing is changed by trying.</p></section>
      """
  }

  private static let unknown = "None of these calls has a known cost"
  private static let none = "The price that is tried has no unit that these calls used"

  private func sum(_ field: KeyPath<PatternTrialRow, Int64>) -> Int64 { rows.reduce(0) { $0 &+ $1[keyPath: field] } }

  private func row(_ row: PatternTrialRow) -> HTML {
    """
    <tr><th scope="row">\(row.model)\(row.provider, some: { " <span class=\"note\">of \($0)</span>" })\
    \(if: row.unpriced > 0, " <span class=\"amber\">\(CountText(row.unpriced)) still unpriced</span>")</th>\
    <td class="n fold">\(CountText(row.calls))</td><td class="n fold">\(TokenText(row.tokens))</td>\
    <td class="n">\(MoneyText(row.now, unknown: Self.unknown))</td><td class="n">\(MoneyText(row.then, unknown: Self.none))</td>\
    <td class="n fold">\(ChangeText(from: row.now, to: row.then).text)</td></tr>
    """
  }
}

/// The form for an own price, with what it would do.
public struct NewPricePage: Sendable {
  public var prices: PriceFrame
  public var draft: PriceDraft
  public var units: [String]
  /// nil: not tried.
  public var trial: [PatternTrialRow]?

  public init(prices: PriceFrame, draft: PriceDraft, units: [String], trial: [PatternTrialRow]? = nil) {
    self.prices = prices
    self.draft = draft
    self.units = units
    self.trial = trial
  }

  public func render() -> HTML {
    prices.page(
      "Set a price", tab: .list,
      """
      \(trial, some: { PatternTrial(rows: $0).html })
      \(if: prices.canChange, PriceForm(prices: prices, draft: draft, units: units).html)\
      \(if: !prices.canChange, "<p class=\"notice\">Prices are changed by owners, admins and finance.</p>")
      <p class="note hint">It wins over the catalogue for calls that start while it holds. What is booked already changes only by a re-pricing, which \
      is offered next. A price above a prompt size is written behind the first: <code>1.25 &gt;200000:2.5</code>.</p>
      """)
  }
}
