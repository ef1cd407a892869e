import Domain
import HTML
import Testing

@testable import Pages

@Suite struct TracePageTests {
  @Test func everyRowLeadsToItsTrace() {
    let text = TraceListPage.sample.render().string
    let links = text.elements("<a class=\"row\" href=\"", "\"")
    #expect(links.count == 24)
    #expect(links[0].contains("/project/support/traces/4bf92f3577b34da6a3ce929d0e0e4736"))
    #expect(links[2].contains("/project/support/traces/ticket-8841%2Fretry%201"))
  }

  @Test func whatTheReaderMayNotOpenIsCounted() {
    var page = TraceListPage.sample
    #expect(!page.render().string.contains("visible to you"))
    page.visible = VisibleCalls(calls: 40, visible: 12)
    #expect(page.render().string.contains("12 of 40 calls visible to you"))
    page.traces = []
    #expect(page.render().string.contains("12 of 40 calls visible to you."))
    page.visible = VisibleCalls(calls: 40, visible: 40)
    #expect(!page.render().string.contains("visible to you"))
  }

  @Test func headsSortAndTheNextPageKeepsEverything() {
    let text = TraceSamples.list(PageAddress(path: "/traces", query: "model=a&sort=cost")).render().string
    #expect(text.contains("aria-sort=\"descending\"><a href=\"/traces?model=a&amp;sort=cost&amp;order=asc\">Cost"))
    #expect(text.contains("href=\"/traces?model=a&amp;sort=cost&amp;cursor=c2\" rel=\"next\""))
    #expect(text.contains("href=\"/traces?model=a&amp;sort=tokens\""))
  }

  @Test func filterFormKeepsWhatItDoesNotShow() {
    let text = TraceSamples.list(PageAddress(path: "/traces", query: "range=7d&team=-&model=a&model=b&cursor=x"))
      .render().string
    let form = text.elements("<form class=\"filters\"", "</form>")[0]
    for field in [("range", "7d"), ("team", "-"), ("model", "a"), ("model", "b")] {
      #expect(form.contains("<input type=\"hidden\" name=\"\(field.0)\" value=\"\(field.1)\">"))
    }
    #expect(!form.contains("name=\"cursor\""))
  }

  @Test func everyObservationIsALineWithItsLink() {
    let text = TraceDetailPage.sample.render().string
    for observation in TraceSamples.observations {
      let id = observation.facts.id.hex
      #expect(text.contains("id=\"o\(id)\" href=\"?observation=\(id)#o\(id)\""))
    }
    #expect(text.contains("<em>error</em>") && text.contains("unpriced</em>"))
    #expect(text.elements("<a class=\"r ", "</a>").filter { $0.contains("aria-current") }.count == 1)
  }

