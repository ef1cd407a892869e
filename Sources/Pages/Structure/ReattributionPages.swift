import Domain
import HTML

/// The runs, and the way to a new one.
public struct ReattributionListPage: Sendable {
  public var work: WorkFrame
  /// Newest first.
  public var jobs: [ReattributionView]

  public init(work: WorkFrame, jobs: [ReattributionView]) {
    self.work = work
    self.jobs = jobs
  }

  public func render() -> HTML {
    work.page("Re-attribution", tab: SettingsTab.rerun, "\(work.problemNote)\(jobs.isEmpty ? empty : list)")
  }

  private var empty: HTML {
    """
    <section class="empty"><h2>Nothing was re-attributed yet</h2><p>Rules and teams count for calls from then on. What is booked already changes only here: for a period you \
    choose, with a reason, after a dry run. Closed months stay as they are and get corrections.</p>
    \(if: work.canChange, "<p><a class=\"button\" href=\"\(Route.newReattribution)\">Choose a period</a></p>")</section>
    """
  }

  private var list: HTML {
    """
    \(if: work.canChange, "<p class=\"actions top-actions\"><a class=\"button\" href=\"\(Route.newReattribution)\">Choose a period</a></p>")
    <table class="rows"><thead><tr><th scope="col">Reason</th><th scope="col" class="fold">Period</th><th scope="col" class="n">Calls changed</th>\
    <th scope="col" class="n">Cost moved</th><th scope="col" class="fold">By</th><th scope="col" class="fold">State</th></tr></thead><tbody>\(jobs, row)</tbody></table>
    """
  }

  private func row(_ job: ReattributionView) -> HTML {
    """
    <tr><th scope="row"><a class="row" href="\(url: Route.reattribution(job.id))">\(job.reason)</a><small class="under">\(ReattributionWords.state(job))</small></th>\
    <td class="fold note">\(work.moment(job.range.from)) – \(work.moment(job.range.to))</td><td class="n">\(CountText(job.rowsChanged))</td>\
    <td class="n">\(MoneyText(job.costMoved))</td><td class="fold note">\(job.createdBy)</td><td class="fold note">\(ReattributionWords.state(job))</td></tr>
    """
  }
}

enum ReattributionWords {
  static func state(_ job: ReattributionView) -> HTML {
    if let failure = job.failure { return "<span class=\"error\" title=\"\(failure)\">stopped by an error</span>" }
    if job.finishedAt != nil { return "done" }
    return "running, \(Digits.fixed(job.percent, places: 0))\u{A0}%"
  }
}

/// One run: how far it is and what it changed.
public struct ReattributionJobPage: Sendable {
  public var work: WorkFrame
  public var job: ReattributionView

  public init(work: WorkFrame, job: ReattributionView) {
    self.work = work
    self.job = job
  }

  public func render() -> HTML {
    work.page(
      "Re-attribution \(job.id)", tab: SettingsTab.rerun,
      """
      <p class="line"><span>\(job.reason)</span><span>by \(job.createdBy), \(work.moment(job.createdAt))</span></p>
      \(work.problemNote)\(progress)
      <div class="tiles three"><div class="tile main"><h2>Calls changed</h2><span class="figure">\(CountText(job.rowsChanged))</span></div>\
      <div class="tile"><h2>Calls looked at</h2><span class="figure">\(CountText(job.rowsDone))</span></div>\
      <div class="tile"><h2>Cost with another team now</h2><span class="figure">\(MoneyText(job.costMoved))</span></div></div>
      <dl class="pairs">\(facts, { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" })</dl>
      <p class="more"><a href="\(Route.reattributions)">All re-attributions</a></p>
      """)
  }

  private var progress: HTML {
    if let failure = job.failure {
      return "<p class=\"notice error\" role=\"status\"><b>Stopped.</b> \(failure) What was done so far is kept; nothing is half done.</p>"
    }
    if job.finishedAt != nil { return "<p class=\"notice\" role=\"status\"><b>Done.</b> Totals everywhere hold the new owners; what they were before is kept.</p>" }
    return """
      <p class="notice" role="status"><b>Running, \(Digits.fixed(job.percent, places: 0))\u{A0}%.</b> Calls that start before \
      \(TimeText(job.doneBefore, in: work.frame.viewerZone, style: .second)) are done. You can leave this page; it goes on, also after a restart.</p>
      <progress max="100" value="\(Digits.fixed(job.percent, places: 0))">\(Digits.fixed(job.percent, places: 0))\u{A0}%</progress>
      \(if: work.canChange, "<form method=\"post\" action=\"\(url: Route.reattribution(job.id))/stop\">\(work.token)<button>Stop here</button></form>")
      """
  }

  private var facts: [(String, HTML)] {
    let zone = work.frame.viewerZone
    return [
      ("From", TimeText(job.range.from, in: zone, style: .second).html), ("To", TimeText(job.range.to, in: zone, style: .second).html),
      ("Finished", job.finishedAt.map { TimeText($0, in: zone, style: .second).html } ?? "not yet"),
      ("Exact", HTML(text: "$" + job.costMoved.decimal)),
    ]
  }
}

/// Choosing a period, and what today's rules would change in it.
public struct NewReattributionPage: Sendable {
  public var work: WorkFrame
  public var choice: ReattributionChoice
  /// nil: not run yet.
  public var dryRun: ReattributionDryRunView?

  public init(work: WorkFrame, choice: ReattributionChoice, dryRun: ReattributionDryRunView? = nil) {
    self.work = work
    self.choice = choice
    self.dryRun = dryRun
  }

