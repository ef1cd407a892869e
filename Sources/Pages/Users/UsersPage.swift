import Domain
import HTML

/// Who uses the traced applications: groups of end users, and the users who cost most.
public struct UsersPage: Sendable {
  public enum Answer: Sendable {
    case users(groups: [UserGroupSpend], total: UserGroupSpend?, users: [UserSpend], found: Int64)
    /// What can't be told with this filter, as a sentence.
    case refused(String)
  }

  public var frame: PageFrame
  public var bar: SharedBar
  public var answer: Answer

  public init(frame: PageFrame, bar: SharedBar, answer: Answer) {
    self.frame = frame
    self.bar = bar
    self.answer = answer
  }

  private var address: PageAddress { bar.address }

  public func render() -> HTML {
    frame.page("Users", section: .users, address: address, bar: bar.render(frame), content)
  }

  private var content: HTML {
    switch answer {
    case .refused(let sentence):
      let plain = address.with { $0.filter = $0.filter.filter { [.project, .team, .userGroup, .model, .user].contains($0.key) } }
      return """
        <p class="notice"><b>Not kept.</b> \(sentence)</p><p class="actions"><a class="button" href="\(url: plain.url)">Without that filter</a></p>
        """
    case .users(let groups, let total, let users, let found):
      guard let total else { return nothing }
      return "\(self.groups(groups, total))\(list(users, found, total))"
    }
  }

  private var nothing: HTML {
    """
    \(EmptyState(
      title: "Users will be here", text: "Calls that name their end user (user.id of OpenTelemetry, user of Langfuse) are summed by user and day. "
        + "In this range, with these filters, none does.", action: frame.action(.seeRequests, "How to name users", Route.connect)))
    """
  }

  private func groups(_ groups: [UserGroupSpend], _ total: UserGroupSpend) -> HTML {
    """
    <section class="measure" id="groups"><h2>User groups</h2><table class="rows people"><thead><tr><th scope="col">Group</th>\
    <th scope="col" class="n fold">Active users</th><th scope="col" class="n fold">Calls</th><th scope="col" class="n">Cost</th>\
    <th scope="col" class="n">Share</th><th scope="col" class="n fold" title="Of the cost: the part of the tenth of its users who cost most">Top 10\u{A0}%</th>\
    <th scope="col" class="n fold">Last seen</th></tr>\(group(total, total))</thead><tbody>\(groups, { group($0, total) })</tbody></table>
    <p class="more note">By whole days of \(frame.moneyZone.name): \(days). Calls that name no user are not here.</p></section>
    """
  }

  private var days: String {
    let range = address.range.resolved(now: frame.now, zone: frame.moneyZone)
    let (a, b) = (frame.moneyZone.civil(range.from), frame.moneyZone.civil(range.to.adding(microseconds: -1)))
    return a.date == b.date ? "\(a.dayAndMonth) \(a.year)" : "\(a.dayAndMonth) – \(b.dayAndMonth) \(b.year)"
  }

  private func group(_ spend: UserGroupSpend, _ total: UserGroupSpend) -> HTML {
    let isTotal = spend == total && spend.group == nil && spend.activeUsers == total.activeUsers && spend.calls == total.calls
    let only = isTotal ? address.removing(.userGroup) : address.keeping(.userGroup, spend.group)
    let top = ShareText(Double(spend.topTenthCost.pico), of: Double(spend.cost?.pico ?? 0)).text
    let name = isTotal ? "All users" : spend.group ?? DimensionWords.none(.userGroup)
    return """
      <tr\(if: isTotal, " class=\"total\"")><th scope="row"><span class="cell"><a class="row\(if: spend.group == nil && !isTotal, " none")" \
      href="\(url: only.url)">\(name)</a>\(unpriced(spend.unpricedCalls, isTotal ? nil : (.userGroup, spend.group)))</span>\
      <small class="under">\(CountText(spend.activeUsers)) active users · top 10\u{A0}% \(top)</small></th>\
      <td class="n fold">\(CountText(spend.activeUsers))</td><td class="n fold">\(CountText(spend.calls))</td>\
      \(money(spend.cost, of: total, bar: !isTotal))<td class="n fold">\(top)</td><td class="n fold">\(day(spend.lastDay))</td></tr>
      """
  }

