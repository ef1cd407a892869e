import Domain
import HTML
import Testing

@testable import Pages

@Suite struct AuditPageTests {
  private func page(_ choice: AuditChoice = AuditChoice(), empty: Bool = false) -> String {
    let line = AuditLine(
      number: 7, at: Sample.frame.now, actor: "ada@example.com", action: "role changed", subject: "member <bob>",
      detail: [("reason", "new \"team\"")], changes: [("role", "viewer", "engineer"), ("team", nil, "Search")], address: "192.0.2.7",
      agent: "Browser/1", sha256: "ab12")
    return AuditPage(
      work: ReportSamples.work(Route.audit), lines: empty ? [] : [line], choice: choice, actions: ["role changed", "signed in"],
      next: empty ? nil : "41"
    ).render().string
  }

  @Test func anEntryTellsWhoWhatAndFromWhere() {
    let page = page()
    for part in ["ada@example.com", "member &lt;bob&gt;", "192.0.2.7", "viewer → \\\nengineer".replacing("\\\n", with: ""), "SHA-256 ab12", "new &quot;team&quot;"] {
      #expect(page.contains(part), "\(part)")
    }
    #expect(page.contains("<dt>team</dt><dd><span class=\"none\">none</span> → Search"))
  }

  @Test func whatWasAskedStaysInEveryLink() {
    let page = page(AuditChoice(from: "2026-11-01", actor: "ada&co", action: "signed in"))
    let query = "from=2026-11-01&amp;actor=ada%26co&amp;action=signed%20in"
    #expect(page.contains("/settings/audit/file?\(query)\""))
    #expect(page.contains("/settings/audit?\(query)&amp;before=41\""))
    #expect(page.contains("<option value=\"signed in\" selected>"))
  }

  @Test func anEmptyLogSaysWhy() {
    #expect(page(empty: true).contains("Nothing yet"))
    #expect(page(AuditChoice(actor: "x"), empty: true).contains("Nothing found"))
  }
}
