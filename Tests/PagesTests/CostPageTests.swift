import Domain
import HTML
import Testing

@testable import Pages

@Suite struct CostPageTests {
  private let page = OverviewSample.page(PageAddress(path: "/", query: "range=7d&environment=production&all=model"))

  @Test func everyRowLeadsToTheTracesBehindIt() {
    let text = page.render().string
    for row in text.elements("<tr><th scope=\"row\"><span class=\"cell\">", "</tr>") {
      #expect(row.contains("<a class=\"row") && row.contains("href=\"/traces?range=7d&amp;"))
    }
    for dimension in OverviewPage.tableDimensions {
      for row in page.tables[dimension]?.rows ?? [] {
        var target = PageAddress(path: "/traces", query: "range=7d&environment=production")
        target.filter[dimension] = [row.values[0].value ?? ""]
        #expect(text.contains("href=\"\((HTML(text: target.url)).string)\""), "\(target.url)")
      }
    }
  }

  @Test func tilesAndUnpricedCountsAreLinks() {
    let text = page.render().string
    #expect(text.elements("<div class=\"tile", "</div>").count == 5)
    for tile in text.elements("<div class=\"tile", "</div>") {
      #expect(tile.contains("class=\"figure\" href=\"/traces?range=7d&amp;environment=production\""))
    }
    #expect(text.contains("href=\"/traces?range=7d&amp;environment=production&amp;unpriced=1\""))
    #expect(text.contains("model=llama-3.3-70b&amp;environment=production&amp;unpriced=1"))
  }

  @Test func everyBarLeadsToItsOwnTime() {
    let bars = page.render().string.elements("<a class=\"step\"", "</a>")
    #expect(bars.count == 7)
    #expect(bars[0].contains("from=2026-11-15T23:00:00Z&amp;to=2026-11-16T23:00:00Z&amp;environment=production"))
    #expect(bars[6].contains("to=2026-11-22T13:05:12Z") && bars[6].contains("not over yet"))
    #expect(!bars[5].contains("not over yet"))
  }

  @Test func tableBesideTheChartHasTheSameSteps() throws {
    let table = try #require(page.render().string.elements("<table data-steps>", "</table>").first)
    #expect(table.elements("<tr><th scope=\"row\">", "</tr>").count == 7)
  }

  @Test func tablesShowTenRowsUntilAskedForAll() {
    let short = OverviewSample.page(PageAddress(path: "/")).render().string
    #expect(short.contains("href=\"/?all=model#by-model\">Show all 12") && !short.contains("command-r-plus</a>"))
    let all = page.render().string
    #expect(all.contains("Show the first 10") && all.contains("command-r-plus</a>"))
  }

  @Test func rowsAreSortedByTheAddressAndTheHeadSaysSo() throws {
    let text = OverviewSample.page(PageAddress(path: "/", query: "sort=name&order=asc")).render().string
    let table = try #require(text.elements("id=\"by-team\"", "</table>").first)
    let contracts = try #require(table.firstRange(of: ">Contracts<"))
    let support = try #require(table.firstRange(of: ">Support<"))
    #expect(contracts.lowerBound < support.lowerBound)
    #expect(table.contains("aria-sort=\"ascending\"><a href=\"/?sort=name#by-team\">Team"))
  }

  @Test func costPerRequestIsOverPricedCallsOnly() {
    var m = Measures()
    m.calls = 10
    m.unpricedCalls = 6
    m.cost = Sample.usd("2")
    #expect(OverviewTiles.perCall(m) == Sample.usd("0.5"))
    m.unpricedCalls = 10
    #expect(OverviewTiles.perCall(m) == nil)
    m.unpricedCalls = 0
    m.cost = nil
    #expect(OverviewTiles.perCall(m) == nil)
  }

  @Test func zeroOfUnpricedCallsIsNotShownAsACost() {
    var m = Measures()
    m.calls = 368
    m.unpricedCalls = 361
    m.cost = .zero
    #expect(MoneyText(m).text == "–" && MoneyText(m).exact.hasPrefix("361 of 368 calls"))
    #expect(MoneyText(m).exact.hasSuffix("the other 7 cost nothing"))
    m.unpricedCalls = 0
    #expect(MoneyText(m).text == "$0")
    m.unpricedCalls = 361
    m.cost = Sample.usd("0.5")
    #expect(MoneyText(m).text == "$0.50")
  }

  @Test func changesSayOnceAgainstWhat() {
    let text = page.render().string
    #expect(text.matches(of: ">against the 7 days before<").count == 1)
    var first = page
    first.previous = Measures()
    let tiles = first.render().string.elements("<p class=\"change\">", "</p>")
    #expect(tiles.count == 5 && tiles[0].contains("no calls in the 7 days before"))
    #expect(tiles.dropFirst().allSatisfy { $0 == "<p class=\"change\">&nbsp;</p>" })
  }

  @Test func longFiguresAreSetSmaller() {
    var small = page
    small.total.cost = Sample.usd("0.0042")
    let tiles = small.render().string.elements("<div class=\"tile", "</div>")
    #expect(tiles[2].contains("class=\"figure long\"") && !tiles[1].contains("figure long"))
  }

  @Test func endpointRateLeavesOutCallsWithoutEndpoint() throws {
    let range = TimeRange(spanning: Sample.ago(10), Sample.now)
    let report = OverviewSample.report(
      .endpoint, range,
      [
        (DimensionValue(value: nil, label: "none"), 50), (DimensionValue(value: "/a", label: "/a"), 1),
        (DimensionValue(value: "/b", label: "/b"), 2),
      ])
    let rate = try #require(OverviewTiles.perEndpoint(report))
    #expect(rate.count == 2 && rate.calls == Double(1211 + 2421) / 2)
  }

  @Test func barHasChipsThatRemoveOneFilterEach() {
    let bar = Sample.bar(PageAddress(path: "/traces", query: "model=a&model=b&team=-&errors=1")).render(Sample.frame)
      .string
    #expect(bar.contains("href=\"/traces?team=-&amp;model=b&amp;errors=1\" aria-label=\"Remove filter Model a\""))
    #expect(bar.contains("Unallocated") && bar.contains("href=\"/traces?team=-&amp;model=a&amp;model=b\""))
    #expect(bar.contains("Days and clock times are in Europe/Berlin."))
  }
}
