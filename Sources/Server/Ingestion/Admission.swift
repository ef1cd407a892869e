import NIOConcurrencyHelpers

/// Admits requests by the bytes they hold (as sent and inflated) and by the wait they would have, so that memory stays flat
/// however fast senders are. Refused ones are told to come back; their SDKs keep the batch.
final class Admission: Sendable {
  private struct State {
    var inFlightBytes = 0
    var refused = 0
    /// Bytes finished since `since`: what the throughput of this busy time is told by.
    var finishedBytes = 0
    var since = ContinuousClock.now

    /// Bytes per second of this busy time; nil while it is too young to tell.
    func throughput(_ now: ContinuousClock.Instant) -> Double? {
      let seconds = (now - since).inSeconds
      return seconds < 0.5 ? nil : Double(finishedBytes) / seconds
    }

    /// Forgets the older half now and then, so that the figure follows the load.
    mutating func finish(_ bytes: Int, _ now: ContinuousClock.Instant) {
      inFlightBytes -= bytes
      finishedBytes += bytes
      let age = now - since
      guard age > .seconds(4) else { return }
      since = now - age / 2
      finishedBytes /= 2
    }
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
    return ticket
  }

  var inFlightBytes: Int { state.withLockedValue { $0.inFlightBytes } }
  var refusedTotal: Int { state.withLockedValue { $0.refused } }

  fileprivate func take(_ bytes: Int) throws {
    let now = ContinuousClock.now
    let refusal: String? = state.withLockedValue { state in
      if state.inFlightBytes == 0 { (state.since, state.finishedBytes) = (now, 0) }
      let after = state.inFlightBytes + bytes
      if after > limitBytes {
        state.refused += 1
        return "too many bytes are being stored at once"
      }
      // A small backlog is let in whatever the figure says: it may rest on one slow request.
      if after > limitBytes / 8, let speed = state.throughput(now), Double(after) > speed * waitMaxSeconds {
        state.refused += 1
        return "the expected wait is over two seconds"
      }
      state.inFlightBytes = after
      return nil
    }
    if let refusal { throw Failure.busy("\(refusal); nothing of this request was stored, please send it again") }
  }

  fileprivate func give(back bytes: Int) {
    let now = ContinuousClock.now
    state.withLockedValue { $0.finish(bytes, now) }
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

extension Duration {
  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
