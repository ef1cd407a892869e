import Domain
import HTML

/// A run that decides booked calls again at today's prices.
public struct RepricingView: Sendable {
  public var id: RepricingID
  public var range: TimeRange
  public var models: [String]
  public var reason: String
  public var createdAt: Timestamp
  public var createdBy: String
  /// Everything that starts before is done.
  public var doneBefore: Timestamp
  public var rowsChanged: Int64
  /// Of the rows that it changed.
  public var before: USD
  public var after: USD
  public var finishedAt: Timestamp?
  public var failure: String?

  public init(
    id: RepricingID, range: TimeRange, models: [String], reason: String, createdAt: Timestamp, createdBy: String,
    doneBefore: Timestamp, rowsChanged: Int64, before: USD, after: USD, finishedAt: Timestamp?, failure: String?
  ) {
    self.id = id
    self.range = range
    self.models = models
    self.reason = reason
    self.createdAt = createdAt
    self.createdBy = createdBy
    self.doneBefore = doneBefore
    self.rowsChanged = rowsChanged
    self.before = before
    self.after = after
    self.finishedAt = finishedAt
    self.failure = failure
  }

  /// 0…100 by time; calls are not spread evenly, so it is no promise.
  var percent: Double {
    if finishedAt != nil { return 100 }
    let whole = Double(range.durationMicroseconds)
    return whole > 0 ? min(99, max(0, Double(doneBefore.since(range.from)) / whole * 100)) : 0
  }
}

/// One line of what a re-pricing would do: by team or by model.
public struct RepricingSumView: Sendable {
  public var label: String
  public var calls: Int64
  public var changed: Int64
  public var before: USD?
  public var after: USD?
  public var unpricedBefore: Int64
  public var unpricedAfter: Int64

  public init(
    label: String, calls: Int64, changed: Int64, before: USD?, after: USD?, unpricedBefore: Int64, unpricedAfter: Int64
  ) {
    self.label = label
    self.calls = calls
    self.changed = changed
    self.before = before
    self.after = after
    self.unpricedBefore = unpricedBefore
    self.unpricedAfter = unpricedAfter
  }

  /// Nothing but calls without a price behind a zero is unknown, not "$0".
  var knownBefore: USD? { before?.pico == 0 && unpricedBefore > 0 ? nil : before }
  var knownAfter: USD? { after?.pico == 0 && unpricedAfter > 0 ? nil : after }
}

/// A call that would change.
public struct RepricingChange: Sendable {
  public var startedAt: Timestamp
  public var model: String
  /// Its page.
  public var address: String
  public var before: USD?
  public var after: USD?
  /// Why it has the new cost, or none.
  public var reason: String

  public init(startedAt: Timestamp, model: String, address: String, before: USD?, after: USD?, reason: String) {
    self.startedAt = startedAt
    self.model = model
    self.address = address
    self.before = before
    self.after = after
    self.reason = reason
  }
}

/// What a re-pricing would change; nothing is written by it.
public struct RepricingDryRunView: Sendable {
  public var total: RepricingSumView
  public var teams: [RepricingSumView]
  public var models: [RepricingSumView]
  /// The first of the rows that change.
  public var changes: [RepricingChange]

  public init(total: RepricingSumView, teams: [RepricingSumView], models: [RepricingSumView], changes: [RepricingChange]) {
    self.total = total
    self.teams = teams
    self.models = models
    self.changes = changes
  }
}

/// What was chosen to be re-priced.
public struct RepricingChoice: Sendable {
  /// As typed: days or moments.
  public var from: String
  public var to: String
  public var models: [String]
  public var reason: String

  public init(from: String, to: String, models: [String], reason: String) {
    self.from = from
    self.to = to
    self.models = models
    self.reason = reason
  }
}

/// The jobs, and the way to a new one.
public struct RepricingListPage: Sendable {
  public var prices: PriceFrame
  /// Newest first.
  public var jobs: [RepricingView]

  public init(prices: PriceFrame, jobs: [RepricingView]) {
    self.prices = prices
    self.jobs = jobs
  }

  public func render() -> HTML {
    prices.page("Re-pricing", tab: .repricing, jobs.isEmpty ? empty : list)
  }

  private var empty: HTML {
    """
    <section class="empty"><h2>Nothing was re-priced yet</h2><p>New prices count for calls from then on. What is booked already changes only here: for \
    a period you choose, with a reason, after a dry run. What was charged first is kept beside it.</p>
    \(if: prices.canChange, "<p><a class=\"button\" href=\"\(Route.newRepricing)\">Choose what to re-price</a></p>")</section>
    """
  }

