import Domain
import HTML

/// The shared costs, and what each was in the last month.
public struct PoolListPage: Sendable {
  public var work: WorkFrame
  public var pools: [CostPool]
  public var teams: [Team]
  /// The month that the lines are of.
  public var month: String
  /// Shared lines of that month.
  public var lines: [AllocationLine]

  public init(work: WorkFrame, pools: [CostPool], teams: [Team], month: String, lines: [AllocationLine]) {
    self.work = work
    self.pools = pools
    self.teams = teams
    self.month = month
    self.lines = lines
  }

  public func render() -> HTML {
    work.page(
      "Shared costs", tab: ReportTab.pools,
      """
      \(work.problemNote)\(pools.isEmpty ? empty : list)
      """)
  }

  private var empty: HTML {
    """
    <section class="empty"><h2>No shared costs</h2><p>A GPU node, a platform fee, a gateway: what no single call pays for. A pool is charged each month and \
    split among teams, to the cent, with the method and the driver in the report.</p>
    \(if: work.canChange, "<p><a class=\"button\" href=\"\(Route.newPool)\">Add a shared cost</a></p>")</section>
    """
  }

  private var list: HTML {
    """
    \(if: work.canChange, "<p class=\"actions top-actions\"><a class=\"button\" href=\"\(Route.newPool)\">Add a shared cost</a></p>")
    <table class="rows pools"><thead><tr><th scope="col">Pool</th><th scope="col" class="fold">Amount</th><th scope="col" class="fold">Split</th>\
    <th scope="col" class="fold">Months</th><th scope="col" class="n">\(CalendarWords.month(month))</th></tr></thead><tbody>\(pools, row)</tbody></table>
    \(SharedLines(lines: lines, title: "How it is split in \(CalendarWords.month(month))"))
    <p class="more note">Booked month \(CalendarWords.month(month)); an open month moves with its teams’ own costs.</p>
    """
  }

  private func row(_ pool: CostPool) -> HTML {
    let charged = lines.filter { $0.shared?.pool == pool.id }
    return """
      <tr><th scope="row">\(work.canChange ? "<a class=\"row\" href=\"\(url: Route.pool(pool.id))\">\(pool.name)</a>" : "\(pool.name)")\
      \(pool.purchase, some: { " <span class=\"tag\">\($0)</span>" })<small class="under">\(PoolWords.amount(pool.amount)), \(PoolWords.split(pool, teams))</small></th>\
      <td class="fold">\(PoolWords.amount(pool.amount))</td><td class="fold">\(PoolWords.split(pool, teams))</td><td class="fold note">\(PoolWords.months(pool))</td>\
      <td class="n">\(charged.isEmpty ? "–" : charged.reduce(ReportMoney.zero) { $0 + ReportMoney($1, \.effective) }.html)</td></tr>
      """
  }
}

/// What pools are called.
enum PoolWords {
  static func amount(_ amount: CostPool.Amount) -> HTML {
    switch amount {
    case .monthly(let amount): "\(MoneyText(amount)) a month"
    case .hourly(let rate, let hours): "\(MoneyText(rate, fine: true)) × \(hours) hours a month"
    }
  }

  static func split(_ pool: CostPool, _ teams: [Team]) -> String {
    guard pool.method == .fixedPercent else { return ReportWords.method(pool.method) + (pool.method == .even ? " among all teams valid in the month" : "") }
    return teams.compactMap { team in pool.percentages[team.id].map { "\(team.name) \($0)\u{A0}%" } }.joined(separator: ", ")
  }

  static func months(_ pool: CostPool) -> String {
    let from = CalendarWords.month(pool.monthFrom)
    return pool.monthTo.map { "\(from) – before \(CalendarWords.month($0))" } ?? "from \(from)"
  }
}

/// What was typed into the form of a pool.
public struct PoolInput: Sendable, Hashable {
  /// nil: a new one.
  public var id: PoolID?
  public var name = ""
  /// "monthly" or "hourly".
  public var basis = "monthly"
  public var monthly = ""
  public var rate = ""
  public var hours = ""
  public var purchase = ""
  public var method = AllocationMethod.proportionalCost.rawValue
  /// As typed, by team.
  public var percentages: [TeamID: String] = [:]
  public var monthFrom = ""
  public var monthTo = ""

  public init() {}

  public init(_ pool: CostPool) {
    id = pool.id
    name = pool.name
    switch pool.amount {
    case .monthly(let amount): monthly = amount.decimal
    case .hourly(let rate, let hours):
      basis = "hourly"
      self.rate = rate.decimal
      self.hours = hours
    }
    purchase = pool.purchase ?? ""
    method = pool.method.rawValue
    percentages = pool.percentages
    monthFrom = pool.monthFrom
    monthTo = pool.monthTo ?? ""
  }
}