  @Test func shadowedRowsSayWhatCountsInTheirPlace() {
    let text = TraceSamples.detailPage(query: "observation=0000000000000006").render().string
    #expect(
      text.contains(
        "<a href=\"?observation=0000000000000005#o0000000000000005\" data-pane>plan the answer</a> is counted."))
    #expect(text.contains("<b>Not counted here.</b>") && text.contains("same response id"))
    #expect(
      TraceDetailPage.sample.render().string.contains(
        "because it reports the same usage: <a href=\"?observation=0000000000000006"))
  }

  @Test func costIsExplainedLineByLine() throws {
    let text = TraceDetailPage.sample.render().string
    let table = try #require(text.elements("<section class=\"why\"", "</table>").first)
    #expect(
      table.elements("<tr><th scope=\"row\">", "</tr>").count == 4
        && table.contains("<th scope=\"row\" colspan=\"3\">Cost"))
    #expect(table.contains("$3 per 1 M") && table.contains("title=\"$0.0226536\""))
    #expect(text.contains("Rule <code>anthropic-exclusive</code>") && text.contains("checked 14 Nov 2026"))
  }

  @Test func priceNamesItsUnitAndBillingNote() throws {
    var pane = try #require(
      ObservationPane(
        zone: Sample.zone, detail: TraceSamples.detail, id: ObservationID(5), content: .withheld, explanation: nil))
    pane.explanation = CostExplanationView(
      lines: [
        .init(
          bucket: "Reasoning", quantity: 8, unitPrice: "$0.6", unit: "million tokens", amount: Sample.usd("0.0000048"),
          note: "billed as output")
      ], sentences: [], source: "")
    let text = pane.render().string
    #expect(text.contains("Price <small>per million tokens</small></th>") && text.contains(">$0.6</td>"))
    #expect(text.contains("Reasoning <small class=\"note\">billed as output</small>"))
    pane.explanation?.lines.append(
      .init(bucket: "Searches", quantity: 2, unitPrice: "$10", unit: "thousand searches", amount: Sample.usd("0.02")))
    let mixed = pane.render().string
    #expect(mixed.contains("$10 <small class=\"note\">per thousand searches</small>") && mixed.contains(">Price</th>"))
  }

  @Test func onlyNamesThatMayBeCutHaveAHoverText() {
    let text = TraceDetailPage.sample.render().string
    #expect(text.contains("<b><i>tool</i>track_parcel"))
    #expect(!TraceSamples.large(100).render().string.contains("<b title=\"step"))
  }

  @Test func contentIsWithheldFromThoseWhoMayNotReadIt() {
    let text = TraceSamples.detailPage(query: "observation=0000000000000005", content: .withheld).render().string
    #expect(text.contains("You have no access to inputs and outputs here") && !text.contains("00340434161094021501"))
  }

  @Test func findKeepsOnlyMatchingLinesAndItsSelection() {
    let text = TraceSamples.detailPage(query: "find=TRACK&observation=0000000000000007").render().string
    #expect(text.elements("<a class=\"r d", "</a>").count == 2)
    #expect(text.contains("href=\"?find=TRACK&amp;observation=0000000000000008#"))
  }

  @Test func paneAloneIsTheSameAsInThePage() throws {
    let detail = TraceSamples.detail
    let id = ObservationID(5)
    let pane = try #require(
      ObservationPane(
        zone: Sample.zone, detail: detail, id: id, content: .visible(TraceSamples.bodies(id)),
        explanation: TraceSamples.explanation(id)))
    #expect(TraceDetailPage.sample.render().string.contains(pane.render().string))
  }

  @Test func tenThousandLinesStaySmall() {
    let bytes = TraceSamples.large(10_000).render().bytes.count
    #expect(bytes < 10_000 * 300)
  }

  @Test func secretsNeverReachTheConnectPage() {
    let text = ConnectPage.sample.render().string
    #expect(text.contains("pk-lf-5a1c9d0e-77b2-4f0e-9b1f-2f6f1b8f0c11") && !text.contains("sk-lf-"))
    #expect(text.elements("<details class=\"snippet\"", "</details>").count == 7)
    #expect(text.contains("In its shell") && text.contains("In its code") && text.contains("href=\"#senders\""))
    #expect(text.contains("https://quipu.meridian.example/v1/traces") && !text.contains("example//"))
    #expect(text.contains("2 refused: a field has a wrong value"))
  }

  @Test func smallPageIsExactly() {
    let pane = EmptyState(title: "No <trace>", text: "Nothing & nobody.", action: ("Do it", "/traces?model=a&b=1")).html
      .string
    #expect(
      pane == """
        <section class="empty"><h2>No &lt;trace&gt;</h2><p>Nothing &amp; nobody.</p><p><a class="button" href="/traces?model=a&amp;b=1">Do it</a></p></section>
        """)
    #expect(SignInPage.sample.render().string == Self.signIn)
  }

  static let signIn = """
    <!doctype html>
    <html lang="en">
    <head><meta charset="utf-8"><title>Sign in · Quipu</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">
    <link rel="icon" href="/assets/favicon.svg?v=1" type="image/svg+xml">
    <link rel="stylesheet" href="/assets/css/quipu.css?v=1">
    <script src="/assets/js/quipu.js?v=1" defer></script></head>
    <body class="plain"><main id="main" class="sign-in">
    <p class="brand">\(Icon.brand.string)<span>Quipu</span></p>
    <h1>Sign in</h1>

    <form method="post" action="/sign-in"><input type="hidden" name="csrf" value="csrf-1"><input type="hidden" name="next" value="/">
    <label>E-mail<input type="email" name="email" value="" autocomplete="username" required autofocus></label>
    <label>Password<input type="password" name="password" autocomplete="current-password" required></label>
    <button class="primary">Sign in</button></form>
    <p class="note">No account yet, or the password is lost? An owner or admin of this installation sends you a link.</p>
    </main></body>
    </html>
    """

  private func searched(_ excerpt: [TraceMatch.Piece], next: String?, back: Timestamp?, bodies: Bool = true) -> String {
    var page = TraceSamples.list(PageAddress(path: "/traces", query: "q=refund"))
    let step = TraceMatch.Step(id: "span-1", name: "chat <gpt>")
    let found = excerpt.isEmpty ? [] : [(trace: TraceSamples.item(0), match: TraceMatch(place: .body(.output, of: step), excerpt: excerpt))]
    page.traces = found.map(\.trace)
    page.next = next
    page.total = nil
    page.search = SearchOutcome(TraceSearchPage(found: found, next: next, searchedBackTo: back, searchedBodies: bodies))
    return page.render().string
  }

  @Test func aHitIsMarkedAndNothingElseOfTheTextIsMarkup() {
    let html = searched([.init(text: "the <b>", isHit: false), .init(text: "Re<fund", isHit: true)], next: nil, back: nil)
    #expect(html.contains("the &lt;b&gt;<mark>Re&lt;fund</mark>"))
    #expect(html.contains("chat &lt;gpt&gt;, output: "))
    #expect(html.contains("observation=span-1"))
    #expect(html.contains("The whole range has been searched"))
    #expect(!html.contains("aria-sort"))
  }

  @Test func aSearchThatEndedEarlySaysHowFarItGotAndGoesOn() {
    for excerpt in [[], [TraceMatch.Piece(text: "refund", isHit: true)]] {
      let html = searched(excerpt, next: "c9", back: Sample.ago(3600))
      #expect(html.contains("Searched back to"))
      #expect(html.contains("q=refund&amp;cursor=c9"))
      #expect(!html.contains("whole range"))
    }
    #expect(searched([], next: nil, back: nil).contains("Nothing found"))
    #expect(searched([], next: nil, back: nil, bodies: false).contains("reads no inputs and outputs"))
  }

  private func notes(_ level: ContentLevel, byKey: Bool = false, leftOut: Set<ContentField> = [], _ masked: [ContentNote.Masked] = []) -> ContentNotes {
    var note = ContentNote(stamp: Stamp(time: 1, rank: 0, hash: 1), level: level, isByKey: byKey)
    (note.leftOut, note.masked) = (leftOut, masked)
    return ContentNotes([note])
  }

  @Test func whatWasDoneToContentIsSaidAsItWasThen() {
    let counted = notes(.masked, [.init(.input, "email", 1), .init(.output, "email", 1), .init(.input, "card", 1), .init(.input, "ticket", 3)])
    let shown = ContentBodies(bodies: Bodies(input: "[email]"), level: .full, notes: counted).html.string
    #expect(shown.contains("Masked when stored: 3 values of ticket, 2 e-mail addresses, 1 card number."))
    #expect(!ContentBodies(bodies: Bodies(), level: .full, notes: counted).html.string.contains("e-mail"))
    let quiet = ContentBodies(bodies: Bodies(input: "hello"), level: .masked, notes: notes(.masked, byKey: true)).html.string
    #expect(quiet.contains("Masked when stored, by the key’s policy: nothing was found to mask."))
    #expect(quiet.contains("The project now keeps content masked."))
    let none = ContentBodies(bodies: Bodies(), level: .none, notes: notes(.none, byKey: true, leftOut: [.output, .input])).html.string
    #expect(none.contains("Not stored: the key’s policy was no content.") && none.contains("Left out: input, output."))
    #expect(!none.contains("none was sent"))
    let metadata = ContentBodies(bodies: Bodies(metadata: ["{}"]), level: .metadataOnly, notes: notes(.metadataOnly, leftOut: [.input])).html.string
    #expect(metadata.contains("Not stored: the project kept metadata only.") && !metadata.contains("now keeps"))
    #expect(ContentExpired(notes: counted).html.string.contains("Expired.") && !ContentExpired(notes: counted).html.string.contains("e-mail"))
  }

  @Test func whatTheProjectLeavesOutIsNotSaidToBeUnsent() {
    let none = ContentBodies(bodies: Bodies(), level: .none).html.string
    #expect(none.contains("keeps no content") && !none.contains("was sent.") && none.contains("content rules left it out"))
    #expect(ContentBodies(bodies: Bodies(), level: .metadataOnly).html.string.contains("keeps metadata only"))
    #expect(!ContentBodies(bodies: Bodies()).html.string.contains("The project now keeps"))
  }
}
