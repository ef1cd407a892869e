extension OTLP {
  /// The most characters of a message that a reply carries.
  static let messageLengthMax = 4_000

  /// The body of a 200 reply, in the request's encoding: an empty message when all was accepted, else a partial
  /// success. With nothing rejected and a message, the message is a warning.
  public static func reply(_ signal: Signal, _ encoding: OTLPEncoding, rejected: Int, message: String?) -> [UInt8] {
    let message = String((message ?? "").prefix(messageLengthMax))
    let rejected = max(0, rejected)
    let isPlain = rejected == 0 && message.isEmpty
    switch encoding {
    case .protobuf:
      guard !isPlain else { return [] }
      var partial = ProtobufWriter()
      if rejected > 0 { partial.varint(field: 1, UInt64(rejected)) }
      partial.string(field: 2, message)
      var reply = ProtobufWriter()
      reply.bytes(field: 1, partial.bytes)
      return reply.bytes
    case .json:
      guard !isPlain else { return Array("{}".utf8) }
      var partial = [JSONMember(key: rejectedKey(signal), value: .string(String(rejected)))]
      if !message.isEmpty { partial.append(JSONMember(key: "errorMessage", value: .string(message))) }
      return Array(JSON.serialise(["partialSuccess": .object(JSONObject(partial))]).utf8)
    }
  }

  /// A `google.rpc.Status`, the body of every 4xx and 5xx reply. `code` is a gRPC code, such as 3 for a bad argument.
  public static func status(_ encoding: OTLPEncoding, code: Int32, message: String) -> [UInt8] {
    let message = String(message.prefix(messageLengthMax))
    switch encoding {
    case .protobuf:
      var writer = ProtobufWriter()
      if code != 0 { writer.varint(field: 1, UInt64(bitPattern: Int64(code))) }
      writer.string(field: 2, message)
      return writer.bytes
    case .json:
      return Array(JSON.serialise(["code": .number(String(code)), "message": .string(message)]).utf8)
    }
  }

  private static func rejectedKey(_ signal: Signal) -> String {
    switch signal {
    case .traces: "rejectedSpans"
    case .logs: "rejectedLogRecords"
    case .metrics: "rejectedDataPoints"
    }
  }
}