/// How a pool would be split in a month.
public struct PoolPreview: Sendable {
  public struct Part: Sendable {
    public var team: String
    /// What the split went by; nil for what no team can be charged.
    public var origin: SharedOrigin?
    public var amount: USD
    public init(team: String, origin: SharedOrigin?, amount: USD) {
      self.team = team
      self.origin = origin
      self.amount = amount
    }
  }
  public var month: String
  public var amount: USD
  public var parts: [Part]

  public init(month: String, amount: USD, parts: [Part]) {
    self.month = month
    self.amount = amount
    self.parts = parts
  }
}

/// The form of a pool; looking at the split changes nothing.
public struct PoolFormPage: Sendable {
  public var work: WorkFrame
  public var draft: PoolInput
  public var teams: [Team]
  public var preview: PoolPreview?

  public init(work: WorkFrame, draft: PoolInput, teams: [Team], preview: PoolPreview? = nil) {
    self.work = work
    self.draft = draft
    self.teams = teams
    self.preview = preview
  }

  public func render() -> HTML {
    work.page(
      draft.id == nil ? "Add a shared cost" : "Shared cost \(draft.name)", tab: ReportTab.pools,
      "\(work.problemNote)\(preview, some: split)\(form)\(if: draft.id != nil, endForm)")
  }

  private var form: HTML {
    """
    <form class="entry wide" method="post" action="\(Route.pools)">\(work.token)\(draft.id, some: { "<input type=\"hidden\" name=\"id\" value=\"\($0.description)\">" })
    <fieldset><legend>What it is</legend><label>Name<input name="name" value="\(draft.name)" required maxlength="200" placeholder="GPU node a100-1"></label>\
    <label>Purchase option<input name="purchase" value="\(draft.purchase)" maxlength="100" placeholder="on-demand" list="purchases"></label>\
    <datalist id="purchases"><option value="on-demand"><option value="spot"><option value="reserved"></datalist></fieldset>
    <fieldset><legend>What it costs, US dollars</legend><label>Charged\(Select(name: "basis", options: [("monthly", "a month"), ("hourly", "an hour")], chosen: draft.basis))</label>\
    <label>A month<input name="monthly" value="\(draft.monthly)" inputmode="decimal" maxlength="40" placeholder="480"></label>\
    <label>or an hour<input name="rate" value="\(draft.rate)" inputmode="decimal" maxlength="40" placeholder="2.50"></label>\
    <label>times hours a month<input name="hours" value="\(draft.hours)" inputmode="decimal" maxlength="20" placeholder="720"></label></fieldset>
    <fieldset><legend>How it is split</legend><label class="span">Method\(Select(name: "method", options: Self.methods, chosen: draft.method))</label></fieldset>
    <fieldset><legend>Percentages, for fixed percentages only; together 100</legend>\(teams, { team in
      "<label>\(team.name)<input name=\"percent.\(team.id.description)\" value=\"\(draft.percentages[team.id])\" inputmode=\"decimal\" maxlength=\"20\" placeholder=\"0\"></label>"
    })</fieldset>
    <fieldset><legend>Holds</legend><label>From month<input type="month" name="monthFrom" value="\(draft.monthFrom)" required placeholder="2026-11"></label>\
    <label>Until, excluded<input type="month" name="monthTo" value="\(draft.monthTo)" placeholder="without end"></label></fieldset>
    <p class="actions"><button class="primary" name="do" value="save">Save</button><button name="do" value="preview">Preview the split of last month</button></p></form>
    """
  }

  private static let methods: [(value: String, label: String)] = AllocationMethod.allCases.map {
    ($0.rawValue, "\(ReportWords.method($0))\($0 == .even ? " among all teams valid in the month" : "") (\($0.rawValue))")
  }

  private func split(_ preview: PoolPreview) -> HTML {
    """
    <section class="measure preview" role="status"><h2>Split of \(CalendarWords.month(preview.month))</h2><table class="rows"><thead><tr><th scope="col">Team</th>\
    <th scope="col" class="n">Driver</th><th scope="col" class="n">Amount</th></tr></thead><tbody>\(preview.parts, { part in
      "<tr><th scope=\"row\">\(part.team)</th><td class=\"n\">\(part.origin.map(ReportWords.driver) ?? "no team can be charged")</td><td class=\"n\">\(MoneyText(part.amount))</td></tr>"
    })</tbody><tfoot><tr class="sum-row"><th scope="row">Total</th><td></td><td class="n">\(MoneyText(preview.amount))</td></tr></tfoot></table>
    <p class="more note">Nothing is saved yet.</p></section>
    """
  }

  /// Ended, not deleted: earlier months keep it.
  private var endForm: HTML {
    """
    <section class="measure"><h2>End it</h2><p class="note">Months before keep it; closed statements never change.</p>
    <form class="filters" method="post" action="\(Route.pools)/end">\(work.token)<input type="hidden" name="id" value="\(draft.id?.description)">\
    <label>First month without it<input type="month" name="monthTo" required placeholder="2026-12"></label><button>End</button></form></section>
    """
  }
}
