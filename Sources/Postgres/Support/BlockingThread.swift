/// A thread for calls that block for long, so that they stay off Swift's own threads.
actor BlockingThread {
  private nonisolated let thread: ConnectionThread

  /// Throws when the system refuses another thread.
  init() throws { thread = try ConnectionThread() }

  deinit { thread.stop() }

  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  func run<T: Sendable>(_ work: @Sendable () throws -> T) throws -> T { try work() }
}
