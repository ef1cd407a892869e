import Domain
import Hummingbird
import Postgres
import Store
import Wire

/// Life, readiness and figures for operators.
struct HealthRoutes {
  let backend: Backend

  /// Alive: never touches the database.
  func live(_ request: Request, _ context: Context) async throws -> Response { .text(.ok, "ok\n") }

  /// Ready to take traces, or what it waits for.
  func ready(_ request: Request, _ context: Context) async throws -> Response {
    if let waiting = await backend.waitsFor() {
      return .json(.serviceUnavailable, ["status": "waiting", "for": .string(waiting)])
    }
    return .json(.ok, ["status": "ready"])
  }

  /// Prometheus text format 0.0.4.
  func metrics(_ request: Request, _ context: Context) async throws -> Response {
    let counted = backend.counters.values
    var text = MetricsText()
    text.family("quipu_ingest_requests_total", "counter", "Ingest requests by signal and status.")
    for (labels, count) in counted.requests.sorted(by: { $0.key < $1.key }) {
      text.sample("quipu_ingest_requests_total{signal=\"\(labels)\"}", count)
    }
    text.single("quipu_ingest_items_accepted_total", "counter", "Spans, events and scores stored.", counted.accepted)
    text.family("quipu_ingest_items_refused_total", "counter", "Items or requests refused, by reason.")
    for (reason, count) in counted.refused.sorted(by: { $0.key < $1.key }) {
      text.sample("quipu_ingest_items_refused_total{reason=\"\(reason)\"}", count)
    }
    text.single("quipu_ingest_bytes_total", "counter", "Bytes of request bodies as sent.", counted.bytes)
    text.single("quipu_ingest_in_flight_bytes", "gauge", "Bytes of requests held now.", backend.admission.inFlightBytes)
    text.single("quipu_ingest_in_flight_limit_bytes", "gauge", "Limit of the bytes held.", backend.admission.limitBytes)
    text.single("quipu_ingest_overload_total", "counter", "Requests asked to come back.", backend.admission.refusedTotal)
    text.single("quipu_ingest_queue_items", "gauge", "Items that wait to be written.", await backend.pipeline.commits.backlog)
    if let cluster = backend.cluster {
      text.single("quipu_postgres_restarts_total", "counter", "Starts of the private PostgreSQL after it had ended by itself.", cluster.restarts)
    }
    let backend = backend
    if let seconds = try? await Deadline.reading(.seconds(2), { try await backend.fold.backlogAge() }) {
      text.single("quipu_rollup_backlog_seconds", "gauge", "Age of the oldest delta not yet in the rollups.", seconds)
    }
    if let unpriced = try? await Deadline.reading(.seconds(2), { try await UnpricedCalls(pool: backend.pool).lastHours() }) {
      text.single("quipu_unpriced_calls", "gauge", "Calls without a full price in the current and the last hour.", unpriced)
    }
    return .text(.ok, text.text, type: "text/plain; version=0.0.4; charset=utf-8")
  }
}

/// Prometheus exposition lines.
struct MetricsText {
  private(set) var text = ""

  mutating func family(_ name: String, _ type: String, _ help: String) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
  }

  mutating func sample(_ name: String, _ value: some CustomStringConvertible) { text += "\(name) \(value)\n" }

  mutating func single(_ name: String, _ type: String, _ help: String, _ value: some CustomStringConvertible) {
    family(name, type, help)
    sample(name, value)
  }
}
