import Domain
import HTML

/// What a key did on one day.
public struct KeyDayView: Sendable {
  /// "2026-11-01", of the organisation's calendar.
  public var day: String
  public var requests: Int64
  public var refused: Int64
  /// Spans, events and scores accepted.
  public var items: Int64
  public var bytes: Int64
  /// Calls that started on the day and came with the key; nil: none.
  public var calls: Measures?

  public init(day: String, requests: Int64 = 0, refused: Int64 = 0, items: Int64 = 0, bytes: Int64 = 0, calls: Measures? = nil) {
    self.day = day
    self.requests = requests
    self.refused = refused
    self.items = items
    self.bytes = bytes
    self.calls = calls
  }
}

/// What a key did by one route.
public struct KeyRouteView: Sendable {
  /// "GET /api/v1/costs".
  public var route: String
  public var requests: Int64
  public var refused: Int64
  public var lastAt: Timestamp

  public init(route: String, requests: Int64, refused: Int64, lastAt: Timestamp) {
    self.route = route
    self.requests = requests
    self.refused = refused
    self.lastAt = lastAt
  }
}

public struct KeyAddressView: Sendable {
  public var address: String
  public var firstAt: Timestamp
  public var lastAt: Timestamp
  public var requests: Int64

  public init(address: String, firstAt: Timestamp, lastAt: Timestamp, requests: Int64) {
    self.address = address
    self.firstAt = firstAt
    self.lastAt = lastAt
    self.requests = requests
  }
}

/// One key: what it is bound to, what it did, and what can be done about it.
public struct KeyPage: Sendable {
  public var work: WorkFrame
  public var view: KeyView
  /// Newest first.
  public var days: [KeyDayView]
  /// Of all days together; nil when calls and cost could not be summed.
  public var total: Measures?
  public var routes: [KeyRouteView]
  /// Last used first.
  public var addresses: [KeyAddressView]
  /// From when requests were counted; nil: none yet.
  public var countedSince: Timestamp?
  /// Whether calls and cost are only those charged to the reader's teams.
  public var isOwnMoney = false
  /// Days back that are shown.
  public var span: Int
  public var draft: KeyInput
  /// Whether a new secret may be shown to the reader.
  public var canOpen: Bool
  /// Whether the reader may change limits and what becomes of content.
  public var canBound: Bool

  public init(work: WorkFrame, view: KeyView, span: Int, draft: KeyInput, canOpen: Bool, canBound: Bool) {
    self.work = work
    self.view = view
    self.span = span
    self.draft = draft
    self.canOpen = canOpen
    self.canBound = canBound
    (days, routes, addresses) = ([], [], [])
  }

  var key: APIKey { view.key }

  public func render() -> HTML {
    work.page(
      "Key \(key.name)", tab: SettingsTab.keys,
      """
      \(work.problemNote)\(verdict)\(facts)
      <section class="measure" id="did"><h2>What it did <span class="note">the last \(span) days, \(work.zone.name)</span></h2>\(did)</section>
      \(if: !addresses.isEmpty, addressTable)\(if: key.revokedAt == nil, KeyActions(page: self).html)
      """)
  }

  private var verdict: HTML {
    """
    <div class="verdict key-state"><p>\(state)</p>\(if: key.revokedAt == nil, revoke)</div>
    """
  }

  private var state: HTML {
    switch view.state(at: work.frame.now) {
    case .revoked: "<b>Revoked</b> \(key.revokedAt.map { work.moment($0) })\(view.revokedBy, some: { " by \($0)" })"
    case .expired: "<b class=\"error\">Expired</b> \(key.expiresAt.map { work.moment($0) })"
    case .unused: "<b>Never used</b>"
    case .inUse: "<b>Last used</b> \(view.lastUsedAt.map { work.moment($0) })\(view.lastUsedAddress, some: { " from \($0)" })"
    }
  }

  private var revoke: HTML {
    """
    <details class="menu"><summary>Revoke</summary><div class="sheet"><p class="note">Whoever sends or reads with it gets 401 within ten seconds. What it sent stays. \
    This can’t be undone.</p><form method="post" action="\(url: Route.key(key.id) + "/revoke")">\(work.token)<button class="danger">Revoke key</button></form></div></details>
    """
  }

