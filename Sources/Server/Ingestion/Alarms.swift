import NIOConcurrencyHelpers

/// Calls back when something took too long. One task watches all of them, a tenth of a second late at most: a timer for
/// each request took 6 % of the service's time.
final class Alarms: Sendable {
  static let shared = Alarms()

  private struct State {
    var alarms: [UInt64: Alarm] = [:]
    var next: UInt64 = 0
    var isWatched = false
  }

  private struct Alarm {
    var due: ContinuousClock.Instant
    var ring: @Sendable () -> Void
  }

  private static let beat = Duration.milliseconds(100)
  private let state = NIOLockedValueBox(State())

  /// Calls `ring` once, unless the alarm is cleared before.
  func set(after wait: Duration, _ ring: @escaping @Sendable () -> Void) -> UInt64 {
    let due = ContinuousClock.now + wait
    let (id, isWatched) = state.withLockedValue { state in
      defer { state.isWatched = true }
      state.next += 1
      state.alarms[state.next] = Alarm(due: due, ring: ring)
      return (state.next, state.isWatched)
    }
    if !isWatched { Task { await watch() } }
    return id
  }

  func clear(_ id: UInt64) {
    // What the closure holds is let go outside of the lock.
    _ = state.withLockedValue { $0.alarms.removeValue(forKey: id) }
  }

  /// Until no alarm is left.
  private func watch() async {
    while true {
      try? await Task.sleep(for: Self.beat)
      let now = ContinuousClock.now
      let (due, isDone) = state.withLockedValue { state in
        let due = state.alarms.filter { $0.value.due <= now }
        for id in due.keys { state.alarms[id] = nil }
        if state.alarms.isEmpty { state.isWatched = false }
        return (due.values.map(\.ring), state.alarms.isEmpty)
      }
      for ring in due { ring() }
      if isDone { return }
    }
  }
}
