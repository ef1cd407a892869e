import Domain
import Testing

@testable import Pages

@Suite struct PageAddressTests {
  @Test func daysInTheWrongOrderAreWholeDaysToo() {
    let zone = ClockZone("Europe/Madrid")
    let wrong = RangeChoice.custom(from: Moment("2026-10-31"), to: Moment("2026-10-01"))
    let right = RangeChoice.custom(from: Moment("2026-10-01"), to: Moment("2026-10-31"))
    #expect(wrong.resolved(now: Timestamp(seconds: 1_800_000_000), zone: zone) == right.resolved(now: Timestamp(seconds: 1_800_000_000), zone: zone))
  }

  @Test(arguments: [
    "/", "/traces?range=24h", "/traces?from=2026-11-01&to=2026-11-14", "/traces?from=2026-11-01T10:00:00Z",
    "/?stack=team&all=endpoint&all=team",
    "/traces?project=support&team=-&model=gpt-4o&model=o3&errors=1&unpriced=1&costAbove=0.001",
    "/traces?user=a%20b%26c&session=s&name=x&sort=cost&order=asc&cursor=abc",
    "/project/p/traces/t?observation=0000000000000005&find=a%2Bb", "/traces?key=---",
  ])
  func addressesReadBackAsTheyWereWritten(url: String) {
    let parts = url.split(separator: "?", maxSplits: 1)
    let address = PageAddress(path: String(parts[0]), query: parts.count > 1 ? parts[1] : "")
    #expect(address.url == url)
  }

  @Test func noneIsToldFromEmptyFieldsAndFromDashes() {
    let address = PageAddress(path: "/traces", query: "team=-&model=&user=--")
    #expect(address.filter == [.team: [""], .user: ["-"]])
    #expect(address.url == "/traces?team=-&user=--")
  }

  @Test func declaredKeysHaveTheNamesOfTheAPIToo() {
    let address = PageAddress(
      path: "/costs", query: "metadata.tenant=acme&extra1=globex&by=metadata.tenant,team", declared: ["metadata.tenant": .extra1])
    #expect(address.filter == [.extra1: ["acme", "globex"]] && address.by == [.extra1, .team])
    #expect(PageAddress(path: "/costs", query: "metadata.tenant=-", declared: ["metadata.tenant": .extra1]).filter == [.extra1: [""]])
  }

  @Test func unreadableValuesAreIgnored() {
    let address = PageAddress(
      path: "/", query: "range=fortnight&from=yesterday&costAbove=many&colour=red&%zz=1&=&stack=user&errors=yes")
    #expect(address == PageAddress(path: "/"))
  }

  @Test func formsSendBlanksAsPlus() {
    #expect(PageAddress(path: "/traces", query: "name=two+words%2B").name == "two words+")
  }

  @Test func otherPagesKeepRangeAndFilters() {
    let address = PageAddress(path: "/", query: "range=7d&model=a&stack=team&sort=calls&all=team")
    #expect(address.going(to: "/traces").url == "/traces?range=7d&model=a")
  }

  @Test func changesStartPagingAgain() {
    let address = PageAddress(path: "/traces", query: "cursor=x&model=a")
    #expect(address.keeping(.team, nil).url == "/traces?team=-&model=a")
    #expect(address.removing(.model, "a").url == "/traces")
  }

  @Test func slashesInIdsStayInTheirSegment() {
    #expect(Route.trace(project: "p", trace: "a/b c?") == "/project/p/traces/a%2Fb%20c%3F")
  }

  @Test(arguments: [
    ("range=24h", "2026-11-21T14:00:00Z", "2026-11-22T13:05:12Z"),
    ("range=7d", "2026-11-15T23:00:00Z", "2026-11-22T13:05:12Z"),
    ("range=this-month", "2026-10-31T23:00:00Z", "2026-11-22T13:05:12Z"),
    ("range=last-month", "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"),
    ("from=2026-11-01&to=2026-11-01", "2026-10-31T23:00:00Z", "2026-11-01T23:00:00Z"),
    ("from=2026-11-01T10:00&to=2026-11-01T11:00:00%2B02:00", "2026-11-01T09:00:00Z", "2026-11-01T09:00:00Z"),
    ("from=2026-11-05&to=2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z", "2026-11-04T23:00:00Z"),
    ("to=2026-11-01", "2026-10-02T22:00:00Z", "2026-11-01T23:00:00Z"),
  ])
  func rangesBeginInTheOrganisationsZone(query: String, from: String, to: String) {
    let range = PageAddress(path: "/", query: query).range.resolved(now: Sample.now, zone: Sample.zone)
    #expect(TimeText.rfc3339(range.from) == from)
    #expect(TimeText.rfc3339(range.to) == to)
  }

  @Test(arguments: [
    "2026-13-01", "2026-1-1", "", "2026-11-01T25:00", "2026-11-01Z", "2026-11-01T10:00:00+9", "２０２６-11-01",
  ])
  func wrongMomentsAreRefused(text: String) { #expect(Moment(text) == nil) }
}
