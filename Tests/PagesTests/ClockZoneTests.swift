import Domain
import HTML
import Testing

@testable import Pages

@Suite struct ClockZoneTests {
  private let berlin = ClockZone("Europe/Berlin")

  @Test(
    arguments: [
      (0, 1970, 1, 1), (951_782_400, 2000, 2, 29), (1_795_305_600, 2026, 11, 22), (-86_400, 1969, 12, 31),
      (253_402_300_799, 9999, 12, 31),
    ] as [(Int64, Int, Int, Int)])
  func civilDatesMatchTheCalendar(seconds: Int64, year: Int, month: Int, day: Int) {
    let civil = ClockZone.utc.civil(Timestamp(seconds: seconds))
    #expect((civil.year, civil.month, civil.day) == (year, month, day))
    #expect(
      ClockZone.utc.instant(CivilTime(year: year, month: month, day: day)).microseconds / 86_400_000_000
        == (seconds < 0 ? -1 : seconds / 86_400))
  }

  @Test func daysOfAClockChangeHaveTheirTrueLength() {
    let spring = berlin.instant(CivilTime(year: 2026, month: 3, day: 29))
    #expect(berlin.startOfDay(spring, addingDays: 1).since(spring) == 23 * 3_600_000_000)
    let autumn = berlin.instant(CivilTime(year: 2026, month: 10, day: 25))
    #expect(berlin.startOfDay(autumn, addingDays: 1).since(autumn) == 25 * 3_600_000_000)
    #expect(berlin.steps(of: TimeRange(spanning: autumn, autumn.adding(seconds: 25 * 3600)), by: .hour).count == 25)
  }

  @Test func monthsRollOver() {
    let january = berlin.instant(CivilTime(year: 2026, month: 1, day: 15))
    #expect(berlin.civil(berlin.startOfMonth(january, addingMonths: -1)).date == "2025-12-01")
    #expect(berlin.civil(berlin.startOfMonth(january, addingMonths: 12)).date == "2027-01-01")
  }

  @Test func halfHourZonesBeginTheirHoursLocally() {
    let india = ClockZone("Asia/Kolkata")
    let start = india.startOfHour(Timestamp(seconds: 1_795_352_712))
    #expect(india.civil(start).minute == 0 && start.microseconds % 3_600_000_000 == 1_800_000_000)
  }

  @Test func unknownZonesSayUTC() { #expect(ClockZone("Mars/Olympus").name == "UTC") }

  @Test func absurdTimesAreClampedNotTrapped() {
    #expect(berlin.civil(Timestamp(microseconds: .min)).year <= 1)
    #expect(berlin.civil(Timestamp(microseconds: .max)).year >= 9999)
  }

  @Test func timesNameTheirZone() {
    let time = TimeText(Timestamp(microseconds: 1_795_352_712_123_456), in: berlin, style: .second)
    #expect(
      time.html.string
        == "<time datetime=\"2026-11-22T13:05:12.123456Z\" title=\"2026-11-22 14:05:12.123 Europe/Berlin\">22 Nov 14:05:12</time>"
    )
  }
}
