import Foundation

/// Counts calls.
final class Counter: @unchecked Sendable {
  private let lock = NSLock()
  private var count = 0

  @discardableResult
  func next() -> Int {
    lock.withLock {
      count += 1
      return count
    }
  }

  var value: Int { lock.withLock { count } }
}
