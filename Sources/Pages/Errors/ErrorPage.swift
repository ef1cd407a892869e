import HTML

/// What happened, whether anything was lost, what to do, and the id that finds it in the log.
public struct ErrorPage: Sendable {
  public var assets: Assets
  public var theme: Theme
  public var status: Int
  /// Short, sentence case: "There is no such page".
  public var title: String
  /// What went wrong.
  public var happened: String
  /// Whether anything was lost.
  public var lost: String
  /// What to do now.
  public var todo: String
  public var requestID: String

  public init(
    assets: Assets, theme: Theme = .system, status: Int, title: String, happened: String, lost: String, todo: String,
    requestID: String
  ) {
    self.assets = assets
    self.theme = theme
    self.status = status
    self.title = title
    self.happened = happened
    self.lost = lost
    self.todo = todo
    self.requestID = requestID
  }

  public func render() -> HTML {
    Document.page(
      title: "\(title) · Quipu", theme: theme, assets: assets,
      body: """
        <body class="plain"><main id="main" class="error-page">
        <p class="brand">\(Icon.brand)<span>Quipu</span></p>
        <h1>\(title)</h1>
        <dl><dt>What happened</dt><dd>\(happened)</dd><dt>Was anything lost</dt><dd>\(lost)</dd><dt>What to do</dt>\
        <dd>\(todo)</dd>
        <dt>Request</dt><dd><code data-copy="\(requestID)">\(requestID)</code> <span class="note">status \(status)\
        </span></dd></dl>
        <p><a href="\(url: Route.overview)">Go to the overview</a></p>
        </main></body>
        """)
  }
}

extension ErrorPage {
  /// No page or trace at this address, or none that the reader may see (the two look alike on purpose).
  public static func notFound(assets: Assets, theme: Theme = .system, requestID: String) -> ErrorPage {
    ErrorPage(
      assets: assets, theme: theme, status: 404, title: "There is nothing here",
      happened:
        "This address leads to no page, or to something you may not see. A trace that was sent moments ago can take two seconds to appear.",
      lost: "No. Looking at an address changes nothing.",
      todo: "Check the address, wait a moment and load it again, or start from the overview.", requestID: requestID)
  }

  /// A page that the reader's role has no access to. What is behind it is the same for everybody, so that nothing is told by saying so.
  public static func closed(assets: Assets, theme: Theme = .system, reason: String, requestID: String) -> ErrorPage {
    ErrorPage(
      assets: assets, theme: theme, status: 403, title: "This page is not open to you", happened: reason,
      lost: "No. Nothing was shown or changed.", todo: "Ask an owner or admin for a role that has it, or start from the overview.",
      requestID: requestID)
  }

  /// A form that another page made, or this one long ago.
  public static func staleForm(assets: Assets, theme: Theme = .system, reason: String, requestID: String) -> ErrorPage {
    ErrorPage(
      assets: assets, theme: theme, status: 403, title: "This form was not accepted", happened: reason,
      lost: "What was typed into the form. Nothing was changed.", todo: "Go back, load the page again and repeat.", requestID: requestID)
  }

  /// An unexpected failure of the server.
  public static func failed(assets: Assets, theme: Theme = .system, requestID: String) -> ErrorPage {
    ErrorPage(
      assets: assets, theme: theme, status: 500, title: "This page could not be made",
      happened: "The server failed while it prepared the page. The reason is in its log under the request id below.",
      lost: "No. Traces are received and stored apart from the pages.",
      todo: "Load the page again. If it fails again, give the request id to the administrator.", requestID: requestID)
  }

  /// The database does not answer.
  public static func unavailable(assets: Assets, theme: Theme = .system, requestID: String) -> ErrorPage {
    ErrorPage(
      assets: assets, theme: theme, status: 503, title: "The database does not answer",
      happened: "Quipu runs, but cannot reach its database.",
      lost: "Nothing that was acknowledged. Senders are told to try again until the database is back.",
      todo: "Wait a minute and load the page again; the administrator finds the reason in the log.",
      requestID: requestID)
  }
}

/// What a page shows when there is nothing yet: what will be here and the one thing to do.
struct EmptyState: HTMLConvertible {
  var title: String
  var text: String
  /// Words and address of the one thing to do; nil where the reader can do nothing.
  var action: (label: String, address: String)?

  var html: HTML {
    """
    <section class="empty"><h2>\(title)</h2><p>\(text)</p>\(action, some: { action in
      "<p><a class=\"button\" href=\"\(url: action.address)\">\(action.label)</a></p>"
    })</section>
    """
  }
}
