import Domain
import HTML

/// The keys that the reader manages.
public struct KeyListPage: Sendable {
  public var work: WorkFrame
  /// Newest first.
  public var keys: [KeyView]
  /// Whether there is a project for which the reader may make one.
  public var makesKeys: Bool

  public init(work: WorkFrame, keys: [KeyView], makesKeys: Bool) {
    self.work = work
    self.keys = keys
    self.makesKeys = makesKeys
  }

  public func render() -> HTML {
    let (revoked, live) = (keys.filter { $0.key.revokedAt != nil }, keys.filter { $0.key.revokedAt == nil })
    return work.page(
      "Keys", tab: SettingsTab.keys,
      """
      \(work.problemNote)\(if: makesKeys, "<p class=\"actions top-actions\"><a class=\"button\" href=\"\(url: Route.newKey)\">Make a key</a></p>")
      \(live.isEmpty ? Self.empty(makesKeys) : table(live))
      \(if: !revoked.isEmpty, "<details class=\"add\"><summary>Revoked, \(CountText(Int64(revoked.count)))</summary>\(table(revoked))</details>")
      """)
  }

  private static func empty(_ makesKeys: Bool) -> HTML {
    """
    <section class="empty"><h2>No keys</h2><p>Applications send their traces with a key, and scripts read with one. \
    \(makesKeys ? "Each should have its own, so that one can be revoked without the others." : "Keys are made for projects; you have none yet. Ask an owner or a team lead.")</p></section>
    """
  }

  private func table(_ keys: [KeyView]) -> HTML {
    """
    <table class="rows keys"><thead><tr><th scope="col">Key</th><th scope="col" class="fold">Project</th><th scope="col">May</th>\
    <th scope="col" class="fold">Calls go to</th><th scope="col" class="fold">Made by</th><th scope="col">Last used</th></tr></thead>\
    <tbody>\(keys, row)</tbody></table>
    """
  }

  private func row(_ view: KeyView) -> HTML {
    let key = view.key
    return """
      <tr><th scope="row"><span class="cell"><a class="row" href="\(url: Route.key(key.id))">\(key.name)</a></span>\
      <small class="under show">\(key.publicKey)</small><small class="under">\(view.project)</small></th>\
      <td class="fold">\(view.project)\(key.environment, some: { " <span class=\"note\">\($0)</span>" })</td>\
      <td>\(KeyWords.scopes(key.scopes))</td><td class="fold">\(KeyWords.team(view))</td>\
      <td class="fold">\(Self.maker(key))<small class="under show">\(work.moment(key.createdAt))</small></td>\
      <td>\(used(view))</td></tr>
      """
  }

  private static func maker(_ key: APIKey) -> HTML {
    key.madeBy.isEmpty ? "<span class=\"none\">not noted</span>" : HTML(text: key.madeBy)
  }

  private func used(_ view: KeyView) -> HTML {
    let last: HTML = view.lastUsedAt.map { work.moment($0) } ?? "<span class=\"none\">never</span>"
    return "\(last)\(view.lastUsedAddress, some: { "<small class=\"under show\">\($0)</small>" })\(warning(view))"
  }

  private func warning(_ view: KeyView) -> HTML {
    let now = work.frame.now
    if let revoked = view.key.revokedAt { return "<small class=\"under show\">revoked \(work.moment(revoked))</small>" }
    guard let end = view.key.expiresAt else { return "" }
    if end <= now { return "<small class=\"under show error\">expired \(work.moment(end))</small>" }
    let isSoon = end < now.adding(seconds: 14 * 86_400)
    return "<small class=\"under show\(if: isSoon, " amber")\">expires \(work.moment(end))</small>"
  }
}
