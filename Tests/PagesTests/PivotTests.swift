import Domain
import HTML
import Testing

@testable import Pages

@Suite struct PivotTests {
  private func pivot(_ query: String) -> PivotTable {
    let address = PageAddress(path: "/costs", query: query), source = SpendSamples.source(address)
    return PivotTable(source, address: address, starts: CostsPage.starts(source.overTime, frame: Sample.frame, address: address))
  }

  private func sum(_ lines: some Sequence<PivotTable.Line>) -> Measures { lines.reduce(Measures()) { $0 + $1.measures } }

  @Test func rowsAddUpToTheTotalAndPartsToTheirRow() {
    let table = pivot("by=model,endpoint")
    let rows = table.lines.filter { $0.kind == .row }
    #expect(rows.count == 11 && rows.last?.isOther == true && rows.last?.label == "Other")
    #expect(sum(rows).cost == table.total.measures.cost && sum(rows).calls == table.total.measures.calls)
    #expect(rows.reduce(USD.zero) { $0 + ($1.previous ?? .zero) } == table.total.previous)
    let ofMany = pivot("by=team,model")
    for row in ofMany.lines where row.kind == .row {
      let parts = ofMany.lines.filter { $0.kind == .part && $0.values.first == row.values.first }
      #expect(parts.count == PivotTable.partsCount + 1 && parts.last?.isOther == true)
      #expect(parts.reduce(USD.zero) { $0 + ($1.previous ?? .zero) } == row.previous)
    }
  }

  @Test func partsFollowTheirRow() {
    let table = pivot("by=team,model")
    var row: DimensionValue?
    for line in table.lines.dropFirst() {
      if line.kind == .row { row = line.values.first }
      #expect(line.values.first == row || line.isOther)
    }
  }

  @Test func trendsAddUpToTheirTotal() {
    let table = pivot("by=model")
    let rows = table.lines.filter { $0.kind == .row }
    for step in table.total.trend.indices {
      #expect(rows.reduce(USD.zero) { $0 + $1.trend[step] } == table.total.trend[step])
    }
  }

  @Test(arguments: [("sort=name&order=asc", "claude-haiku-4-5"), ("sort=calls", "gpt-4o-2024-08-06"), ("sort=cost&order=asc", "command-r-plus")])
  func rowsAreInTheOrderOfTheAddress(query: String, first: String) {
    #expect(pivot("by=model&" + query).lines[1].label == first)
  }

  @Test func whatWasThereOnlyBeforeIsNotLost() {
    let address = PageAddress(path: "/costs", query: "by=team")
    var source = SpendSamples.source(address)
    let before = source.rows.previousTotal?.cost ?? .zero
    source.rows.previousTotal?.cost = before + Sample.usd("7")
    let table = PivotTable(source, address: address, starts: [])
    #expect(table.lines.last?.label == "Only before" && table.lines.last?.previous == Sample.usd("7"))
  }

  @Test func otherOfTheStoreAndOfThePageAreOneLine() {
    let address = PageAddress(path: "/costs", query: "by=model")
    var source = SpendSamples.source(address)
    let other = CostRow(values: [.other], start: nil, measures: OverviewSample.measures(4, name: ""))
    source.rows.rows.append(other)
    let others = PivotTable(source, address: address, starts: []).lines.filter(\.isOther)
    #expect(others.count == 1 && others[0].measures.calls == source.rows.rows.suffix(3).reduce(0) { $0 + $1.measures.calls })
  }

  @Test func everyClickLeadsOneLevelDeeperAndFinallyToTheTraces() {
    let page = SpendSamples.costs("range=7d").render().string
    #expect(page.contains("href=\"/costs?range=7d&amp;team=Support&amp;by=endpoint\""))
    #expect(page.contains("href=\"/costs?range=7d&amp;team=-&amp;by=endpoint\""))
    let deeper = SpendSamples.costs("team=Support&by=endpoint").render().string
    #expect(deeper.contains("href=\"/costs?team=Support&amp;endpoint=/answer&amp;by=model\""))
    let last = SpendSamples.costs("team=Support&endpoint=/answer&by=model").render().string
    #expect(last.contains("<a class=\"row\" href=\"/traces?team=Support&amp;model=gpt-4o-mini&amp;endpoint=/answer\""))
    let pairs = SpendSamples.costs("by=team,model").render().string
    #expect(pairs.contains("href=\"/costs?team=Support&amp;by=model\"") && pairs.contains("href=\"/costs?team=Support&amp;model=gpt-4o-mini&amp;by=endpoint\""))
  }

  @Test func usersAndGroupsAreSplitByWhatIsKeptWithThem() {
    #expect(CostDrill.next(fixed: [.user]) == .team && CostDrill.next(fixed: [.user, .team]) == .model)
    #expect(CostDrill.next(fixed: [.team, .endpoint, .model]) == nil)
  }

  @Test func addressesKeepWhatIsShown() {
    let query = "by=team,extra1&measure=listCost&columns=calls,latencyP95Milliseconds&compare=0"
    #expect(PageAddress(path: "/costs", query: query).url == "/costs?" + query)
    #expect(PageAddress(path: "/costs", query: "by=team,team,nope,model,user&columns=none").url == "/costs?by=team,model&columns=none")
    #expect(PageAddress(path: "/costs", query: "measure=cacheHitRate&compare=1").url == "/costs")
    #expect(PageAddress(path: "/users", query: "group=Pro").url == "/users?userGroup=Pro")
    #expect(PageAddress(path: "/costs", query: query).going(to: "/teams").url == "/teams")
  }

  @Test func theFileHasTheAddressOfThePage() {
    let page = SpendSamples.costs("by=team,model&measure=listCost&sort=name&order=asc").render().string
    #expect(page.contains("href=\"/costs.csv?sort=name&amp;order=asc&amp;by=team,model&amp;measure=listCost\""))
  }

  @Test func declaredDimensionsHaveTheirNamesAndOthersAreNotOffered() {
    let page = SpendSamples.costs("extra1=acme&by=team").render().string
    #expect(page.contains(">Tenant</a>") && page.contains("<span class=\"what\">Tenant</span> acme"))
    #expect(!page.contains("Dimension 2"))
  }

  @Test func guardedValuesAreExplained() {
    #expect(SpendSamples.costs("by=endpoint").render().string.contains("beyond the first 1,000 of a day"))
    #expect(!SpendSamples.costs("by=team").render().string.contains("beyond the first 1,000 of a day"))
  }

  @Test func withoutComparisonThereIsNoChange() {
    #expect(SpendSamples.costs("by=team").render().string.contains(">Change"))
    #expect(!SpendSamples.costs("by=team&compare=0").render().string.contains(">Change"))
  }

  @Test func aRefusedQuestionSaysWhatWouldBeAnswered() {
    let page = SpendSamples.costs("by=user,endpoint", answer: .refused("No sums are kept.")).render().string
    #expect(page.contains("No sums are kept.") && page.contains("href=\"/costs?range=7d&amp;by=user,endpoint\""))
  }

  @Test func countsAreStackedAsCounts() {
    let page = SpendSamples.costs("by=model&measure=totalTokens").render().string
    #expect(page.contains("<h2>Tokens by day</h2>") && !page.contains("US dollars,"))
  }
}
