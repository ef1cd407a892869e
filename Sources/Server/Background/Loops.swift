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
      while !Task.isCancelled {
        do {
          try await work()
        } catch is CancellationError {
          return
        } catch {
          logger.warning("background work failed", metadata: ["service": "\(name)", "error": "\(error)"])
        }
        try? await Task.sleep(for: every)
      }
    }
  }
}