  private var list: HTML {
    """
    \(if: prices.canChange, "<p class=\"actions\"><a class=\"button\" href=\"\(Route.newRepricing)\">Choose what to re-price</a></p>")
    <table class="rows"><thead><tr><th scope="col">Reason</th><th scope="col" class="fold">Period</th><th scope="col" class="fold">Models</th>\
    <th scope="col" class="n fold">Calls changed</th><th scope="col" class="n">Before</th><th scope="col" class="n">After</th>\
    <th scope="col" class="fold">By</th><th scope="col" class="fold">State</th></tr></thead><tbody>\(jobs, { row($0) })</tbody></table>
    """
  }

  private func row(_ job: RepricingView) -> HTML {
    """
    <tr><th scope="row"><a class="row" href="\(url: Route.repricing(job.id))">\(job.reason)</a>\
    <small class="under">\(CountText(job.rowsChanged)) calls, \(RepricingWords.state(job))</small></th>\
    <td class="fold note">\(prices.dates(DatedRange(from: job.range.from, to: job.range.to)))</td>\
    <td class="fold note">\(RepricingWords.models(job.models))</td><td class="n fold">\(CountText(job.rowsChanged))</td>\
    <td class="n">\(MoneyText(job.before))</td><td class="n">\(MoneyText(job.after))</td>\
    <td class="fold note">\(job.createdBy)</td><td class="fold note">\(RepricingWords.state(job))</td></tr>
    """
  }
}

enum RepricingWords {
  static func models(_ models: [String]) -> String {
    models.isEmpty ? "all" : models.count <= 2 ? models.joined(separator: ", ") : "\(models[0]) and \(models.count - 1) more"
  }

  static func state(_ job: RepricingView) -> HTML {
    if let failure = job.failure { return "<span class=\"error\" title=\"\(failure)\">stopped by an error</span>" }
    if job.finishedAt != nil { return "done" }
    return "running, \(Digits.fixed(job.percent, places: 0))\u{A0}%"
  }
}

/// One job: how far it is and what it changed.
public struct RepricingJobPage: Sendable {
  public var prices: PriceFrame
  public var job: RepricingView

  public init(prices: PriceFrame, job: RepricingView) {
    self.prices = prices
    self.job = job
  }

  public func render() -> HTML {
    prices.page(
      "Re-pricing \(job.id)", tab: .repricing,
      """
      <p class="line"><span>\(job.reason)</span><span>by \(job.createdBy), \(TimeText(job.createdAt, in: zone))</span></p>
      \(progress)
      <div class="tiles three"><div class="tile main"><h2>Calls changed</h2><span class="figure">\(CountText(job.rowsChanged))</span></div>\
      <div class="tile"><h2>Their cost before</h2><span class="figure">\(MoneyText(job.before))</span></div>\
      <div class="tile"><h2>Their cost after</h2><span class="figure">\(MoneyText(job.after))</span>\
      <p class="change">\(ChangeText(from: job.before, to: job.after).text)</p></div></div>
      <dl class="pairs">\(facts, { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" })</dl>
      <p class="more"><a href="\(Route.repricings)">All re-pricings</a></p>
      """)
  }

  private var zone: ClockZone { prices.frame.viewerZone }

  private var progress: HTML {
    if let failure = job.failure {
      return "<p class=\"notice error\" role=\"status\"><b>Stopped.</b> \(failure) What was done so far is kept; nothing is half done.</p>"
    }
    if job.finishedAt != nil { return "<p class=\"notice\" role=\"status\"><b>Done.</b> Totals everywhere hold the new costs.</p>" }
    return """
      <p class="notice" role="status"><b>Running, \(Digits.fixed(job.percent, places: 0))\u{A0}%.</b> Calls that start before \
      \(TimeText(job.doneBefore, in: zone, style: .second)) are done. You can leave this page; it goes on, also after a restart.</p>
      <progress max="100" value="\(Digits.fixed(job.percent, places: 0))">\(Digits.fixed(job.percent, places: 0))\u{A0}%</progress>
      """
  }

  private var facts: [(String, HTML)] {
    [
      ("From", TimeText(job.range.from, in: zone, style: .second).html), ("To", TimeText(job.range.to, in: zone, style: .second).html),
      ("Models", HTML(text: job.models.isEmpty ? "all" : job.models.joined(separator: ", "))),
      ("Finished", job.finishedAt.map { TimeText($0, in: zone, style: .second).html } ?? "not yet"),
      ("Exact before", HTML(text: "$" + job.before.decimal)), ("Exact after", HTML(text: "$" + job.after.decimal)),
    ]
  }
}
