extension OTLPJSONDecoder {
  mutating func logs() throws(WireError) -> [OTLPResourceLogs] {
    var resources: [OTLPResourceLogs] = []
    try document { (key, decoder) throws(WireError) in
      guard key == "resourceLogs" else { return }
      try decoder.elements { decoder throws(WireError) in resources.append(try decoder.resourceLogs()) }
    }
    return resources
  }

  private mutating func resourceLogs() throws(WireError) -> OTLPResourceLogs {
    try take(MemoryLayout<OTLPResourceLogs>.stride)
    var resource = OTLPResourceLogs()
    try members { (key, decoder) throws(WireError) in
      switch key {
      case "resource": resource.resource = try decoder.resource()
      case "scopeLogs":
        try decoder.elements { decoder throws(WireError) in resource.scopes.append(try decoder.scopeLogs()) }
      default: break
      }
    }
    return resource
  }

  private mutating func scopeLogs() throws(WireError) -> OTLPScopeLogs {
    try take(MemoryLayout<OTLPScopeLogs>.stride)
    var scope = OTLPScopeLogs()
    try members { (key, decoder) throws(WireError) in
      switch key {
      case "scope": scope.scope = try decoder.scope()
      case "logRecords": try decoder.records(into: &scope)
      default: break
      }
    }
    return scope
  }

  private mutating func records(into scope: inout OTLPScopeLogs) throws(WireError) {
    try scanner.enterArray()
    while try scanner.nextElement() {
      switch try recovering({ decoder throws(WireError) in try decoder.record() }) {
      case .success(let record): scope.records.append(record)
      case .failure(let error):
        try take(MemoryLayout<SpanRefusal>.stride)
        scope.refusals.append(SpanRefusal(index: scope.records.count + scope.refusals.count, reason: error.message))
      }
    }
  }

  private mutating func record() throws(WireError) -> OTLPLogRecord {
    try take(MemoryLayout<OTLPLogRecord>.stride)
    var record = OTLPLogRecord()
    try members { (key, decoder) throws(WireError) in
      switch key {
      case "timeUnixNano": record.timeNanoseconds = try decoder.whole()
      case "observedTimeUnixNano": record.observedNanoseconds = try decoder.whole()
      case "severityNumber":
        record.severityNumber = try decoder.enumeration("SEVERITY_NUMBER_", OTLPJSONDecoder.severities)
      case "severityText": record.severityText = try decoder.text()
      case "body": record.body = try decoder.value(depth: 1)
      case "attributes": record.attributes = try decoder.attributes()
      case "traceId": record.traceID = try decoder.id(byteCount: 16)
      case "spanId": record.spanID = try decoder.id(byteCount: 8)
      case "eventName": record.eventName = try decoder.text()
      default: break
      }
    }
    record.contentHash = record.hashOfContent()
    return record
  }

  /// UNSPECIFIED, TRACE, TRACE2 … FATAL4: 0 to 24.
  private static let severities: [String] =
    ["UNSPECIFIED"]
    + ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"].flatMap { [$0, $0 + "2", $0 + "3", $0 + "4"] }
}
