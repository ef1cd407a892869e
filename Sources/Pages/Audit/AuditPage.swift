import Domain
import HTML

/// A line of the audit log, ready to be shown.
public struct AuditLine: Sendable {
  public var number: Int64
  public var at: Timestamp
  public var actor: String
  public var action: String
  public var subject: String
  /// What changed, or what else is to be said: name and value, values as JSON writes them.
  public var detail: [(name: String, value: String)]
  /// The same of a value before and after.
  public var changes: [(name: String, before: String?, after: String?)]
  public var address: String?
  public var agent: String?
  /// In hexadecimal.
  public var sha256: String

  public init(
    number: Int64, at: Timestamp, actor: String, action: String, subject: String, detail: [(name: String, value: String)] = [],
    changes: [(name: String, before: String?, after: String?)] = [], address: String?, agent: String?, sha256: String
  ) {
    self.number = number
    self.at = at
    self.actor = actor
    self.action = action
    self.subject = subject
    self.detail = detail
    self.changes = changes
    self.address = address
    self.agent = agent
    self.sha256 = sha256
  }
}

/// What the reader of the audit log asked for, as typed.
public struct AuditChoice: Sendable, Hashable {
  /// Days, both included; "" asks nothing.
  public var from: String
  public var to: String
  public var actor: String
  public var action: String
  public var subject: String

  public init(from: String = "", to: String = "", actor: String = "", action: String = "", subject: String = "") {
    self.from = from
    self.to = to
    self.actor = actor
    self.action = action
    self.subject = subject
  }

  var isEmpty: Bool { self == AuditChoice() }

  func url(_ path: String, before: String? = nil) -> String {
    Route.query(path, [("from", from), ("to", to), ("actor", actor), ("action", action), ("subject", subject), ("before", before)])
  }
}

extension Route {
  public static let audit = "/settings/audit"
  public static let auditFile = "/settings/audit/file"
}

/// Who did what, newest first.
public struct AuditPage: Sendable {
  public var work: WorkFrame
  public var lines: [AuditLine]
  public var choice: AuditChoice
  /// Every action that occurs.
  public var actions: [String]
  /// For the page after this one; nil on the last.
  public var next: String?

  public init(work: WorkFrame, lines: [AuditLine], choice: AuditChoice, actions: [String], next: String?) {
    self.work = work
    self.lines = lines
    self.choice = choice
    self.actions = actions
    self.next = next
  }

  public func render() -> HTML {
    work.page(
      "Audit log", tab: SettingsTab.audit,
      """
      <p class="note intro">Who did what, from where. Entries are never changed or removed; each holds the hash of the one before, and <code>quipu audit verify</code> \
      finds the first that is not as it was written.</p>
      \(work.problemNote)\(form)\(lines.isEmpty ? empty : list)\(next, some: more)
      """)
  }

  private var form: HTML {
    """
    <form class="filters" method="get" action="\(Route.audit)">\
    <label>From<input type="date" name="from" value="\(choice.from)"></label><label>To, included<input type="date" name="to" value="\(choice.to)"></label>\
    <label>Who<input name="actor" value="\(choice.actor)" placeholder="part of an address"></label>\
    <label>What\(Select(name: "action", options: [("", "anything")] + actions.map { ($0, $0) }, chosen: choice.action))</label>\
    <label>Subject<input name="subject" value="\(choice.subject)" placeholder="part of it"></label><button>Show</button> \
    \(if: !choice.isEmpty, "<a href=\"\(url: Route.audit)\">Clear</a> ")<a href="\(url: choice.url(Route.auditFile))" download>CSV</a></form>
    """
  }

  private var empty: HTML {
    choice.isEmpty
      ? "<section class=\"empty\"><h2>Nothing yet</h2><p>Sign-ins, changes of settings, prices, rules and roles, and files taken stand here.</p></section>"
      : "<section class=\"empty\"><h2>Nothing found</h2><p>No entry is as asked. <a href=\"\(url: Route.audit)\">Show all</a>.</p></section>"
  }

  private var list: HTML {
    """
    <table class="rows audit"><thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th><th scope="col">Subject</th>\
    <th scope="col" class="fold">From</th><th scope="col" class="n fold">Entry</th></tr></thead><tbody>\(lines, row)</tbody></table>
    """
  }

  private func row(_ line: AuditLine) -> HTML {
    """
    <tr><td class="when">\(work.moment(line.at))</td><td class="who">\(line.actor)</td><td class="what"><a class="plain-link" href="\(url: AuditChoice(action: line.action).url(Route.audit))">\(line.action)</a></td>\
    <td class="subject">\(line.subject)\(if: !line.detail.isEmpty || !line.changes.isEmpty, facts(line))</td>\
    <td class="fold note">\(line.address.map { HTML(text: $0) } ?? "<span class=\"none\">not by a request</span>")\(line.agent, some: { "<small class=\"under\" title=\"\($0)\">\($0.prefix(60))</small>" })</td>\
    <td class="n fold"><span title="SHA-256 \(line.sha256)">\(line.number)</span></td></tr>
    """
  }

  private func facts(_ line: AuditLine) -> HTML {
    """
    <details><summary>Details</summary><dl class="facts">\(line.changes, { change in
      """
      <div><dt>\(change.name)</dt><dd>\(change.before.map { HTML(text: $0) } ?? "<span class=\"none\">none</span>") → \
      \(change.after.map { HTML(text: $0) } ?? "<span class=\"none\">none</span>")</dd></div>
      """
    })\(line.detail, { "<div><dt>\($0.name)</dt><dd>\($0.value)</dd></div>" })</dl></details>
    """
  }

  private func more(_ next: String) -> HTML {
    "<p class=\"more\"><a href=\"\(url: choice.url(Route.audit, before: next))\" rel=\"next\">Earlier entries</a></p>"
  }
}
