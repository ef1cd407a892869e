import Domain
import Testing

@testable import Ingest

@Suite struct ISOTimeTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", Int64(0)), ("1969-12-31T23:59:59.999999Z", -1),
    ("2024-02-29T12:00:00+02:00", 1_709_200_800_000_000),
    ("2000-03-01 00:00:00.5", 951_868_800_500_000), ("2026-11-22T13:43:53.9562349-0530", 1_795_374_833_956_234),
    ("2026-11-22T13:43Z", 1_795_354_980_000_000),
  ]) func readsEveryForm(_ text: String, _ microseconds: Int64) {
    #expect(ISOTime.parse(text)?.microseconds == microseconds)
  }

  @Test(arguments: [
    "", "2026", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00Zx",
    "２０２６-01-01T00:00:00Z",
  ]) func refusesTheRest(_ text: String) {
    #expect(ISOTime.parse(text) == nil)
  }
}
