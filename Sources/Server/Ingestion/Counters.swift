import Domain
import NIOConcurrencyHelpers

/// Counts since start, for /metrics.
final class Counters: Sendable {
  struct Values {
    var requests: [String: Int] = [:]
    var accepted = 0
    var refused: [String: Int] = [:]
    var bytes = 0
    var busy = 0
  }

  private let box = NIOLockedValueBox(Values())
  var values: Values { box.withLockedValue { $0 } }

  func count(_ record: RequestRecord, _ reasons: [String: Int32]) {
    box.withLockedValue { values in
      values.requests["\(signal(record.path))\",status=\"\(record.status)", default: 0] += 1
      values.accepted += Int(record.accepted)
      values.bytes += Int(record.bytes)
      for (reason, count) in reasons { values.refused[reason, default: 0] += Int(count) }
      if record.status == 503 { values.busy += 1 }
    }
  }

  /// Bytes that were no HTTP request, so that nobody knows whose they were.
  func countMalformed() {
    box.withLockedValue { values in
      values.requests["other\",status=\"400\"", default: 0] += 1
      values.refused["malformed_http", default: 0] += 1
    }
  }

  /// A label of few values: paths come from senders.
  private func signal(_ path: String) -> String {
    for (suffix, name) in [("/traces", "traces"), ("/logs", "logs"), ("/metrics", "metrics"), ("/ingestion", "batch"), ("/scores", "scores")]
    where path.hasSuffix(suffix) {
      return name
    }
    return "other"
  }
}