  private var facts: HTML {
    """
    <dl class="pairs key-facts"><dt>Public key</dt><dd><code data-copy="\(key.publicKey)">\(key.publicKey)</code></dd>\
    <dt>Secret</dt><dd><code>\(key.secretHint)</code>\(key.rotatedAt, some: { ", given \(work.moment($0))" })\(previous)</dd>\
    <dt>Project</dt><dd>\(view.project)</dd><dt>May</dt><dd>\(KeyWords.scopes(key.scopes))</dd>\
    \(KeyWords.ended(view), some: { "<dt>May not</dt><dd class=\"amber\">\($0)</dd>" })\
    <dt>Environment</dt><dd>\(key.environment ?? "as the sender says")</dd><dt>Calls go to</dt><dd>\(KeyWords.team(view))</dd>\
    \(KeyWords.money(view), some: { "<dt>Money</dt><dd>\($0)</dd>" })\(view.userGroup, some: { "<dt>User group</dt><dd>\($0), for calls whose user is in none</dd>" })\
    <dt>Content</dt><dd>\(KeyWords.content(key.contentPolicy))</dd><dt>Cost that it sends</dt><dd>\(KeyWords.trust(view.costTrust))</dd>\
    <dt>Limits</dt><dd>\(KeyWords.limits(key.limits))</dd><dt>Expires</dt><dd>\(key.expiresAt.map { work.moment($0) } ?? "never")</dd>\
    <dt>Made</dt><dd>\(work.moment(key.createdAt))\(if: !key.madeBy.isEmpty, " by \(key.madeBy)")</dd></dl>
    """
  }

  private var previous: HTML {
    guard let until = key.previousSecretUntil, until > work.frame.now, key.revokedAt == nil else { return "" }
    return """
      ; the one before is taken until \(work.moment(until)) \
      <form class="inline" method="post" action="\(url: Route.key(key.id) + "/end-previous")">\(work.token)<button class="quiet">End it now</button></form>
      """
  }

  private var did: HTML {
    if days.isEmpty && routes.isEmpty { return "<p class=\"note\">Nothing yet.</p>" }
    return """
      <div class="tables"><section>\(dayTable)</section><section>\(routeTable)</section></div>\(since)
      """
  }

  private var since: HTML {
    let isLate = countedSince.map { $0 > key.createdAt.adding(seconds: 3600) } ?? !days.isEmpty
    return """
      <p class="more note">\(if: isLate, "Requests are counted since \(countedSince.map { work.moment($0) } ?? "now"). ")\
      \(isOwnMoney ? "Calls and cost are those charged to your teams." : "Calls and cost are all that were booked.") Requests of other processes come within a minute.</p>
      """
  }

  private var dayTable: HTML {
    let sum = { (value: (KeyDayView) -> Int64) in days.reduce(Int64(0)) { $0 &+ value($1) } }
    return """
      <table class="rows key-days"><thead><tr><th scope="col">Day</th><th scope="col" class="n">Requests</th><th scope="col" class="n fold">Refused</th>\
      <th scope="col" class="n">Accepted</th><th scope="col" class="n fold">Sent</th><th scope="col" class="n">Calls</th><th scope="col" class="n">Cost</th></tr>\
      <tr class="total"><th scope="row">Total</th><td class="n">\(CountText(sum(\.requests)))</td><td class="n fold">\(CountText(sum(\.refused)))</td>\
      <td class="n">\(CountText(sum(\.items)))</td><td class="n fold">\(KeyWords.size(sum(\.bytes)))</td>\(Self.money(total))</tr></thead>\
      <tbody>\(days, dayRow)</tbody></table>
      """
  }

  private func dayRow(_ day: KeyDayView) -> HTML {
    """
    <tr><th scope="row">\(CalendarWords.day(day.day))</th><td class="n">\(CountText(day.requests))</td>\
    <td class="n fold\(if: day.refused > 0, " error")">\(CountText(day.refused))</td><td class="n">\(CountText(day.items))</td>\
    <td class="n fold">\(KeyWords.size(day.bytes))</td>\(Self.money(day.calls))</tr>
    """
  }

  private static func money(_ measures: Measures?) -> HTML {
    guard let measures, measures.calls > 0 else { return "<td class=\"n none\">0</td><td class=\"n none\">–</td>" }
    return "<td class=\"n\">\(CountText(measures.calls))</td><td class=\"n\">\(MoneyText(measures))</td>"
  }

