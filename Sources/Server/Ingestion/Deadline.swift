import NIOConcurrencyHelpers

/// A limit on waiting: SDKs give up after about five seconds, and an answer of 503 keeps their batch.
enum Deadline {
  /// The work's result, or `Failure` 503 when it takes longer than `limit`. The work goes on: what it stores late is found again when
  /// the sender repeats it.
  static func within<T: Sendable>(_ limit: Duration, _ work: @escaping @Sendable () async throws -> T) async throws -> T {
    try await wait(limit, Running(), late, work)
  }

  private static let late = Failure.busy("this took too long; please send again")

  /// The same for reading. Nobody wants the answer later, so work that takes longer is cancelled, and its statement with it.
  /// `late` is thrown then, by default `Failure` 503.
  static func reading<T: Sendable>(
    _ limit: Duration, late: Failure? = nil, _ work: @escaping @Sendable () async throws -> T
  ) async throws -> T {
    let running = Running()
    return try await withTaskCancellationHandler {
      do {
        return try await wait(limit, running, late ?? Self.late, work)
      } catch {
        running.cancel()
        throw error
      }
    } onCancel: {
      running.cancel()
    }
  }

  private static func wait<T: Sendable>(
    _ limit: Duration, _ running: Running, _ late: Failure, _ work: @escaping @Sendable () async throws -> T
  ) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
      let answer = FirstAnswer(continuation)
      let alarm = Alarms.shared.set(after: limit) {
        answer.give(.failure(late))
      }
      let task = Task {
        do { answer.give(.success(try await work())) } catch { answer.give(.failure(error)) }
        Alarms.shared.clear(alarm)
      }
      running.set(task)
    }
  }

  /// The task of the work, once it has begun.
  private final class Running: Sendable {
    private let state = NIOLockedValueBox<(task: Task<Void, Never>?, isCancelled: Bool)>((nil, false))

    func set(_ task: Task<Void, Never>) {
      let isCancelled = state.withLockedValue { state in
        state.task = task
        return state.isCancelled
      }
      if isCancelled { task.cancel() }
    }

    func cancel() {
      let task = state.withLockedValue { state in
        state.isCancelled = true
        return state.task
      }
      task?.cancel()
    }
  }
}

/// Resumes a continuation once, by whoever comes first.
private final class FirstAnswer<T: Sendable>: Sendable {
  private let waiting: NIOLockedValueBox<CheckedContinuation<T, any Error>?>

  init(_ continuation: CheckedContinuation<T, any Error>) { waiting = NIOLockedValueBox(continuation) }

  func give(_ result: Result<T, any Error>) {
    let continuation = waiting.withLockedValue { waiting in
      defer { waiting = nil }
      return waiting
    }
    continuation?.resume(with: result)
  }
}
