/// One log record as sent (opentelemetry/proto/logs/v1). Absent fields hold zero or empty; ids may be of any length.
public struct OTLPLogRecord: Sendable, Equatable {
  /// Since 1970; 0 when the source gave none.
  public var timeNanoseconds: UInt64
  /// Since 1970.
  public var observedNanoseconds: UInt64
  /// 1 to 24, 0 unspecified.
  public var severityNumber: Int32
  public var severityText: String
  public var body: AnyValue
  public var attributes: [Attribute]
  public var traceID: [UInt8]
  public var spanID: [UInt8]
  public var eventName: String
  /// Of all fields above: equal for equal content, from protobuf as from JSON, in every process.
  public var contentHash: UInt64

  public init(
    timeNanoseconds: UInt64 = 0, observedNanoseconds: UInt64 = 0, severityNumber: Int32 = 0,
    severityText: String = "", body: AnyValue = .empty, attributes: [Attribute] = [], traceID: [UInt8] = [],
    spanID: [UInt8] = [], eventName: String = "", contentHash: UInt64 = 0
  ) {
    self.timeNanoseconds = timeNanoseconds
    self.observedNanoseconds = observedNanoseconds
    self.severityNumber = severityNumber
    self.severityText = severityText
    self.body = body
    self.attributes = attributes
    self.traceID = traceID
    self.spanID = spanID
    self.eventName = eventName
    self.contentHash = contentHash
  }
}

public struct OTLPScopeLogs: Sendable, Equatable {
  public var scope: OTLPScope
  public var records: [OTLPLogRecord]
  /// Records of this scope that could not be decoded; not in `records`.
  public var refusals: [SpanRefusal]

  public init(scope: OTLPScope = OTLPScope(), records: [OTLPLogRecord] = [], refusals: [SpanRefusal] = []) {
    self.scope = scope
    self.records = records
    self.refusals = refusals
  }
}

public struct OTLPResourceLogs: Sendable, Equatable {
  public var resource: [Attribute]
  public var scopes: [OTLPScopeLogs]

  public init(resource: [Attribute] = [], scopes: [OTLPScopeLogs] = []) {
    self.resource = resource
    self.scopes = scopes
  }
}