  private func list(_ users: [UserSpend], _ found: Int64, _ total: UserGroupSpend) -> HTML {
    """
    <section class="measure" id="users"><h2>Users</h2>
    <form class="filters" method="get" action="\(Route.users)#users" role="search" aria-label="Search users">\(bar.hiddenFields(dropping: ["q"]))
    <label>Part of a user’s id<input type="search" name="q" value="\(address.text)" maxlength="200" data-search></label><button>Search</button></form>
    \(if: users.isEmpty, "<p class=\"note\">No user’s id has “\(address.text ?? "")” in it.</p>")\
    \(if: !users.isEmpty, table(users, found, total))</section>
    """
  }

  private func table(_ users: [UserSpend], _ found: Int64, _ total: UserGroupSpend) -> HTML {
    let shown = address.showAll.contains("users") ? users[...] : users.prefix(20)
    let rest = shown.count < users.count
    let counted = found > shown.count ? "The \(shown.count) who cost most, of \(Digits.grouped(found))." : "\(Digits.grouped(found)) in all."
    return """
      <table class="rows people"><thead><tr><th scope="col">User</th><th scope="col" class="fold">Group</th>\
      <th scope="col" class="n fold">Calls</th><th scope="col" class="n">Cost</th><th scope="col" class="n">Share</th>\
      <th scope="col" class="n fold">Last seen</th></tr></thead><tbody>\(shown, { user($0, total) })</tbody></table>
      <p class="more note">\(counted)\(if: rest, " <a href=\"\(url: address.with { $0.showAll = ["users"] }.url)#users\">Show \(users.count)</a>")</p>
      """
  }

  private func user(_ spend: UserSpend, _ total: UserGroupSpend) -> HTML {
    let traces = address.traces.keeping(.user, spend.user)
    let costs = address.going(to: Route.costs).keeping(.user, spend.user).with { $0.by = [.model] }
    return """
      <tr><th scope="row"><span class="cell"><a class="row" href="\(url: costs.url)" title="\(spend.user)">\(spend.user)</a>\
      <a class="only above" href="\(url: traces.url)">traces</a>\(unpriced(spend.unpricedCalls, (.user, spend.user)))</span>\
      <small class="under">\(spend.group ?? DimensionWords.none(.userGroup)) · \(CountText(spend.calls)) calls · \(day(spend.lastDay))</small></th>\
      <td class="fold\(if: spend.group == nil, " note")">\(spend.group ?? "none")</td><td class="n fold">\(CountText(spend.calls))</td>\
      \(money(spend.cost, of: total))<td class="n fold">\(day(spend.lastDay))</td></tr>
      """
  }

  private func money(_ cost: USD?, of total: UserGroupSpend, bar: Bool = true) -> HTML {
    let share = ShareText(Double(cost?.pico ?? 0), of: cost == nil ? 0 : Double(total.cost?.pico ?? 0))
    return """
      <td class="n main">\(MoneyText(cost, unknown: "No call here has a known price"))</td>\
      <td class="n with-share">\(if: bar, ShareBar(percent: share.percent).html)\(share)</td>
      """
  }

  private func unpriced(_ count: Int64, _ value: (dimension: CostDimension, value: String?)?) -> UnpricedNote {
    UnpricedNote(count: count, address: value.map { address.traces.keeping($0.dimension, $0.value) } ?? address.traces)
  }

  private func day(_ text: String) -> String {
    text == frame.moneyZone.civil(frame.now).date ? "today" : CalendarWords.day(text)
  }
}
