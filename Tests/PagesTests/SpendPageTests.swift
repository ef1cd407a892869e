import Domain
import HTML
import Testing

@testable import Pages

@Suite struct SpendPageTests {
  @Test func unallocatedComesFirstAndSaysWhy() throws {
    let page = SpendSamples.teamsPage().render().string
    let body = try #require(page.elements("<tbody>", "</tbody>").first)
    #expect(body.elements("<tr>", "</tr>").first?.contains("Unallocated") == true)
    #expect(page.contains("href=\"#why\">why</a>") && page.contains("No rule matched; the key names no team; the group Trial has no team"))
    #expect(page.contains("/settings/rules/new?name=Calls%20of%20Trial&amp;field.0=key&amp;match.0=equals&amp;values.0=pk-gateway&amp;field.1=userGroup"))
  }

  @Test func teamsThatSpentNothingAreThereToo() {
    #expect(SpendSamples.teamsPage().render().string.contains("href=\"/teams/Legal\""))
  }

  @Test func teamsThatEndedBeforeAllOfItAreNotThereUnlessTheyCost() {
    var page = SpendSamples.teamsPage()
    for i in page.teams.indices { page.teams[i].validTo = "2020-01-01" }
    let text = page.render().string
    #expect(!text.contains("href=\"/teams/Legal\"") && text.contains("href=\"/teams/Support\""))
    page.teams[4].validTo = "2026-11-20"
    #expect(page.render().string.contains("href=\"/teams/Legal\""))
  }

  @Test func environmentsAreOfferedOnlyWhereSomethingIsKeptByThem() {
    var page = SpendSamples.users()
    #expect(page.render().string.contains("aria-label=\"Environment\""))
    page.bar.offersEnvironments = false
    #expect(!page.render().string.contains("aria-label=\"Environment\""))
    page.bar.address.filter = [.environment: ["production"]]
    #expect(page.render().string.contains("aria-label=\"Environment\""), "what is chosen can be taken away")
  }

  @Test func forecastsSayHowTheyAreMade() {
    let page = SpendSamples.teamsPage().render().string
    #expect(page.contains("Forecast to the end of November: what is spent so far, and for each day left the median of that weekday over the last 6 weeks"))
    let empty = MonthForecasts(OverviewSample.overTime(.team, Sample.lastDays(3), SpendSamples.teams), now: Sample.now, zone: Sample.zone)
    #expect(empty["Support"] == nil && empty.spent("Support").pico > 0)
  }

  @Test func theForecastCoversTheRestOfTheMonthInTheOrganisationsZone() throws {
    // Six weeks of a dollar a day up to Sunday 22 November: 21 dollars so far with today's, 8 days to come.
    let days = Sample.zone.steps(of: MonthForecasts.range(now: Sample.now, zone: Sample.zone), by: .day)
    let rows = days.map { start in
      var m = Measures()
      m.calls = 1
      m.cost = Sample.usd("1")
      return CostRow(values: [SpendSamples.value("Support")], start: start, measures: m)
    }
    #expect(days.count == 43)
    let query = CostQuery(range: MonthForecasts.range(now: Sample.now, zone: Sample.zone), timeZone: "Europe/Berlin", interval: .day, groupBy: [.team])
    let report = CostReport(query: query, rows: rows, total: Measures(), source: "test")
    let forecast = try #require(MonthForecasts(report, now: Sample.now, zone: Sample.zone)["Support"])
    #expect(forecast.spent == Sample.usd("22") && forecast.cost == Sample.usd("30") && forecast.days == 42)
  }

  @Test func aTeamsPageNamesItsPlaceInTheBooksAndLinksToItsCosts() {
    let page = SpendSamples.teamPage("Support").render().string
    for words in ["Cost centre CC-410", "GL account 6420", "Owner grace@meridian.example", "since 1 Jan 2026", "part of <a href=\"/teams/Growth\""] {
      #expect(page.contains(words), "\(words)")
    }
    #expect(page.contains("href=\"/costs?team=Support&amp;by=endpoint,model\"") && page.contains("href=\"/traces?team=Support\""))
    #expect(page.contains("href=\"/traces?team=Support&amp;endpoint=/answer\""))
  }

  @Test func namesOfTeamsAreWholeSegmentsOfThePath() {
    #expect(Route.team("R&D / Labs") == "/teams/R%26D%20%2F%20Labs")
    #expect(Route.team(nil) == "/teams/-" && Route.team("-") == "/teams/--")
  }

  @Test func usersAreSearchedWithinTheSameFilter() {
    let page = SpendSamples.users("q=name&userGroup=Enterprise&range=7d").render().string
    #expect(page.contains("name=\"q\" value=\"name\"") && page.contains("<input type=\"hidden\" name=\"userGroup\" value=\"Enterprise\">"))
    #expect(page.contains("The 20 who cost most, of 43.") && page.contains("Show 30"))
    #expect(page.contains("36.6\u{A0}%"))
  }

  @Test func anUnknownCostOfAUserIsNotZero() {
    var page = SpendSamples.users("all=users")
    #expect(page.render().string.contains("<span title=\"No call here has a known price\">–</span>"))
    page.bar.address.showAll = []
    page.answer = .refused("Accepted: a filter without environment.")
    page.bar.address.filter = [.environment: ["production"], .team: ["Support"]]
    #expect(page.render().string.contains("href=\"/users?team=Support\">Without that filter"))
  }

  @Test func endpointsOutsideTheirBandComeFirstWithWhatDrivesThem() throws {
    #expect(SpendSamples.endpointLines.map(\.endpoint) == ["/summarise", "/classify", "/draft", "/translate"])
    #expect(SpendSamples.endpointLines.map(\.place) == [.over, .under, .within, nil])
    let page = SpendSamples.endpointsPage().render().string
    #expect(page.contains("over, 1.9×") && page.contains("under, 0.20×"))
    #expect(page.contains("3.1× the other content generation endpoints, mostly 3.0× the tokens per request"))
    #expect(page.contains("+102\u{A0}% since the 30 days before, mostly 2.0× the tokens per request"))
    #expect(page.split(separator: "tokens a request at $").count == 3, "of the two outside their band")
    #expect(page.contains("2 of 3 endpoints with a type are outside the usual band."))
  }

  @Test func onlyWhoMayChangeSeesForms() {
    let page = SpendSamples.endpointsPage(canChange: false).render().string
    #expect(!page.contains("method=\"post\" action=\"/endpoints") && page.contains("Content generation"))
    #expect(SpendSamples.endpointsPage().render().string.contains("action=\"/endpoints/type\""))
    let refused = SpendSamples.endpointsPage(problem: "A band goes up.").render().string
    #expect(refused.contains("A band goes up.") && refused.contains("name=\"name\" value=\"Speech\""))
  }

  @Test func railLeadsToEveryPageAndEachKeyIsOne() {
    let page = SpendSamples.teamsPage().render().string
    for section in Section.allCases { #expect(page.contains("data-go=\"\(section.key)\" title=\"\(section.label)\"")) }
    #expect(Set(Section.allCases.map(\.key)).count == Section.allCases.count && Set(Section.groups.flatMap { $0 }).count == Section.allCases.count)
  }
}

extension Sample {
  static func lastDays(_ days: Int) -> TimeRange { TimeRange(spanning: zone.startOfDay(now, addingDays: 1 - days), now) }
}
