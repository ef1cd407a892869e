/// The instrumentation library that made the records beneath it.
public struct OTLPScope: Sendable, Equatable {
  public var name: String
  public var version: String
  public var attributes: [Attribute]

  public init(name: String = "", version: String = "", attributes: [Attribute] = []) {
    self.name = name
    self.version = version
    self.attributes = attributes
  }
}

/// A moment inside a span. Time in nanoseconds since 1970, 0 when absent.
public struct OTLPEvent: Sendable, Equatable {
  public var timeNanoseconds: UInt64
  public var name: String
  public var attributes: [Attribute]

  public init(timeNanoseconds: UInt64 = 0, name: String = "", attributes: [Attribute] = []) {
    self.timeNanoseconds = timeNanoseconds
    self.name = name
    self.attributes = attributes
  }
}

/// A pointer to another span. Ids as sent, of any length.
public struct OTLPLink: Sendable, Equatable {
  public var traceID: [UInt8]
  public var spanID: [UInt8]
  public var attributes: [Attribute]

  public init(traceID: [UInt8] = [], spanID: [UInt8] = [], attributes: [Attribute] = []) {
    self.traceID = traceID
    self.spanID = spanID
    self.attributes = attributes
  }
}

/// One span as sent (opentelemetry/proto/trace/v1). Absent fields hold zero or empty. Ids are not judged here:
/// they may be of any length or all zero.
public struct OTLPSpan: Sendable, Equatable {
  public var traceID: [UInt8]
  public var spanID: [UInt8]
  /// Empty for a root; an all-zero id counts as empty.
  public var parentSpanID: [UInt8]
  public var traceState: String
  public var name: String
  /// 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer.
  public var kind: Int32
  /// Since 1970.
  public var startNanoseconds: UInt64
  /// Since 1970.
  public var endNanoseconds: UInt64
  public var attributes: [Attribute]
  public var droppedAttributes: UInt32
  public var events: [OTLPEvent]
  public var links: [OTLPLink]
  /// 0 unset, 1 ok, 2 error.
  public var statusCode: Int32
  public var statusMessage: String
  public var flags: UInt32
  /// Of all fields above: equal for equal content, from protobuf as from JSON, in every process.
  public var contentHash: UInt64

  public init(
    traceID: [UInt8] = [], spanID: [UInt8] = [], parentSpanID: [UInt8] = [], traceState: String = "",
    name: String = "", kind: Int32 = 0, startNanoseconds: UInt64 = 0, endNanoseconds: UInt64 = 0,
    attributes: [Attribute] = [], droppedAttributes: UInt32 = 0, events: [OTLPEvent] = [], links: [OTLPLink] = [],
    statusCode: Int32 = 0, statusMessage: String = "", flags: UInt32 = 0, contentHash: UInt64 = 0
  ) {
    self.traceID = traceID
    self.spanID = spanID
    self.parentSpanID = parentSpanID
    self.traceState = traceState
    self.name = name
    self.kind = kind
    self.startNanoseconds = startNanoseconds
    self.endNanoseconds = endNanoseconds
    self.attributes = attributes
    self.droppedAttributes = droppedAttributes
    self.events = events
    self.links = links
    self.statusCode = statusCode
    self.statusMessage = statusMessage
    self.flags = flags
    self.contentHash = contentHash
  }
}

/// A span or log record that could not be decoded while those around it could.
public struct SpanRefusal: Sendable, Equatable {
  /// Place in its scope's list as sent, from 0.
  public var index: Int
  public var reason: String

  public init(index: Int, reason: String) {
    self.index = index
    self.reason = reason
  }
}

public struct OTLPScopeSpans: Sendable, Equatable {
  public var scope: OTLPScope
  public var spans: [OTLPSpan]
  /// Spans of this scope that could not be decoded; not in `spans`.
  public var refusals: [SpanRefusal]

  public init(scope: OTLPScope = OTLPScope(), spans: [OTLPSpan] = [], refusals: [SpanRefusal] = []) {
    self.scope = scope
    self.spans = spans
    self.refusals = refusals
  }
}

public struct OTLPResourceSpans: Sendable, Equatable {
  public var resource: [Attribute]
  public var scopes: [OTLPScopeSpans]

  public init(resource: [Attribute] = [], scopes: [OTLPScopeSpans] = []) {
    self.resource = resource
    self.scopes = scopes
  }
}
