import Domain
import HTML
import Testing

@testable import Pages

@Suite struct DoubtTests {
  private func list(_ query: String) -> String {
    TraceSamples.list(PageAddress(path: "/traces", query: query)).render().string
  }

  private func pane(_ flags: UsageFlags, usage: Usage = Usage([.input: 10])) -> (line: String, pane: String) {
    var observation = TraceSamples.make(5, nil, .generation, "a call", 0, 1000, usage: usage, cost: "0.01", model: "gpt-4o")
    observation.facts.usage?.flags = flags
    var detail = TraceSamples.detail
    detail.observations = [observation]
    let outline = OutlineRows(
      observations: detail.observations, outline: TraceOutline(detail.observations), address: PageAddress(path: "/")).html.string
    let pane = ObservationPane(
      zone: Sample.zone, detail: detail, id: observation.facts.id, content: .withheld, explanation: nil)
    return (outline, pane?.render().string ?? "")
  }

  @Test(arguments: ["/traces?doubt=contradiction", "/traces?model=a&doubt=unexplained,estimated&sort=cost"])
  func doubtsAreKeptInTheAddress(url: String) {
    let parts = url.split(separator: "?")
    #expect(PageAddress(path: String(parts[0]), query: parts[1]).url == url)
  }

  @Test func aDoubtThatDoesNotExistIsIgnored() {
    #expect(PageAddress(path: "/traces", query: "doubt=guess") == PageAddress(path: "/traces"))
  }

  @Test func theFormOffersEveryDoubtAndShowsWhichIsAsked() throws {
    let form = try #require(list("doubt=contradiction").elements("<form class=\"filters\"", "</form>").first)
    for doubt in UsageDoubt.allCases { #expect(form.contains("<option value=\"\(doubt.rawValue)\"")) }
    #expect(form.elements("<option", "</option>").filter { $0.contains(" selected") }.count == 1)
    #expect(form.contains("<option value=\"contradiction\" selected>"))
    #expect(!form.contains("type=\"hidden\" name=\"doubt\""))
    let without = try #require(list("").elements("<form class=\"filters\"", "</form>").first)
    #expect(!without.contains(" selected"))
  }

  @Test func severalDoubtsOfAnAddressStayWhenTheFormIsSent() throws {
    let form = try #require(list("doubt=unexplained,unreadable").elements("<form class=\"filters\"", "</form>").first)
    #expect(form.contains("<option value=\"unexplained,unreadable\" selected>"))
  }

  @Test func aChipTakesTheDoubtAwayAndPagingKeepsIt() {
    let text = list("doubt=unexplained&model=a")
    #expect(text.contains("aria-label=\"Remove filter Doubt tokens no part explains\""))
    #expect(text.contains("<a href=\"/traces?model=a\" aria-label=\"Remove filter Doubt"))
    #expect(text.contains("href=\"/traces?model=a&amp;doubt=unexplained&amp;cursor=c2\" rel=\"next\""))
  }

  @Test func eachOfSeveralDoubtsHasItsChip() {
    let text = list("doubt=unexplained,unreadable")
    #expect(text.contains("<a href=\"/traces?doubt=unreadable\" aria-label=\"Remove filter Doubt tokens no part explains\""))
    #expect(text.contains("<a href=\"/traces?doubt=unexplained\" aria-label=\"Remove filter Doubt unreadable count\""))
    let any = list("doubt=" + UsageFlags.uncertain.names.joined(separator: ","))
    #expect(any.contains("<a href=\"/traces\" aria-label=\"Remove filter Doubt any\""))
  }

  @Test func whatTheProviderChargedIsNoEstimate() throws {
    var observation = TraceSamples.make(5, nil, .generation, "a call", 0, 1000, usage: Usage([.input: 10]), cost: "0.01", model: "gpt-4o")
    observation.facts.usage?.flags = .estimatedBySender
    observation.decision.cost.status = .reported
    for (source, isSaid) in [(ReportedCost.Source.provider, false), (.sender, true)] {
      observation.facts.reportedCost = ReportedCost(amount: Sample.usd("0.01"), source: source)
      var detail = TraceSamples.detail
      detail.observations = [observation]
      let pane = ObservationPane(zone: Sample.zone, detail: detail, id: observation.facts.id, content: .withheld, explanation: nil)
      let cost = try #require(pane?.render().string.elements("<dt>Cost</dt>", "</dd>").first)
      #expect(cost.contains("estimated by the sender") == isSaid)
    }
  }

  @Test func aRowInDoubtIsMarkedWithTheReason() {
    #expect(pane([.contradiction]).line.contains(">doubt</em>"))
    #expect(pane([.contradiction]).line.contains("disagrees with every reading"))
    #expect(pane([.contradiction, .estimatedBySender]).line.contains(">doubt</em>"))
    #expect(pane([.estimatedBySender]).line.contains(">estimate</em>"))
    #expect(pane([.servedFromCache]).line.contains(">cached</em>"))
    #expect(!pane([]).line.contains("<em"))
  }

  @Test func anEstimateIsSaidBesideTheCost() throws {
    let cost = try #require(pane([.estimatedBySender]).pane.elements("<dt>Cost</dt>", "</dd>").first)
    #expect(cost.contains("$0.01") && cost.contains("estimated by the sender"))
    let why = try #require(pane([.estimatedBySender]).pane.elements("<section class=\"why\"", "</table>").first)
    #expect(why.contains("estimated by the sender"))
    #expect(!pane([.contradiction]).pane.contains("estimated by the sender"))
  }

  @Test(arguments: UsageDoubt.allCases) func everyDoubtIsExplained(doubt: UsageDoubt) {
    #expect(pane(doubt.flag).pane.contains(UsageWords.sentence(doubt)))
  }

  @Test func aHitOfACacheSaysThatNobodyWasAsked() {
    #expect(pane([.servedFromCache]).pane.contains("the provider was not asked"))
  }
}
