import Domain
import Logging
import Postgres

/// Takes a line for every request received and writes them together, so that no request waits for it.
///
/// Bounded: when the database is away the oldest lines go first, and are counted.
public actor RequestLog {
  private let pool: ConnectionPool
  private let logger: Logger
  private let waitingMax: Int
  private var waiting: [RequestRecord] = []
  private var isFlushing = false
  /// Lines lost since the start: no room, or refused by the database.
  public private(set) var dropped = 0

  /// Lines written in one statement.
  static let batchMax = 200

  public init(pool: ConnectionPool, logger: Logger, waitingMax: Int = 5000) {
    self.pool = pool
    self.logger = logger
    self.waitingMax = max(1, waitingMax)
  }

  /// Lines that are not in the database yet.
  public var waitingCount: Int { waiting.count }

  public func record(_ record: RequestRecord) {
    waiting.append(record)
    dropOldest()
    if waiting.count >= Self.batchMax, !isFlushing { Task { await flush() } }
  }

  /// Writes every second until the task is cancelled, then what is left.
  public func run() async {
    while !Task.isCancelled {
      try? await Task.sleep(for: .seconds(1))
      if !Task.isCancelled { await flush() }
    }
    // A task of its own, because statements of a cancelled one are cancelled.
    await Task { await flush() }.value
  }

  /// Writes what waits. When the database does not answer it stays, for the next time.
  public func flush() async {
    guard !isFlushing else { return }
    isFlushing = true
    defer { isFlushing = false }
    while !waiting.isEmpty {
      let batch = Array(waiting.prefix(Self.batchMax))
      waiting.removeFirst(batch.count)
      guard await write(batch) else { return }
    }
  }

  /// False when it makes no sense to go on now.
  private func write(_ batch: [RequestRecord]) async -> Bool {
    do {
      try await pool.run { c in try RequestLogTable.insert(batch, c) }
      return true
    } catch let error as DatabaseError where error.isDataError {
      dropped += batch.count
      logger.warning("request log lines were refused", metadata: ["error": "\(error)", "lines": "\(batch.count)"])
      return true
    } catch {
      waiting.insert(contentsOf: batch, at: 0)
      dropOldest()
      logger.debug("request log waits for the database", metadata: ["error": "\(error)"])
      return false
    }
  }

  private func dropOldest() {
    let excess = waiting.count - waitingMax
    guard excess > 0 else { return }
    waiting.removeFirst(excess)
    dropped += excess
  }
}
