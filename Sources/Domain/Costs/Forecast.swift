/// What a month will have cost at its end, from how its owner spent on the same weekdays lately: what is spent so far, and for every day
/// that is left the median of that weekday over the last six weeks. A median, so that one dear day doesn't repeat itself; by weekday,
/// because weekends are cheap.
public struct Forecast: Sendable, Hashable {
  public struct Day: Sendable, Hashable {
    /// 0 Monday … 6 Sunday.
    public var weekday: Int
    public var cost: USD
    public init(weekday: Int, cost: USD) {
      self.weekday = weekday
      self.cost = cost
    }
  }

  /// At the end of the month.
  public var cost: USD
  /// Of the month, so far.
  public var spent: USD
  /// Complete days that it rests on.
  public var days: Int

  /// Fewer say nothing.
  public static let daysMin = 7
  /// Earlier days are left out.
  public static let daysMax = 42

  /// `history` holds the complete days before today, in order, each once; those before the first that cost something don't count (a new
  /// team has no past). `spent` is the month's cost with today's so far, `today` the part of it that is today's, `left` the weekdays
  /// of the days after today. Today costs at least what it has cost already. nil with less than a week of history.
  public init?(spent: USD, today: Day, left: [Int], history: [Day]) {
    let known = history.suffix(Self.daysMax).drop { $0.cost.pico == 0 }
    guard known.count >= Self.daysMin else { return nil }
    let medians = Dictionary(grouping: known, by: \.weekday).mapValues { Self.median($0.map(\.cost.pico)) }
    let restOfToday = max(0, (medians[today.weekday] ?? 0) - today.cost.pico)
    let rest = left.reduce(restOfToday) { $0 + (medians[$1] ?? 0) }
    cost = USD(pico: spent.pico + rest)
    self.spent = spent
    days = known.count
  }

  /// Of an even number the mean of the two in the middle, rounded down; 0 of none.
  static func median(_ values: [Int128]) -> Int128 {
    let sorted = values.sorted()
    guard let upper = sorted.dropFirst(sorted.count / 2).first else { return 0 }
    if sorted.count % 2 == 1 { return upper }
    let lower = sorted[sorted.count / 2 - 1]
    return lower + (upper - lower) / 2
  }
}
