import Domain
import Testing

@testable import Server

@Suite struct ISOTimeTests {
  @Test(arguments: [
    ("2026-11-22T16:30:15.123456Z", Int64(1_795_365_015_123_456)), ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59Z", -1_000_000),
    ("2024-02-29T12:00:00Z", 1_709_208_000_000_000),
  ])
  func timesReadAndWriteTheSame(text: String, microseconds: Int64) {
    #expect(ISOTime.text(Timestamp(microseconds: microseconds)) == text)
    #expect(ISOTime.parse(text, zone: "UTC")?.microseconds == microseconds)
  }

  @Test func aDateAloneBeginsInTheGivenZone() {
    #expect(ISOTime.parse("2026-07-01", zone: "Europe/Berlin").map(ISOTime.text) == "2026-06-30T22:00:00Z")
    #expect(ISOTime.parse("2026-07-01T10:30", zone: "Europe/Berlin").map(ISOTime.text) == "2026-07-01T08:30:00Z")
  }

  @Test(arguments: ["", "yesterday", "2026-13-01", "2026-02-30", "2026-11-22T25:00:00Z", "12"])
  func whatIsNoTimeIsRefused(text: String) {
    #expect(ISOTime.parse(text, zone: "UTC") == nil)
  }

  @Test func queryParametersAreDecodedAndKeepRepeats() {
    let parameters = QueryParameters("model=gpt-4o+mini&model=a%2Fb&team=&x")
    #expect(parameters.all("model") == ["gpt-4o mini", "a/b"])
    #expect(parameters.costFilter == [.model: ["gpt-4o mini", "a/b"], .team: [""]])
    #expect(parameters.text("team") == nil)
    #expect(parameters.has("x"))
  }
}