  public func render() -> HTML {
    work.page(
      "Re-attribute", tab: SettingsTab.rerun,
      """
      <form class="filters" method="get" action="\(Route.newReattribution)" aria-label="What to re-attribute">
      <label>From<input name="from" value="\(choice.from)" placeholder="2026-11-01" required></label>
      <label>To, excluded<input name="to" value="\(choice.to)" placeholder="now"></label>
      <label class="long">Reason<input name="reason" value="\(choice.reason)" placeholder="Search has moved to Platform" maxlength="500"></label>
      <input type="hidden" name="dry" value="1"><button>Dry run</button></form>
      \(work.problemNote)\(dryRun, some: outcome)
      \(if: dryRun == nil, "<p class=\"note\">A dry run shows what each team would get and lose, and the corrections that closed months would get. It writes nothing.</p>")
      """)
  }

  private func outcome(_ run: ReattributionDryRunView) -> HTML {
    """
    \(headline(run))\(if: run.changed > 0, """
      \(TeamMovements(title: "By team", teams: run.teams))\(closed(run))\(changes(run))
      """)
    """
  }

  private func headline(_ run: ReattributionDryRunView) -> HTML {
    let part: HTML = "\(run.onlyFrom, some: { "<p class=\"notice amber\"><b>Not all of it.</b> There was time for calls from \(work.moment($0)) on; choose a shorter period.</p>" })"
    guard run.changed > 0 else {
      return part + """
        <p class="notice" role="status"><b>Nothing would change.</b> \(CountText(run.calls)) calls were looked at; today’s rules give each the owner, endpoint and group it has.</p>
        """
    }
    return part + """
      <div class="verdict" role="status"><p><b>\(CountText(run.changed))</b> of \(CountText(run.calls)) calls would change; \
      \(CountText(run.moved)), with <b>\(MoneyText(run.movedCost, unknown: "No known cost"))</b>, would belong to another team.</p>\(if: work.canChange, apply(run))</div>
      """
  }

  /// Applies exactly the period that was looked at.
  private func apply(_ run: ReattributionDryRunView) -> HTML {
    """
    <form method="post" action="\(Route.reattributions)">\(work.token)<input type="hidden" name="from" value="\(choice.from)">\
    <input type="hidden" name="to" value="\(choice.to)">\
    \(if: !choice.reason.isEmpty, "<input type=\"hidden\" name=\"reason\" value=\"\(choice.reason)\">")\
    \(if: choice.reason.isEmpty, "<label>Reason<input name=\"reason\" required maxlength=\"500\"></label>")\
    <button class="primary">Re-attribute \(CountText(run.changed)) \(run.changed == 1 ? "call" : "calls")</button></form>
    """
  }

  /// Closed months never change: what this run changes in them is posted later.
  private func closed(_ run: ReattributionDryRunView) -> HTML {
    guard !run.closedMonths.isEmpty else { return "" }
    return """
      <section class="measure"><h2>Corrections of closed months</h2><p class="note">Closed statements stay as booked. What moves in them becomes corrections in the month that is closed next.</p>
      <table class="rows lines"><thead><tr><th scope="col">Closed month</th><th scope="col" class="n">Calls with another team</th><th scope="col" class="n">Cost that is corrected</th></tr></thead><tbody>\(run.closedMonths, { month in
        """
        <tr><th scope="row"><a href="\(url: Route.statement(month.month))">\(CalendarWords.month(month.month))</a></th><td class="n">\(CountText(month.calls))</td>\
        <td class="n">\(MoneyText(month.cost, unknown: "No known cost"))</td></tr>
        """
      })</tbody></table></section>
      """
  }

  private func changes(_ run: ReattributionDryRunView) -> HTML {
    run.changes.isEmpty
      ? ""
      : """
        <section class="measure"><h2>Calls that change</h2><table class="rows"><thead><tr><th scope="col" class="fold">Started</th><th scope="col">Call</th>\
        <th scope="col">Before</th><th scope="col">After</th><th scope="col" class="n fold">Cost</th></tr></thead><tbody>\(run.changes, { change in
          """
          <tr><td class="fold time">\(TimeText(change.startedAt, in: work.frame.viewerZone, style: .second))</td><th scope="row"><a class="row" href="\(url: change.address)">\(change.name)</a></th>\
          <td>\(change.before)</td><td>\(change.after)</td><td class="n fold">\(MoneyText(change.cost, fine: true, unknown: "Unpriced"))</td></tr>
          """
        })</tbody></table>\(if: Int64(run.changes.count) < run.changed, "<p class=\"more note\">The first \(run.changes.count) of \(Digits.grouped(run.changed)).</p>")</section>
        """
  }
}

/// What each team has and would have.
struct TeamMovements: HTMLConvertible {
  let title: String
  let teams: [TeamMovementView]

  var html: HTML {
    teams.isEmpty
      ? ""
      : """
        <section class="measure"><h2>\(title)</h2><table class="rows lines"><thead><tr><th scope="col">Team</th><th scope="col" class="n fold">Calls before</th>\
        <th scope="col" class="n fold">Calls after</th><th scope="col" class="n">Cost before</th><th scope="col" class="n">Cost after</th><th scope="col" class="n fold">Difference</th></tr></thead>
        <tbody>\(teams, row)</tbody></table></section>
        """
  }

  private func row(_ team: TeamMovementView) -> HTML {
    """
    <tr><th scope="row">\(team.name)<small class="under">\(CountText(team.callsBefore)) → \(CountText(team.callsAfter)) calls</small></th><td class="n fold">\(CountText(team.callsBefore))</td>\
    <td class="n fold">\(CountText(team.callsAfter))</td><td class="n">\(MoneyText(team.before, unknown: "No known cost"))</td><td class="n">\(MoneyText(team.after, unknown: "No known cost"))</td>\
    <td class="n fold">\(MoneyText((team.after ?? .zero) - (team.before ?? .zero)))</td></tr>
    """
  }
}
