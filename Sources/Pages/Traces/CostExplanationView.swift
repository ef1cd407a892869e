import Domain
import HTML

/// "Why this cost", ready to print; the server fills it from the price that was used.
public struct CostExplanationView: Sendable {
  public struct Line: Sendable {
    /// "Uncached input".
    public var bucket: String
    public var quantity: Int64
    /// "$2.50"; nil when the bucket has no price.
    public var unitPrice: String?
    /// What the price is for: "million tokens".
    public var unit: String?
    /// nil when the bucket has no price.
    public var amount: USD?
    /// Why it is billed so: "reasoning is billed as output".
    public var note: String?
    /// After the negotiated factor; nil: as listed.
    public var contractedPrice: String?
    public init(
      bucket: String, quantity: Int64, unitPrice: String?, unit: String? = nil, amount: USD?, note: String? = nil,
      contractedPrice: String? = nil
    ) {
      self.bucket = bucket
      self.quantity = quantity
      self.unitPrice = unitPrice
      self.unit = unit
      self.amount = amount
      self.note = note
      self.contractedPrice = contractedPrice
    }
  }

  /// Another price of the same name, and why it was not used.
  public struct Considered: Sendable {
    public var label: String
    public var why: String
    public init(label: String, why: String) {
      self.label = label
      self.why = why
    }
  }

  public var lines: [Line]
  /// Which model and price row matched and why, which tier applied, what was reported instead.
  public var sentences: [String]
  /// The price row with its source and the date it was checked.
  public var source: String
  /// Conditions of prices that the call met: "service_tier batch".
  public var conditions: [String] = []
  public var considered: [Considered] = []
  /// Page of the price's model.
  public var priceAddress: String?
  /// Today's prices, which the lines show, give another cost than the booked one: what they give, in words.
  public var outdated: String?

  public init(lines: [Line], sentences: [String], source: String) {
    self.lines = lines
    self.sentences = sentences
    self.source = source
  }
}

/// The section of the observation pane that accounts for its cost.
struct CostSection: HTMLConvertible {
  let observation: Observation
  let explanation: CostExplanationView?

  private var outcome: CostOutcome { observation.decision.cost }

  var html: HTML {
    guard observation.decision.isCall || observation.carriesUsageOrCost else { return "" }
    return """
      <section class="why" id="why"><h3>Why this cost</h3>
      \(outdated)\(table)\(CostKinds(observation: observation))<ul class="reasons">\(sentences, { "<li>\($0)</li>" })</ul>\
      \(considered)\(usage)</section>
      """
  }

  private var sentences: [String] {
    var all = explanation?.sentences ?? []
    if !all.contains(outcome.reason) { all.insert(outcome.reason, at: 0) }
    // A shadowed row's notice names what counts.
    all.removeAll { $0.isEmpty || outcome.status == .shadowed && $0 == outcome.reason }
    if let reported = observation.facts.reportedCost {
      all.append(
        "The call came with a cost of \(MoneyText(reported.amount, fine: true).text), \(Self.origin(reported.source)).")
    }
    if outcome.status == .reported, let computed = outcome.computed {
      all.append("From usage and price it would be \(MoneyText(computed, fine: true).text).")
    }
    if let conditions = explanation?.conditions, !conditions.isEmpty {
      all.append("Conditions met: \(conditions.joined(separator: "; ")).")
    }
    if let source = explanation?.source, !source.isEmpty { all.append(source) }
    return all
  }

  /// A resent or older call keeps what was booked: its lines are then no account of it.
  private var outdated: HTML {
    guard let words = explanation?.outdated else { return "" }
    return "<p class=\"notice amber\"><b>Prices changed since.</b> \(words)</p>"
  }

  private var considered: HTML {
    let others = explanation?.considered ?? []
    let link = explanation?.priceAddress.map { "<a href=\"\(url: $0)\">All prices of this model</a>" as HTML }
    guard !others.isEmpty else { return link.map { "<p class=\"more note\">\($0)</p>" } ?? "" }
    return """
      <details class="usage"><summary>What else was considered</summary><ul class="reasons">\(others, { other in
        "<li><code>\(other.label)</code> \(other.why)</li>"
      })</ul>\(link, some: { "<p>\($0)</p>" })</details>
      """
  }

  private static func origin(_ source: ReportedCost.Source) -> String {
    switch source {
    case .provider: "stated by the provider"
    case .sender: "given by the sender"
    case .instrumentation: "computed by the instrumentation and kept beside"
    }
  }

  private var table: HTML {
    let lines = explanation?.lines ?? []
    if outcome.status == .shadowed { return "<p class=\"note\">Nothing here: it is counted elsewhere.</p>" }
    return lines.isEmpty ? total : priced(lines)
  }

