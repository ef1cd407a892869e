import NIOConcurrencyHelpers

/// Admits requests by the bytes they hold (inflated and decoded) and by the wait they would have, so that memory stays flat
/// however fast senders are. Refused ones are told to come back; their SDKs keep the batch.
final class Admission: Sendable {
  private struct State {
    var inFlightBytes = 0
    var waiting = 0
    /// Bytes finished per second, a moving average over about the last second of work.
    var bytesPerSecond: Double = 0
    var lastFinish: ContinuousClock.Instant?
    var refused = 0
  }

  private let state = NIOLockedValueBox(State())
  let limitBytes: Int
  /// Some SDKs give up after five seconds in all.
  private let waitMaxSeconds = 2.0

  init(limitBytes: Int) { self.limitBytes = limitBytes }

  /// Room for one request; given back when the ticket goes.
  /// - Throws: `Failure` 503 when the bytes or the expected wait are over the limit.
  func admit(bytes: Int) throws -> Ticket {
    let ticket = Ticket(self)
    try ticket.grow(by: bytes)
    state.withLockedValue { $0.waiting += 1 }
    return ticket
  }

  var inFlightBytes: Int { state.withLockedValue { $0.inFlightBytes } }
  var refusedTotal: Int { state.withLockedValue { $0.refused } }

  fileprivate func take(_ bytes: Int) throws {
    let limit = limitBytes, waitMax = waitMaxSeconds
    let refusal: String? = state.withLockedValue { state in
      let after = state.inFlightBytes + bytes
      let wait = state.bytesPerSecond > 0 ? Double(after) / state.bytesPerSecond : 0
      if after > limit || (wait > waitMax && after > limit / 8) {
        state.refused += 1
        return after > limit ? "too many bytes are being stored at once" : "the expected wait is over two seconds"
      }
      state.inFlightBytes = after
      return nil
    }
    if let refusal { throw Failure.busy("\(refusal); nothing of this request was stored, please send it again") }
  }

  fileprivate func give(back bytes: Int) {
    let now = ContinuousClock.now
    state.withLockedValue { state in
      state.inFlightBytes -= bytes
      if let last = state.lastFinish {
        let seconds = max(Double((now - last).components.attoseconds) * 1e-18 + Double((now - last).components.seconds), 1e-6)
        let weight = min(1, seconds)
        state.bytesPerSecond += weight * (Double(bytes) / seconds - state.bytesPerSecond)
      }
      state.lastFinish = now
      if state.inFlightBytes <= 0 { state.bytesPerSecond = 0 }
    }
  }

  final class Ticket: Sendable {
    private let admission: Admission
    private let held = NIOLockedValueBox(0)

    fileprivate init(_ admission: Admission) { self.admission = admission }

    /// Asks for more room: bodies are larger once inflated.
    func grow(by bytes: Int) throws {
      try admission.take(bytes)
      held.withLockedValue { $0 += bytes }
    }

    deinit { admission.give(back: held.withLockedValue { $0 }) }
  }
}
