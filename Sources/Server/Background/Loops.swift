import Logging
import ServiceLifecycle

/// Repeats a piece of work until the service stops. A failure is logged and the loop goes on: one bad minute of the database must not
/// end a background service.
struct LoopService: ServiceLifecycle.Service {
  let name: String
  let every: Duration
  let logger: Logger
  let work: @Sendable () async throws -> Void

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var failures = 0
      while !Task.isCancelled {
        do {
          try await work()
          if failures > 0 { logger.warning("background work goes on", metadata: ["service": "\(name)", "failures": "\(failures)"]) }
          failures = 0
        } catch is CancellationError where Task.isCancelled {
          return
        } catch {
          failures += 1
          // The first of a row, then fewer and fewer: 1, 2, 4, 8 …
          if failures & (failures - 1) == 0 {
            logger.warning("background work failed", metadata: ["service": "\(name)", "failures": "\(failures)", "error": "\(error)"])
          }
        }
        try? await Task.sleep(for: every)
      }
    }
  }
}
