import Domain
import HTML

/// Erasing end users, and giving them what is kept of them.
public struct ErasureListPage: Sendable {
  public var work: WorkFrame
  public var erasures: [Erasure]
  /// Typed, given back when it was not accepted.
  public var user: String
  public var reason: String

  public init(work: WorkFrame, erasures: [Erasure], user: String = "", reason: String = "") {
    self.work = work
    self.erasures = erasures
    self.user = user
    self.reason = reason
  }

  public func render() -> HTML {
    work.page(
      "End users’ data", tab: SettingsTab.erasure,
      """
      \(work.problemNote)
      <section class="measure"><h2>Export what is kept of a user</h2>
      <form class="filters" method="get" action="\(Route.userData)"><label>User, as applications send it<input name="user" required maxlength="1000" spellcheck="false" autocapitalize="off"></label>\
      <button>Download</button></form>
      <p class="note">Traces, calls, inputs, outputs, metadata and scores, one JSON object a line.</p></section>
      <section class="measure"><h2>Erase a user</h2>\(form)
      <p class="note">Inputs, outputs, metadata, error texts and comments of every trace that the user took part in are removed, in whole traces. Calls, tokens and cost stay, under a pseudonym, \
      and so do their owner and every total. What arrives later under the same name is stored under the pseudonym, without content. It can’t be undone.</p></section>
      \(if: !erasures.isEmpty, list)
      """)
  }

  private var form: HTML {
    """
    <form class="filters" method="post" action="\(Route.erasures)">\(work.token)
    <label>User, as applications send it<input name="user" value="\(user)" required maxlength="1000" spellcheck="false" autocapitalize="off" autocomplete="off"></label>\
    <label>The same again<input name="again" required maxlength="1000" spellcheck="false" autocapitalize="off" autocomplete="off"></label>\
    <label>Reason<input name="reason" value="\(reason)" required maxlength="500" placeholder="Request of 12 November"></label><button class="danger">Erase</button></form>
    """
  }

  private var list: HTML {
    """
    <section><h2>Erasures</h2><table class="rows"><thead><tr><th scope="col">Pseudonym</th><th scope="col">State</th><th scope="col" class="n fold">Traces</th>\
    <th scope="col" class="n fold">Observations</th><th scope="col" class="fold">Reason</th><th scope="col" class="fold">Asked for</th><th scope="col" class="n"><span class="hidden">Receipt</span></th></tr></thead><tbody>\(erasures, row)</tbody></table></section>
    """
  }

  private func row(_ erasure: Erasure) -> HTML {
    """
    <tr><th scope="row"><code>\(erasure.pseudonym)</code></th><td>\(erasure.finishedAt == nil ? "running" : "done")</td><td class="n fold">\(CountText(erasure.traces))</td>\
    <td class="n fold">\(CountText(erasure.observations))</td><td class="fold">\(erasure.reason)</td><td class="fold note">\(work.moment(erasure.requestedAt)) by \(erasure.requestedBy)</td>\
    <td class="n">\(if: erasure.receipt != nil, "<a href=\"\(url: Route.erasureReceipt(erasure.id))\" download>Receipt</a>")</td></tr>
    """
  }
}

extension Route {
  public static let erasures = "/settings/users-data"
  public static let userData = "/settings/users-data/export"
  public static func erasureReceipt(_ id: ErasureID) -> String { "\(erasures)/\(id)/receipt" }
}
