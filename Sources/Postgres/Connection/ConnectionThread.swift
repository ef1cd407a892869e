import Glibc

/// The thread of one connection, as the serial executor of its actor: blocking calls stay off Swift's own threads.
final class ConnectionThread: SerialExecutor, @unchecked Sendable {
  private let lock = Lock()
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private var jobs: [UnownedJob] = []
  private var isStopping = false

  /// Throws when the system refuses another thread.
  init() throws {
    condition = .allocate(capacity: 1)
    pthread_cond_init(condition, nil)
    var thread = pthread_t()
    let retained = Unmanaged.passRetained(self)
    let result = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<ConnectionThread>.fromOpaque(argument).takeRetainedValue().loop()
        return nil
      }, retained.toOpaque())
    guard result == 0 else {
      retained.release()
      throw DatabaseError(
        sqlState: "53000", message: "no thread for a connection (error \(result))", statementName: nil,
        isConnectionLost: true)
    }
    pthread_detach(thread)
  }

  deinit {
    pthread_cond_destroy(condition)
    condition.deallocate()
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let unowned = UnownedJob(job)
    lock.withLock {
      jobs.append(unowned)
      pthread_cond_signal(condition)
    }
  }

  /// The thread ends when its queue is empty.
  func stop() {
    lock.withLock {
      isStopping = true
      pthread_cond_signal(condition)
    }
  }

  private func loop() {
    while true {
      let batch = lock.withLock { () -> [UnownedJob] in
        while jobs.isEmpty, !isStopping { pthread_cond_wait(condition, lock.mutex) }
        defer { jobs.removeAll(keepingCapacity: true) }
        return jobs
      }
      if batch.isEmpty { return }
      for job in batch { job.runSynchronously(on: asUnownedSerialExecutor()) }
    }
  }
}
