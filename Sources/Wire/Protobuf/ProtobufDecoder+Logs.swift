extension ProtobufDecoder {
  mutating func logs(_ body: ProtobufReader) throws(WireError) -> [OTLPResourceLogs] {
    var reader = body
    var resources: [OTLPResourceLogs] = []
    while let tag = try reader.tag() {
      switch tag {
      case 10: resources.append(try resourceLogs(reader.message()))  // resource_logs
      default: try reader.skip(tag)
      }
    }
    return resources
  }

  private mutating func resourceLogs(_ message: ProtobufReader) throws(WireError) -> OTLPResourceLogs {
    try take(MemoryLayout<OTLPResourceLogs>.stride)
    var reader = message
    var resource = OTLPResourceLogs()
    while let tag = try reader.tag() {
      switch tag {
      case 10: try self.resource(reader.message(), into: &resource.resource)  // resource
      case 18: resource.scopes.append(try scopeLogs(reader.message()))  // scope_logs
      default: try reader.skip(tag)
      }
    }
    return resource
  }

  private mutating func scopeLogs(_ message: ProtobufReader) throws(WireError) -> OTLPScopeLogs {
    try take(MemoryLayout<OTLPScopeLogs>.stride)
    var reader = message
    var scope = OTLPScopeLogs()
    while let tag = try reader.tag() {
      switch tag {
      case 10: try self.scope(reader.message(), into: &scope.scope)  // scope
      case 18: try append(reader.message(), to: &scope)  // log_records
      default: try reader.skip(tag)
      }
    }
    return scope
  }

  private mutating func append(_ message: ProtobufReader, to scope: inout OTLPScopeLogs) throws(WireError) {
    do {
      scope.records.append(try record(message))
    } catch {
      if error.kind == .tooLarge { throw error }
      scope.refusals.append(SpanRefusal(index: scope.records.count + scope.refusals.count, reason: error.message))
    }
  }

  private mutating func record(_ message: ProtobufReader) throws(WireError) -> OTLPLogRecord {
    try take(MemoryLayout<OTLPLogRecord>.stride)
    var reader = message
    var record = OTLPLogRecord()
    while let tag = try reader.tag() {
      switch tag {
      case 9: record.timeNanoseconds = try reader.fixed64()  // time_unix_nano
      case 16: record.severityNumber = Int32(truncatingIfNeeded: try reader.varint())  // severity_number
      case 26: record.severityText = text(try reader.message())  // severity_text
      case 42: record.body = try value(reader.message(), depth: 1)  // body
      case 50: record.attributes.append(try attribute(reader.message(), depth: 1))  // attributes
      case 74: record.traceID = traceID(try reader.message())  // trace_id
      case 82: record.spanID = Array(try reader.message().rest)  // span_id
      case 89: record.observedNanoseconds = try reader.fixed64()  // observed_time_unix_nano
      case 98: record.eventName = text(try reader.message())  // event_name
      default: try reader.skip(tag)
      }
    }
    record.contentHash = record.hashOfContent()
    return record
  }
}
