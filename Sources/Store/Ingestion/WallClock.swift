import Domain

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The time of day; tests pass another.
public typealias Clock = @Sendable () -> Timestamp

enum WallClock {
  static let now: Clock = {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) &* 1_000_000 &+ Int64(time.tv_nsec) / 1000)
  }
}
