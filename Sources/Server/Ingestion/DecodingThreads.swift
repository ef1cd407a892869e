import Foundation
import NIOPosix

/// Threads of their own for large requests. Swift's pool has one thread a core and nobody is asked to leave one: two bodies of 60 MiB
/// there, and /livez waits for seconds. Here they share a core less than there are, while the kernel shares out the rest.
final class DecodingThreads: TaskExecutor {
  static let shared = DecodingThreads()
  /// Smaller bodies are decoded where they are: about 5 ms.
  static let largeBytes = 256 << 10

  private let pool: NIOThreadPool

  private init() {
    pool = NIOThreadPool(numberOfThreads: max(1, ProcessInfo.processInfo.activeProcessorCount - 1))
    pool.start()
  }

  /// Runs `work` here when it is about so many bytes, else where the caller is.
  static func run<T: Sendable>(bytes: Int, _ work: @Sendable () async throws -> T) async throws -> T {
    guard bytes >= largeBytes else { return try await work() }
    return try await withTaskExecutorPreference(shared) { try await work() }
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    pool.submit { [self] _ in job.runSynchronously(on: asUnownedTaskExecutor()) }
  }
}