  private var total: HTML {
    "<table class=\"sum\"><tfoot><tr><th scope=\"row\">Cost\(EstimateMark(observation: observation))</th><td class=\"n\">\(amount)</td></tr></tfoot></table>"
  }

  private func priced(_ lines: [CostExplanationView.Line]) -> HTML {
    let units = Set(lines.compactMap { $0.unitPrice == nil ? nil : $0.unit })
    // One unit for all stands in the head, once.
    let unit = units.count == 1 ? units.first : nil
    return """
    <table class="sum"><thead><tr><th scope="col">Usage</th><th scope="col" class="n">Quantity</th>\
    <th scope="col" class="n">Price\(unit, some: { " <small>per \($0)</small>" })</th>\
    <th scope="col" class="n">Amount</th></tr></thead><tbody>\(lines, { line in
      """
      <tr><th scope="row">\(line.bucket)\(line.note, some: { " <small class=\"note\">\($0)</small>" })</th>\
      <td class="n">\(CountText(line.quantity))</td><td class="n price">\(line.contractedPrice, some: { "<s class=\"note\">\(line.unitPrice)</s> \($0)" })\
      \(line.contractedPrice == nil ? line.unitPrice ?? "no price" : nil)\
      \(unit == nil ? line.unit : nil, some: { " <small class=\"note\">per \($0)</small>" })</td>\
      <td class="n">\(MoneyText(line.amount, fine: true, unknown: "This part has no price"))</td></tr>
      """
    })</tbody><tfoot><tr><th scope="row" colspan="3">\(outcome.status == .reported ? "Computed" : "Cost")\(EstimateMark(observation: observation))</th>\
    <td class="n">\(outcome.status == .reported ? MoneyText(outcome.computed, fine: true, unknown: "Not computed").html : amount)</td></tr>\
    \(if: outcome.status == .reported, "<tr><th scope=\"row\" colspan=\"3\">Reported, used</th><td class=\"n\">\(amount)</td></tr>")</tfoot></table>
    """
  }

  private var amount: HTML {
    MoneyText(
      outcome.cost, fine: true, unknown: outcome.reason.isEmpty ? "The cost is not known" : outcome.reason
    ).html
  }

  /// How the tokens were read.
  private var usage: HTML {
    guard let report = observation.facts.usage else { return "" }
    return """
      <details class="usage"\(if: !report.flags.isEmpty, " open")><summary>How the tokens were read</summary>\
      <p>Rule <code>\(report.rule)</code>.\(report.flags.doubts, { " <span class=\"\($0 == .servedFromCache ? "note" : "amber")\">\(UsageWords.sentence($0))</span>" })</p>
      <table class="sum"><tbody>\(report.usage.entries, { entry in
        "<tr><th scope=\"row\">\(UsageWords.name(entry.bucket))</th><td class=\"n\">\(CountText(entry.count))</td></tr>"
      })</tbody><tfoot><tr><th scope="row">Tokens in all</th><td class="n">\(CountText(report.usage.totalTokens))</td>\
      </tr></tfoot></table>
      <p class="note">As it was sent</p><pre data-copyable>\(report.raw)</pre></details>
      """
  }
}

/// The costs of a call that are told apart: at list prices, as contracted, as it counts, and what was charged first. Only where they
/// differ.
struct CostKinds: HTMLConvertible {
  let observation: Observation

  private var outcome: CostOutcome { observation.decision.cost }

  var html: HTML {
    guard outcome.status != .shadowed, !rows.isEmpty else { return "" }
    return """
      <table class="sum kinds"><tbody>\(rows, { row in
        """
        <tr><th scope="row">\(row.name) <small class="note">\(row.note)</small></th>\
        <td class="n">\(MoneyText(row.amount, fine: true, unknown: "It had no known cost"))</td></tr>
        """
      })</tbody></table>
      """
  }

  private var rows: [(name: String, note: String, amount: USD?)] {
    var rows: [(name: String, note: String, amount: USD?)] = []
    let list = outcome.list ?? outcome.computed
    if list != outcome.computed || (outcome.status == .reported && outcome.computed != nil) || outcome.list != nil {
      rows.append(("List", "at the catalogue’s prices", list))
      rows.append(("Contracted", "with your own prices and discounts", outcome.computed))
      rows.append(("Effective", outcome.status == .reported ? "as reported, counts in every total" : "counts in every total", outcome.cost))
    }
    if let first = observation.decision.firstCharge {
      let note = first.status.isUnpriced ? "before it was re-priced; it had no full price" : "before it was re-priced"
      rows.append(("Charged first", note, first.cost))
    }
    return rows
  }
}
