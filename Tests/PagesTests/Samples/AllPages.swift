import HTML

@testable import Pages

/// Every page, full and empty, by name.
enum AllPages {
  static let signedIn: [(name: String, html: HTML)] = [
    ("overview", OverviewPage.sample.render()),
    (
      "overview-team",
      OverviewSample.page(
        PageAddress(path: "/", query: "stack=team&range=24h&environment=production&all=model&user=ada")
      ).render()
    ),
    ("overview-empty", OverviewPage.emptySample.render()),
    ("traces", TraceListPage.sample.render()),
    ("traces-empty", TraceListPage.emptySample.render()),
    ("trace", TraceDetailPage.sample.render()),
    ("trace-whole", TraceSamples.detailPage(query: "").render()),
    ("trace-error", TraceSamples.detailPage(query: "observation=0000000000000007").render()),
    ("trace-shadowed", TraceSamples.detailPage(query: "observation=0000000000000006").render()),
    ("trace-unpriced", TraceSamples.detailPage(query: "observation=000000000000000c").render()),
    (
      "trace-withheld",
      TraceSamples.detailPage(query: "observation=0000000000000005&find=track", content: .withheld).render()
    ),
    ("trace-empty", TraceDetailPage.emptySample.render()),
    ("connect", ConnectPage.sample.render()),
    ("connect-empty", ConnectPage.emptySample.render()),
  ] + PriceSamples.all + SpendSamples.all + ReportSamples.all + StructureSamples.all + ContentSamples.all + KeySamples.all
    + AdminSamples.all
  static let signedOut: [(name: String, html: HTML)] = [
    ("sign-in", SignInPage.sample.render()), ("sign-in-limited", SignInPage.limitedSample.render()),
    ("error", ErrorPage.sample.render()),
  ]
  static var all: [(name: String, html: HTML)] { signedIn + signedOut }
}
