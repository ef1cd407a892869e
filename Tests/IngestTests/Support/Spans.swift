import Domain
import Ingest
import Wire

/// Spans written in tests.
enum Spans {
  static let trace = [UInt8](repeating: 7, count: 16)
  static let start: UInt64 = 1_795_355_000_000_000_000

  static func span(
    _ attributes: [Attribute] = [], id: UInt8 = 1, parent: UInt8 = 0, name: String = "call", kind: Int32 = 3,
    start: UInt64 = start, end: UInt64 = start + 2_000_000_000, events: [OTLPEvent] = [], status: Int32 = 0,
    message: String = "", hash: UInt64 = 99
  ) -> OTLPSpan {
    OTLPSpan(
      traceID: trace, spanID: bytes(id), parentSpanID: parent == 0 ? [] : bytes(parent), name: name, kind: kind,
      startNanoseconds: start, endNanoseconds: end, attributes: attributes, events: events, statusCode: status,
      statusMessage: message, contentHash: hash)
  }

  static func bytes(_ id: UInt8) -> [UInt8] { [0, 0, 0, 0, 0, 0, 0, id] }

  static func batch(
    _ spans: [OTLPSpan], scope: String = "", resource: [Attribute] = [], environment: String? = nil
  ) -> IngestBatch {
    var context = Fixture.context
    context.environment = environment
    return OTLPNormaliser.batch(
      [OTLPResourceSpans(resource: resource, scopes: [OTLPScopeSpans(scope: OTLPScope(name: scope), spans: spans)])],
      context)
  }

  /// The facts of one span.
  static func facts(
    _ attributes: [Attribute], scope: String = "", resource: [Attribute] = [], environment: String? = nil,
    kind: Int32 = 3,
    events: [OTLPEvent] = [], status: Int32 = 0, message: String = ""
  ) -> ObservationFacts {
    let span = span(attributes, kind: kind, events: events, status: status, message: message)
    return batch([span], scope: scope, resource: resource, environment: environment).observations[0]
  }
}

extension Attribute {
  init(_ key: String, _ value: AnyValue) { self.init(key: key, value: value) }
  init(_ key: String, _ value: String) { self.init(key: key, value: .string(value)) }
  init(_ key: String, _ value: Int64) { self.init(key: key, value: .int(value)) }
}

extension ObservationFacts {
  func json(_ kind: BodyKind) -> JSONValue? { body(kind).flatMap { try? JSON.parse($0) } }
  /// An attribute that no convention read.
  func left(_ key: String) -> JSONValue? { json(.attributes)?["attributes"]?[key] }
}
