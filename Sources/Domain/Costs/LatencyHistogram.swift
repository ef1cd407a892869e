/// Calls by the time from their start to their end. Calls without an end are not in it.
public struct LatencyHistogram: Sendable, Hashable {
  /// Upper bounds in milliseconds, each included; one more bin holds what took longer than the last.
  public static let boundsMilliseconds: [Int64] = [
    50, 100, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 7500, 10_000, 15_000, 20_000, 30_000, 60_000, 120_000,
    300_000,
  ]
  /// One more than bounds.
  public private(set) var counts: [Int64]

  public init() { counts = [Int64](repeating: 0, count: Self.boundsMilliseconds.count + 1) }
  /// nil for another number of bins.
  public init?(counts: [Int64]) {
    guard counts.count == Self.boundsMilliseconds.count + 1 else { return nil }
    self.counts = counts
  }

  public var total: Int64 { counts.reduce(0, &+) }

  public static func + (a: Self, b: Self) -> LatencyHistogram {
    var sum = a
    for i in sum.counts.indices { sum.counts[i] &+= b.counts[i] }
    return sum
  }

  public static func - (a: Self, b: Self) -> LatencyHistogram {
    var difference = a
    for i in difference.counts.indices { difference.counts[i] &-= b.counts[i] }
    return difference
  }

  /// The time within which a share (0…1) of the calls ended, taken as spread evenly within a bin: an estimate, never off by more than
  /// the bin is wide. The last bin has no upper bound, so what lies in it is told as its lower one, 300,000 ms. nil without calls.
  public func percentileMilliseconds(_ share: Double) -> Double? {
    let total = total
    guard total > 0 else { return nil }
    let rank = min(max(share, 0), 1) * Double(total)
    var below: Int64 = 0
    for (place, count) in counts.enumerated() where count > 0 {
      if Double(below &+ count) >= rank || below &+ count == total { return Self.within(place, (rank - Double(below)) / Double(count)) }
      below &+= count
    }
    return nil
  }

  /// The same, rounded to a whole millisecond: finer it is not known.
  public func percentileWholeMilliseconds(_ share: Double) -> Int64? { percentileMilliseconds(share).map { Int64($0.rounded()) } }

  private static func within(_ place: Int, _ part: Double) -> Double {
    let lower = place == 0 ? 0 : Double(boundsMilliseconds[place - 1])
    guard place < boundsMilliseconds.count else { return lower }
    return lower + (Double(boundsMilliseconds[place]) - lower) * min(max(part, 0), 1)
  }
}
