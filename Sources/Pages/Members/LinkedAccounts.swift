import Domain
import HTML

/// An account at an identity provider, as shown.
public struct LinkedAccountView: Sendable {
  /// Names of providers; none is left of whose accounts open nothing.
  public var providers: [String]
  public var isOpen: Bool
  public var issuer: String
  public var subject: String
  public var email: String
  public var linkedAt: Timestamp
  public var linkedBy: String
  public var lastUsedAt: Timestamp?
  /// Nothing else lets the member in.
  public var isLastWay: Bool

  public init(
    providers: [String], isOpen: Bool, issuer: String, subject: String, email: String, linkedAt: Timestamp, linkedBy: String,
    lastUsedAt: Timestamp?, isLastWay: Bool
  ) {
    self.providers = providers
    self.isOpen = isOpen
    self.issuer = issuer
    self.subject = subject
    self.email = email
    self.linkedAt = linkedAt
    self.linkedBy = linkedBy
    self.lastUsedAt = lastUsedAt
    self.isLastWay = isLastWay
  }

  /// "Acme", or the issuer where no provider is left.
  var name: String { providers.isEmpty ? issuer : providers.joined(separator: ", ") }
}

/// Accounts at identity providers by which a member signs in.
struct LinkedAccountList: HTMLConvertible {
  var work: WorkFrame
  /// nil: nothing is said of them, as there are no providers.
  var accounts: [LinkedAccountView]?
  /// Where unlinking one is sent; nil: the reader only looks.
  var path: String?
  var isSelf: Bool

  var html: HTML {
    guard let accounts else { return "" }
    return """
      <section class="measure" id="linked"><h2>Sign-in by providers</h2>\(if: accounts.isEmpty, "<p class=\"note\">No account at an identity provider is linked.</p>")\
      \(if: !accounts.isEmpty, """
        <table class="rows linked"><thead><tr><th scope="col">Account</th><th scope="col" class="fold">Linked</th><th scope="col">Last sign-in</th>\
        <th scope="col" class="n"><span class="hidden">Unlink</span></th></tr></thead><tbody>\(accounts, row)</tbody></table>
        """)\(if: path != nil, "\(accounts.filter(\.isLastWay), lastWay)\(if: !accounts.isEmpty, note)")</section>
      """
  }

  private func row(_ account: LinkedAccountView) -> HTML {
    """
    <tr><th scope="row" title="\(account.issuer)">\(account.name)\(if: !account.isOpen, " <span class=\"tag\">opens nothing</span>")\
    <small class="under show">\(if: !account.email.isEmpty, "\(account.email), ")\(account.subject)</small></th>\
    <td class="fold">\(work.moment(account.linkedAt)) by \(account.linkedBy)</td><td>\(account.lastUsedAt.map { work.moment($0) } ?? "<span class=\"none\">never</span>")</td>\
    <td class="n">\(if: path != nil && !account.isLastWay, form(account, "<button class=\"quiet\">Unlink<span class=\"hidden\"> \(account.name)</span></button>", classes: "inline"))</td></tr>
    """
  }

  /// Asked for beneath the table, with what it means.
  private func lastWay(_ account: LinkedAccountView) -> HTML {
    """
    <p class="note">There is no password, and nothing else lets \(isSelf ? "you" : "this member") in: without \(account.name) only a link from \
    \(isSelf ? "an owner or admin" : "this page") does.</p>\(form(account, """
      <label class="check"><input type="checkbox" name="lastWay" value="1" required> It is the last way in</label><button>Unlink \(account.name)</button>
      """, classes: "filters"))
    """
  }

  private var note: HTML {
    """
    <p class="note">Unlinking signs out everywhere\(if: isSelf, " else"); roles stay. A provider that links members by their verified e-mail links the account again when it is \
    used the next time.</p>
    """
  }

  private func form(_ account: LinkedAccountView, _ content: HTML, classes: String) -> HTML {
    """
    <form class="\(classes)" method="post" action="\(url: path ?? "")">\(work.token)<input type="hidden" name="do" value="unlink">\
    <input type="hidden" name="issuer" value="\(account.issuer)"><input type="hidden" name="subject" value="\(account.subject)">\(content)</form>
    """
  }
}

extension Route {
  public static let accountLinked = "/account/linked"
}
