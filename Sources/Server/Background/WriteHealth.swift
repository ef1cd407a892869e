import Logging
import NIOConcurrencyHelpers
import Postgres

/// Whether the database takes writes, as told by what was last written: the operator's first question when senders get 503.
final class WriteHealth: Sendable {
  private struct State {
    var problem: String?
    var since = ContinuousClock.now
  }

  private let state = NIOLockedValueBox(State())
  private let logger: Logger
  /// Without further attempts it may have been mended: then it is tried again.
  private let rememberedFor = Duration.seconds(10)

  init(logger: Logger) { self.logger = logger }

  /// Why the last attempt failed; nil when it did not, or long ago.
  var problem: String? {
    state.withLockedValue { $0.problem != nil && ContinuousClock.now - $0.since < rememberedFor ? $0.problem : nil }
  }

  func succeeded() {
    let ended = state.withLockedValue { state in
      defer { state.problem = nil }
      return state.problem
    }
    if ended != nil { logger.warning("the database takes writes again") }
  }

  /// Takes note of errors that say that nothing can be written now, whatever is sent.
  func failed(_ error: any Error) {
    guard let error = error as? DatabaseError, error.isUnableToWrite else { return }
    let problem = Self.problem(error)
    let isNew = state.withLockedValue { state in
      defer { (state.problem, state.since) = (problem, .now) }
      return state.problem != problem
    }
    if isNew { logger.error("the database takes no writes; senders are told to come back", metadata: ["error": "\(error)"]) }
  }

  static func problem(_ error: DatabaseError) -> String {
    if error.isReadOnly { return "the database, which is read-only" }
    if error.isDiskFull { return "the database, which cannot write: no space is left" }
    return "the database, which cannot write (SQLSTATE \(error.sqlState ?? "unknown"))"
  }
}
