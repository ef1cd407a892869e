import Domain
import HTML

/// Choosing what to re-price, and what that would change.
public struct NewRepricingPage: Sendable {
  public var prices: PriceFrame
  public var choice: RepricingChoice
  /// Offered while typing.
  public var models: [String]
  /// nil: not run yet.
  public var dryRun: RepricingDryRunView?

  public init(prices: PriceFrame, choice: RepricingChoice, models: [String], dryRun: RepricingDryRunView? = nil) {
    self.prices = prices
    self.choice = choice
    self.models = models
    self.dryRun = dryRun
  }

  public func render() -> HTML {
    prices.page(
      "Re-price", tab: .repricing,
      """
      <form class="filters" method="get" action="\(Route.newRepricing)" aria-label="What to re-price">
      <label>From<input name="from" value="\(choice.from)" placeholder="2026-11-01" required></label>
      <label>To, excluded<input name="to" value="\(choice.to)" placeholder="now"></label>
      <label>Models, blanks between<input name="model" value="\(choice.models.joined(separator: " "))" placeholder="all" list="repricing-models"></label>
      <datalist id="repricing-models">\(models, { "<option value=\"\($0)\">" })</datalist>
      <label class="long">Reason<input name="reason" value="\(choice.reason)" placeholder="new contract from November" maxlength="500"></label>
      <input type="hidden" name="dry" value="1"><button>Dry run</button></form>
      \(dryRun, some: outcome)
      \(if: dryRun == nil, "<p class=\"note\">A dry run shows old and new totals and the calls that change. It writes nothing.</p>")
      """)
  }

  private func outcome(_ run: RepricingDryRunView) -> HTML {
    """
    \(headline(run))
    \(if: run.total.changed > 0, """
      <div class="tables">\(sums("By team", "Team", run.teams))\(sums("By model", "Model", run.models))</div>\(changes(run))
      """)
    """
  }

  private func headline(_ run: RepricingDryRunView) -> HTML {
    guard run.total.changed > 0 else {
      return """
        <p class="notice" role="status"><b>Nothing would change.</b> \(CountText(run.total.calls)) calls were looked at; today’s prices give \
        each the cost it has.</p>
        """
    }
    return """
      <div class="verdict" role="status"><p><b>\(CountText(run.total.changed))</b> of \(CountText(run.total.calls)) calls would change: \
      \(run.total.knownBefore.map { MoneyText($0).html } ?? "an unknown cost") becomes \
      <b>\(MoneyText(run.total.knownAfter, unknown: "None of them has a known cost"))</b>\(unpriced(run.total)).</p>\(if: prices.canChange, apply(run))</div>
      """
  }

  private func unpriced(_ sum: RepricingSumView) -> HTML {
    if sum.unpricedBefore == 0, sum.unpricedAfter == 0 { return "" }
    return ", \(CountText(sum.unpricedBefore)) unpriced become \(CountText(sum.unpricedAfter))"
  }

  /// Applies exactly what was looked at.
  private func apply(_ run: RepricingDryRunView) -> HTML {
    """
    <form method="post" action="\(Route.repricings)">\(prices.token)<input type="hidden" name="from" value="\(choice.from)">\
    <input type="hidden" name="to" value="\(choice.to)">\(choice.models, { "<input type=\"hidden\" name=\"model\" value=\"\($0)\">" })\
    \(if: !choice.reason.isEmpty, "<input type=\"hidden\" name=\"reason\" value=\"\(choice.reason)\">")\
    \(if: choice.reason.isEmpty, "<label>Reason<input name=\"reason\" required maxlength=\"500\"></label>")\
    <button class="primary">Re-price \(CountText(run.total.changed)) \(run.total.changed == 1 ? "call" : "calls")</button></form>
    """
  }

  private func sums(_ title: String, _ head: String, _ sums: [RepricingSumView]) -> HTML {
    """
    <section class="measure"><h2>\(title)</h2><table class="rows"><thead><tr><th scope="col">\(head)</th><th scope="col" class="n fold">Calls</th>\
    <th scope="col" class="n fold">Change</th><th scope="col" class="n">Before</th><th scope="col" class="n">After</th></tr></thead>\
    <tbody>\(sums, { sum in
      """
      <tr><th scope="row">\(sum.label)\(if: sum.unpricedAfter > 0, " <span class=\"amber\">\(CountText(sum.unpricedAfter)) unpriced</span>")</th>\
      <td class="n fold">\(CountText(sum.calls))</td><td class="n fold">\(CountText(sum.changed))</td>\
      <td class="n">\(MoneyText(sum.knownBefore, unknown: "No known cost"))</td><td class="n">\(MoneyText(sum.knownAfter, unknown: "No known cost"))</td></tr>
      """
    })</tbody></table></section>
    """
  }

  private func changes(_ run: RepricingDryRunView) -> HTML {
    """
    <section class="measure"><h2>Calls that change</h2>
    <table class="rows"><thead><tr><th scope="col" class="fold">Started</th><th scope="col">Model</th><th scope="col" class="n">Before</th>\
    <th scope="col" class="n">After</th><th scope="col" class="fold">Why</th></tr></thead><tbody>\(run.changes, { change in
      """
      <tr><td class="fold time">\(TimeText(change.startedAt, in: prices.frame.viewerZone, style: .second))</td>\
      <th scope="row"><a class="row" href="\(url: change.address)">\(change.model)</a></th>\
      <td class="n">\(MoneyText(change.before, fine: true, unknown: "Unpriced"))</td><td class="n">\(MoneyText(change.after, fine: true, unknown: change.reason))</td>\
      <td class="fold note">\(change.reason)</td></tr>
      """
    })</tbody></table>
    <p class="more note">\(Int64(run.changes.count) < run.total.changed ? "The first \(run.changes.count) of \(Digits.grouped(run.total.changed))." : "")</p></section>
    """
  }
}
