import Domain
import HTML

/// Metadata keys whose values are kept with the money.
public struct DimensionPage: Sendable {
  public var work: WorkFrame
  public var declared: [DeclaredKey]
  /// Typed, given back when it was not accepted.
  public var key: String
  public var label: String
  public var isDimension: Bool

  public init(work: WorkFrame, declared: [DeclaredKey], key: String = "", label: String = "", isDimension: Bool = true) {
    self.work = work
    self.declared = declared
    self.key = key
    self.label = label
    self.isDimension = isDimension
  }

  private var taken: Int { declared.count { $0.place != nil } }

  public func render() -> HTML {
    work.page(
      "Dimensions", tab: SettingsTab.dimensions,
      """
      <p class="note intro">Metadata of calls is kept for a while; money for years. A key that is declared here is kept with the money, so that rules may read it and reports \
      may be split by it. <b>Its values count from the declaration on</b>: earlier calls have none. A declared key stays.</p>
      \(if: !declared.isEmpty, list)\(work.problemNote)\(if: work.canChange, form)\(if: !work.canChange, Self.whoDeclares)
      """)
  }

  private static let whoDeclares: HTML =
    "<p class=\"note\">Owners and admins declare keys: everyone who sees the money sees their values, also who may read no other metadata.</p>"

  private var list: HTML {
    """
    <table class="rows"><thead><tr><th scope="col">Key</th><th scope="col">Shown as</th><th scope="col">Used for</th><th scope="col" class="fold">Counts since</th></tr></thead>
    <tbody>\(declared, { key in
      """
      <tr><th scope="row"><code>\(key.key)</code><small class="under">since \(work.moment(key.declaredAt))</small></th><td>\(key.label)</td>\
      <td>\(use(key))</td><td class="fold note">\(work.moment(key.declaredAt))</td></tr>
      """
    })</tbody></table>
    """
  }

  private func use(_ key: DeclaredKey) -> String {
    if key.namesContent { return "nothing: senders write content under it, and it is not read" }
    return key.place.map { "rules and reports, dimension \($0)" } ?? "rules"
  }

  private var form: HTML {
    let isFull = taken >= 4
    if declared.count >= DeclaredKey.countMax {
      return "<p class=\"notice\"><b>All \(DeclaredKey.countMax) keys are taken.</b> More can’t be declared.</p>"
    }
    return """
      <section class="measure"><h2>Declare a key</h2><form class="filters" method="post" action="\(Route.dimensions)">\(work.token)
      <label>Key, as applications send it<input name="key" value="\(key)" required maxlength="200" placeholder="tenant" autocapitalize="off" spellcheck="false"></label>\
      <label>Shown as<input name="label" value="\(label)" maxlength="100" placeholder="Tenant"></label>\
      <label class="check"><input type="checkbox" name="dimension" value="1"\(if: isDimension && !isFull, " checked")\(if: isFull, " disabled")>A dimension of reports</label><button>Declare</button></form>
      <p class="note">\(isFull ? "All four dimensions are taken; further keys are for rules." : "\(taken) of 4 dimensions are taken.") Over 1,000 values a day fold into “(other)”; of combinations of several keys, over 1,000 new ones a day and project keep the first value only. Values are seen by everyone who sees the money; names of content (prompts, answers, bodies) are not taken, and projects that keep no content keep no values.</p></section>
      """
  }
}