  private var routeTable: HTML {
    """
    <table class="rows key-routes"><thead><tr><th scope="col">What it sent and read</th><th scope="col" class="n">Requests</th>\
    <th scope="col" class="n fold">Refused</th><th scope="col" class="fold">Last</th></tr></thead><tbody>\(routes, routeRow)</tbody></table>
    """
  }

  private func routeRow(_ entry: KeyRouteView) -> HTML {
    """
    <tr><th scope="row"><span class="tag">\(KeyWords.does(entry.route))</span> <code>\(entry.route)</code></th><td class="n">\(CountText(entry.requests))</td>\
    <td class="n fold\(if: entry.refused > 0, " error")">\(CountText(entry.refused))</td><td class="fold time">\(work.moment(entry.lastAt))</td></tr>
    """
  }

  private var addressTable: HTML {
    """
    <section class="measure" id="from"><h2>Where it was used from <span class="note">\(CountText(Int64(addresses.count))) \(addresses.count == 1 ? "address" : "addresses"), ever</span></h2>
    <table class="rows key-addresses"><thead><tr><th scope="col">Address</th><th scope="col">First</th><th scope="col">Last</th><th scope="col" class="n">Requests</th></tr></thead>\
    <tbody>\(addresses.prefix(Self.addressesShown), { entry in
      "<tr><th scope=\"row\"><code>\(entry.address)</code></th><td class=\"time\">\(work.moment(entry.firstAt))</td><td class=\"time\">\(work.moment(entry.lastAt))</td><td class=\"n\">\(CountText(entry.requests))</td></tr>"
    })</tbody></table>\(if: addresses.count > Self.addressesShown, "<p class=\"more note\">The last \(Self.addressesShown) of \(addresses.count).</p>")</section>
    """
  }

  private static let addressesShown = 50
}

/// Changing a key: a new secret, bounds, trust.
struct KeyActions {
  let page: KeyPage
  private var work: WorkFrame { page.work }
  private var path: String { Route.key(page.key.id) }

  init(page: KeyPage) { self.page = page }

  var html: HTML { "\(rotate)\(change)\(if: work.frame.allows(.editPrices), trust)" }

  private var rotate: HTML {
    guard page.canOpen else {
      return """
        <section class="measure"><h2>New secret</h2><p class="note">This key opens more than you may see, so its new secret would too: whoever may read its \
        project’s content gives it one.</p></section>
        """
    }
    return """
      <section class="measure" id="rotate"><h2>New secret</h2><p class="note">The public key stays. Senders can change over while both secrets are taken. \
      A key that reads or administers works while whoever gave it its last secret may do as much; one that somebody else made becomes yours, without overlap.</p>
      <form class="filters" method="post" action="\(url: path + "/rotate")">\(work.token)<label>The old one is taken for\(Select(name: "overlap", options: Self.overlaps, chosen: "24"))</label>\
      <button>Make new secret</button></form></section>
      """
  }

  private static let overlaps = [
    ("0", "no time: it ends now"), ("1", "1 hour"), ("24", "24 hours"), ("72", "3 days"), ("168", "7 days"), ("720", "30 days"),
  ]

  private var change: HTML {
    """
    <section class="measure" id="change"><h2>Name and bounds</h2><form class="entry wide" method="post" action="\(url: path + "/change")">\(work.token)
    <fieldset><label class="span">Name<input name="name" value="\(page.draft.name)" required maxlength="200"></label>\
    \(if: !page.canBound, "<label>Expires<input type=\"date\" name=\"expires\" value=\"\(page.draft.expires)\"></label>")</fieldset>
    \(if: page.canBound, KeyBounds(draft: page.draft).html)<p class="actions"><button>Save</button></p></form></section>
    """
  }

  private var trust: HTML {
    """
    <section class="measure" id="trust"><h2>Cost that it sends</h2><p class="note">For calls from now on; booked ones change only by a re-pricing. What a provider states itself always counts.</p>
    <form class="filters" method="post" action="\(url: path + "/trust")">\(work.token)<label class="long">A cost that comes with a call\(Select(name: "trust", options: Self.trusts, chosen: page.view.costTrust?.rawValue ?? ""))</label>\
    <button>Save</button></form></section>
    """
  }

  private static let trusts: [(value: String, label: String)] =
    [("", "counts or is kept beside, by its source")] + CostTrust.allCases.map { ($0.rawValue, KeyWords.trust($0)) }
}
