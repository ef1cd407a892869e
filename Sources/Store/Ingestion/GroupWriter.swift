import Domain
import Postgres

/// Writes some requests in one transaction; when a row of them can't be stored, halves until it stands alone, so that
/// it costs nothing but its own error (design §3.13).
struct GroupWriter: Sendable {
  let door: ObservationDoor

  /// One result a submission, in their order.
  func write(_ submissions: [IngestSubmission]) async -> [Result<IngestResult, any Error>] {
    do {
      let limits = try await door.limits.limits(of: Set(submissions.map(\.context.project)))
      let sources = submissions.indices.map {
        GroupBuilder.Source(request: $0, submission: submissions[$0], only: nil)
      }
      let outcome = await write(sources, limits)
      return submissions.indices.map { Self.result(of: $0, submissions[$0].batch, outcome) }
    } catch is UnknownProject where submissions.count > 1 {
      var results: [Result<IngestResult, any Error>] = []
      for submission in submissions { results += await write([submission]) }
      return results
    } catch {
      return submissions.map { _ in .failure(error) }
    }
  }

  private struct Outcome {
    var refusals: [ItemRef: Rejection] = [:]
    /// Requests of which something could not be written for a reason that is not theirs.
    var failures: [Int: any Error] = [:]

    mutating func add(_ other: Outcome) {
      refusals.merge(other.refusals) { first, _ in first }
      failures.merge(other.failures) { first, _ in first }
    }
  }

  private func write(_ sources: [GroupBuilder.Source], _ limits: [ProjectID: ProjectLimits]) async -> Outcome {
    var builder = GroupBuilder(limits: limits)
    for source in sources { builder.add(source) }
    var outcome = Outcome(refusals: builder.refusals)
    do {
      for (item, detail) in try await door.apply(builder.group) {
        outcome.refusals[item] = Rejection(index: item.item, reason: .tooOld, detail: detail)
      }
    } catch let error where Self.isOfOneItem(error) {
      if let (first, second) = Self.halves(sources) {
        outcome.add(await write(first, limits))
        outcome.add(await write(second, limits))
      } else if let source = sources.first {
        let item = ItemRef(
          request: source.request, item: source.only?.first ?? source.submission.batch.items.first ?? 0)
        outcome.refusals[item] = Self.refusal(of: item, error)
      }
    } catch {
      for source in sources { outcome.failures[source.request] = error }
    }
    return outcome
  }

  private static func isOfOneItem(_ error: any Error) -> Bool {
    if error is ValueOutOfRange { return true }
    return (error as? DatabaseError)?.isDataError ?? false
  }

  /// Half of the requests, or half of the items of the only one; nil when a single item is left.
  private static func halves(_ sources: [GroupBuilder.Source]) -> ([GroupBuilder.Source], [GroupBuilder.Source])? {
    if sources.count > 1 {
      let middle = sources.count / 2
      return (Array(sources[..<middle]), Array(sources[middle...]))
    }
    guard let source = sources.first else { return nil }
    let items = (source.only ?? source.submission.batch.items).sorted()
    if items.count < 2 { return nil }
    var first = source
    var second = source
    first.only = Set(items[..<(items.count / 2)])
    second.only = Set(items[(items.count / 2)...])
    return ([first], [second])
  }

  private static func refusal(of item: ItemRef, _ error: any Error) -> Rejection {
    // The database's own message may quote content.
    let detail =
      switch error {
      case let error as ValueOutOfRange: "A value of \"\(error.field)\" is out of range."
      case let error as DatabaseError: "The database can't store this item (SQLSTATE \(error.sqlState ?? "unknown"))."
      default: "The database can't store this item."
      }
    return Rejection(index: item.item, reason: .refusedByDatabase, detail: detail)
  }

  private static func result(of request: Int, _ batch: IngestBatch, _ outcome: Outcome) -> Result<
    IngestResult, any Error
  > {
    if let failure = outcome.failures[request] { return .failure(failure) }
    let refused = outcome.refusals.filter { $0.key.request == request }.map(\.value).sorted { $0.index < $1.index }
    return .success(
      IngestResult(accepted: max(0, batch.accepted - refused.count), rejections: batch.rejections + refused))
  }
}

extension IngestBatch {
  /// Indexes of the items behind all entries.
  var items: Set<Int> {
    func items(_ count: Int, _ known: [Int]) -> [Int] {
      (0..<count).map { known.indices.contains($0) ? known[$0] : $0 }
    }
    return Set(
      items(observations.count, observationItems) + items(traces.count, traceItems) + items(scores.count, scoreItems))
  }
}
