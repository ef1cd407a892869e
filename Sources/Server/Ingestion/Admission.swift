import NIOConcurrencyHelpers

/// Admits requests by the bytes they hold (as sent and inflated) and by the wait they would have, so that memory stays flat
/// however fast senders are. Refused ones are told to come back; their SDKs keep the batch.
final class Admission: Sendable {
  private struct State {
    /// All that is held: bodies on their way in too.
    var heldBytes = 0
    /// Of it, complete bodies that are being decoded or stored: what a new request waits behind.
    var queuedBytes = 0
    var refused = 0
    /// Complete bodies finished since `since`: the throughput of this busy time.
    var finishedBytes = 0
    var since = ContinuousClock.now

    /// Seconds until the queue is through; nil while this busy time is too young to tell.
    func wait(_ now: ContinuousClock.Instant) -> Double? {
      let seconds = (now - since).inSeconds
      if queuedBytes == 0 || seconds < 0.5 { return nil }
      return Double(queuedBytes) / max(Double(finishedBytes) / seconds, 1)
    }

    mutating func queue(_ bytes: Int, _ now: ContinuousClock.Instant) {
      if queuedBytes == 0 { (since, finishedBytes) = (now, 0) }
      queuedBytes += bytes
    }

    /// Forgets the older half now and then, so that the figure follows the load.
    mutating func finish(_ bytes: Int, _ now: ContinuousClock.Instant) {
      queuedBytes -= bytes
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

  var inFlightBytes: Int { state.withLockedValue { $0.heldBytes } }
  var refusedTotal: Int { state.withLockedValue { $0.refused } }

  fileprivate func take(_ bytes: Int) throws {
    let now = ContinuousClock.now
    let refusal: String? = state.withLockedValue { state in
      let isFull = state.heldBytes + bytes > limitBytes
      // A small queue is let grow whatever the figure says: it may rest on one slow request.
      let isSlow = state.queuedBytes > limitBytes / 8 && state.wait(now).map { $0 > waitMaxSeconds } ?? false
      guard isFull || isSlow else {
        state.heldBytes += bytes
        return nil
      }
      state.refused += 1
      return isFull ? "too many bytes are being stored at once" : "the expected wait is over two seconds"
    }
    if let refusal { throw Failure.busy("\(refusal); nothing of this request was stored, please send it again") }
  }

  fileprivate func queue(_ bytes: Int) {
    let now = ContinuousClock.now
    state.withLockedValue { $0.queue(bytes, now) }
  }

  fileprivate func give(back held: Int, queued: Int) {
    let now = ContinuousClock.now
    state.withLockedValue { state in
      state.heldBytes -= held
      if queued > 0 { state.finish(queued, now) }
    }
  }

  /// The room of one request.
  final class Ticket: Sendable {
    private let admission: Admission
    private let bytes = NIOLockedValueBox((held: 0, queued: 0))

    fileprivate init(_ admission: Admission) { self.admission = admission }

    /// Asks for more room as the body arrives and inflates.
    func grow(by count: Int) throws {
      try admission.take(count)
      bytes.withLockedValue { $0.held += count }
    }

    /// The body is whole: from now on others wait behind it.
    func complete() {
      let held = bytes.withLockedValue { bytes in
        bytes.queued = bytes.held
        return bytes.held
      }
      admission.queue(held)
    }

    deinit {
      let (held, queued) = bytes.withLockedValue { $0 }
      admission.give(back: held, queued: queued)
    }
  }
}

extension Duration {
  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
