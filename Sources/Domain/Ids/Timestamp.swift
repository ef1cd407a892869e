/// An instant in microseconds since 1970-01-01T00:00:00Z.
public struct Timestamp: Sendable, Hashable, Comparable, Codable {
  public let microseconds: Int64

  public init(microseconds: Int64) { self.microseconds = microseconds }
  public init(nanoseconds: UInt64) { self.microseconds = Int64(nanoseconds / 1000) }
  public init(seconds: Int64) { self.microseconds = seconds.multipliedReportingOverflow(by: 1_000_000).partialValue }

  public static func < (a: Self, b: Self) -> Bool { a.microseconds < b.microseconds }
  /// Saturates at the ends of the range.
  public func adding(microseconds delta: Int64) -> Timestamp {
    let (sum, overflow) = microseconds.addingReportingOverflow(delta)
    return Timestamp(microseconds: overflow ? (delta < 0 ? .min : .max) : sum)
  }
  public func adding(seconds: Int64) -> Timestamp { adding(microseconds: seconds &* 1_000_000) }
  /// Microseconds from `earlier` to this, saturating.
  public func since(_ earlier: Timestamp) -> Int64 {
    let (difference, overflow) = microseconds.subtractingReportingOverflow(earlier.microseconds)
    return overflow ? (microseconds < 0 ? .min : .max) : difference
  }
}

/// A half-open range of time: `from` is in it, `to` is not.
public struct TimeRange: Sendable, Hashable {
  public let from: Timestamp
  public let to: Timestamp

  /// nil when `to` is before `from`.
  public init?(from: Timestamp, to: Timestamp) {
    guard from <= to else { return nil }
    self.from = from
    self.to = to
  }

  /// From the earlier to the later of two instants.
  public init(spanning a: Timestamp, _ b: Timestamp) {
    from = min(a, b)
    to = max(a, b)
  }

  public func contains(_ time: Timestamp) -> Bool { from <= time && time < to }
  public var durationMicroseconds: Int64 { to.since(from) }
  /// The range of equal length that ends where this one begins.
  public var previous: TimeRange {
    TimeRange(from: from.adding(microseconds: -durationMicroseconds), to: from) ?? self
  }
}
