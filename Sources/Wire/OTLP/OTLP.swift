public enum OTLPEncoding: Sendable { case protobuf, json }

/// Reads OTLP export requests and writes their replies (opentelemetry-proto, OTLP specification).
///
/// Unknown fields are ignored. A body whose framing is broken throws; a single span or record that cannot be decoded
/// is listed in its scope's `refusals` and costs nothing else. A body that would decode into much more memory than its
/// own size throws `.tooLarge`.
public enum OTLP {
  public enum Signal: Sendable { case traces, logs, metrics }

  /// The spans of an `ExportTraceServiceRequest`, in the order sent.
  public static func readTraces(
    _ body: UnsafeRawBufferPointer, _ encoding: OTLPEncoding
  ) throws(WireError) -> [OTLPResourceSpans] {
    switch encoding {
    case .protobuf:
      var decoder = ProtobufDecoder(bodyBytes: body.count)
      return try decoder.traces(ProtobufReader(body))
    case .json:
      var decoder = OTLPJSONDecoder(body)
      return try decoder.traces()
    }
  }

  /// The records of an `ExportLogsServiceRequest`, in the order sent.
  public static func readLogs(
    _ body: UnsafeRawBufferPointer, _ encoding: OTLPEncoding
  ) throws(WireError) -> [OTLPResourceLogs] {
    switch encoding {
    case .protobuf:
      var decoder = ProtobufDecoder(bodyBytes: body.count)
      return try decoder.logs(ProtobufReader(body))
    case .json:
      var decoder = OTLPJSONDecoder(body)
      return try decoder.logs()
    }
  }

  /// How many data points an `ExportMetricsServiceRequest` holds, of all kinds of metric.
  public static func countMetricPoints(
    _ body: UnsafeRawBufferPointer, _ encoding: OTLPEncoding
  ) throws(WireError) -> Int {
    switch encoding {
    case .protobuf: return try ProtobufDecoder.countMetricPoints(ProtobufReader(body))
    case .json:
      var decoder = OTLPJSONDecoder(body)
      return try decoder.countMetricPoints()
    }
  }
}

/// Bounds the memory a body can claim: two bytes can announce an empty span of 200.
struct DecodeBudget {
  private var bytesLeft: Int

  /// Real bodies need less than 6 times their size. Small ones get up to 16 times, which leaves room for the smallest legal spans.
  init(bodyBytes: Int) {
    bytesLeft = min(bodyBytes &* 16, bodyBytes &* 6 &+ 32 << 20) &+ 1 << 20
  }

  @inline(__always)
  mutating func take(_ bytes: Int) throws(WireError) {
    bytesLeft &-= bytes
    if bytesLeft < 0 {
      throw WireError(kind: .tooLarge, message: "decodes into many times its size; send fewer, or less empty, items")
    }
  }
}
