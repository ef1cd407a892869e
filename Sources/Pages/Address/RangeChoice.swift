import Domain

/// What the time range picker holds.
public enum RangeChoice: Sendable, Hashable {
  public enum Preset: String, Sendable, CaseIterable {
    case last24Hours = "24h"
    case last7Days = "7d"
    case last30Days = "30d"
    case last90Days = "90d"
    case thisMonth = "this-month"
    case lastMonth = "last-month"

    public var label: String {
      switch self {
      case .last24Hours: "Last 24 hours"
      case .last7Days: "Last 7 days"
      case .last30Days: "Last 30 days"
      case .last90Days: "Last 90 days"
      case .thisMonth: "This month"
      case .lastMonth: "Last month"
      }
    }
  }

  case preset(Preset)
  /// A missing end is now; a missing beginning is 30 days before the end.
  case custom(from: Moment?, to: Moment?)

  /// The range at `now`; days and months begin in `zone`, the organisation's.
  public func resolved(now: Timestamp, zone: ClockZone) -> TimeRange {
    switch self {
    case .preset(let preset): Self.range(preset, now, zone)
    case .custom(let from, let to): Self.range(from, to, now, zone)
    }
  }

  private static func range(_ preset: Preset, _ now: Timestamp, _ zone: ClockZone) -> TimeRange {
    switch preset {
    case .last24Hours: spanning(zone.startOfHour(now).adding(seconds: -23 * 3600), now)
    case .last7Days: spanning(zone.startOfDay(now, addingDays: -6), now)
    case .last30Days: spanning(zone.startOfDay(now, addingDays: -29), now)
    case .last90Days: spanning(zone.startOfDay(now, addingDays: -89), now)
    case .thisMonth: spanning(zone.startOfMonth(now), now)
    case .lastMonth: spanning(zone.startOfMonth(now, addingMonths: -1), zone.startOfMonth(now))
    }
  }

  private static func range(_ from: Moment?, _ to: Moment?, _ now: Timestamp, _ zone: ClockZone) -> TimeRange {
    let end = to?.end(in: zone) ?? now
    let begin = from?.start(in: zone) ?? zone.startOfDay(end.adding(microseconds: -1), addingDays: -29)
    // In the wrong order, whole days stay whole.
    if begin >= end, case .day? = from, case .day? = to, let from, let to { return spanning(to.start(in: zone), from.end(in: zone)) }
    return spanning(begin, end)
  }

  /// Ends in the wrong order are taken in the right one.
  private static func spanning(_ a: Timestamp, _ b: Timestamp) -> TimeRange {
    TimeRange(spanning: a, b)
  }

  /// The period of equal length before, in words: "the 30 days before".
  var before: String {
    switch self {
    case .preset(.last24Hours): "the 24 hours before"
    case .preset(.last7Days): "the 7 days before"
    case .preset(.last30Days): "the 30 days before"
    case .preset(.last90Days): "the 90 days before"
    case .preset(.thisMonth), .preset(.lastMonth), .custom: "an equally long time before"
    }
  }

  /// For the picker's button: "Last 30 days", "1 – 14 Nov 2026".
  public func label(now: Timestamp, zone: ClockZone) -> String {
    if case .preset(let preset) = self { return preset.label }
    let range = resolved(now: now, zone: zone)
    let a = zone.civil(range.from)
    let b = zone.civil(range.to.adding(microseconds: -1))
    if range.durationMicroseconds <= 86_400_000_000, range.durationMicroseconds % 86_400_000_000 != 0 {
      return "\(a.dayAndMonth) \(a.clock) – \(zone.civil(range.to).clock)"
    }
    if a.date == b.date { return "\(a.dayAndMonth) \(a.year)" }
    return a.year == b.year
      ? "\(a.dayAndMonth) – \(b.dayAndMonth) \(b.year)" : "\(a.dayAndMonth) \(a.year) – \(b.dayAndMonth) \(b.year)"
  }
}

/// One end of a custom range as it is written in an address.
public enum Moment: Sendable, Hashable {
  /// "2026-11-01": as a beginning its first instant, as an end its last.
  case day(CivilTime)
  /// "2026-11-01T10:00": on the organisation's clock.
  case local(CivilTime)
  /// "2026-11-01T10:00:00Z" or with an offset.
  case instant(Timestamp)

  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count >= 10, bytes[4] == 45, bytes[7] == 45,
      let year = Self.number(bytes[0..<4]), let month = Self.number(bytes[5..<7]), let day = Self.number(bytes[8..<10]),
      (1...12).contains(month), (1...CivilTime.days(inMonth: month, of: year)).contains(day), year >= 1
    else { return nil }
    var civil = CivilTime(year: year, month: month, day: day)
    if bytes.count == 10 {
      self = .day(civil)
      return
    }
    guard bytes.count >= 16, bytes[10] == UInt8(ascii: "T") || bytes[10] == 32, bytes[13] == 58,
      let hour = Self.number(bytes[11..<13]), let minute = Self.number(bytes[14..<16]), hour < 24, minute < 60
    else { return nil }
    civil.hour = hour
    civil.minute = minute
    var rest = bytes[16...]
    if rest.first == 58, rest.count >= 3, let second = Self.number(rest.dropFirst().prefix(2)), second < 60 {
      civil.second = second
      rest = rest.dropFirst(3)
    }
    var microseconds = 0
    if rest.first == 46 {
      let digits = rest.dropFirst().prefix { (48...57).contains($0) }
      guard !digits.isEmpty, digits.count <= 9 else { return nil }
      let six = (Array(digits) + [48, 48, 48, 48, 48, 48]).prefix(6)
      microseconds = Self.number(six[...]) ?? 0
      rest = rest.dropFirst(1 + digits.count)
    }
    guard !rest.isEmpty else {
      self = .local(civil)
      return
    }
    guard let offset = Self.offset(rest) else { return nil }
    self = .instant(
      Timestamp(seconds: civil.secondsSince1970 - Int64(offset)).adding(microseconds: Int64(microseconds)))
  }

  /// The form that reads back as the same moment.
  public var text: String {
    switch self {
    case .day(let civil): civil.date
    case .local(let civil): "\(civil.date)T\(civil.clock):\(CivilTime.padded(civil.second))"
    case .instant(let time): TimeText.rfc3339(time)
    }
  }

  public func start(in zone: ClockZone) -> Timestamp {
    switch self {
    case .day(let civil), .local(let civil): zone.instant(civil)
    case .instant(let time): time
    }
  }

  func end(in zone: ClockZone) -> Timestamp {
    guard case .day(var civil) = self else { return start(in: zone) }
    civil.day += 1
    return zone.instant(civil)
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    guard digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return digits.reduce(0) { $0 &* 10 &+ Int($1 - 48) }
  }

  /// Seconds east of UTC: "Z", "+02:00", "-0530".
  private static func offset(_ text: ArraySlice<UInt8>) -> Int? {
    if text.elementsEqual([UInt8(ascii: "Z")]) { return 0 }
    guard let sign = text.first, sign == 43 || sign == 45 || sign == 32 else { return nil }
    let digits = text.dropFirst().filter { $0 != 58 }
    guard digits.count == 4, let hours = number(digits[0..<2]), let minutes = number(digits[2..<4]), hours < 24,
      minutes < 60
    else { return nil }
    return (sign == 45 ? -1 : 1) * (hours * 3600 + minutes * 60)
  }
}
