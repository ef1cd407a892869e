extension OTLPJSONDecoder {
  mutating func traces() throws(WireError) -> [OTLPResourceSpans] {
    var resources: [OTLPResourceSpans] = []
    try document { (key, decoder) throws(WireError) in
      guard key == "resourceSpans" else { return }
      try decoder.elements { decoder throws(WireError) in resources.append(try decoder.resourceSpans()) }
    }
    return resources
  }

  private mutating func resourceSpans() throws(WireError) -> OTLPResourceSpans {
    try take(MemoryLayout<OTLPResourceSpans>.stride)
    var resource = OTLPResourceSpans()
    try members { (key, decoder) throws(WireError) in
      switch key {
      case "resource": resource.resource = try decoder.resource()
      case "scopeSpans":
        try decoder.elements { decoder throws(WireError) in resource.scopes.append(try decoder.scopeSpans()) }
      default: break
      }
    }
    return resource
  }

  private mutating func scopeSpans() throws(WireError) -> OTLPScopeSpans {
    try take(MemoryLayout<OTLPScopeSpans>.stride)
    var scope = OTLPScopeSpans()
    try members { (key, decoder) throws(WireError) in
      switch key {
      case "scope": scope.scope = try decoder.scope()
      case "spans": try decoder.spans(into: &scope)
      default: break
      }
    }
    return scope
  }

  private mutating func spans(into scope: inout OTLPScopeSpans) throws(WireError) {
    try scanner.enterArray()
    while try scanner.nextElement() {
      switch try recovering({ decoder throws(WireError) in try decoder.span() }) {
      case .success(let span): scope.spans.append(span)
      case .failure(let error):
        try take(MemoryLayout<SpanRefusal>.stride)
        scope.refusals.append(SpanRefusal(index: scope.spans.count + scope.refusals.count, reason: error.message))
      }
    }
  }

  private mutating func span() throws(WireError) -> OTLPSpan {
    try take(MemoryLayout<OTLPSpan>.stride)
    var span = OTLPSpan()
    try members { (key, decoder) throws(WireError) in
      switch key {
      case "traceId": span.traceID = try decoder.id(byteCount: 16)
      case "spanId": span.spanID = try decoder.id(byteCount: 8)
      case "traceState": span.traceState = try decoder.text()
      case "parentSpanId":
        let id = try decoder.id(byteCount: 8)
        span.parentSpanID = id.allSatisfy { $0 == 0 } ? [] : id
      case "name": span.name = try decoder.text()
      case "kind": span.kind = try decoder.enumeration("SPAN_KIND_", OTLPJSONDecoder.spanKinds)
      case "startTimeUnixNano": span.startNanoseconds = try decoder.whole()
      case "endTimeUnixNano": span.endNanoseconds = try decoder.whole()
      case "attributes": span.attributes = try decoder.attributes()
      case "droppedAttributesCount": span.droppedAttributes = try decoder.whole()
      case "events": try decoder.elements { decoder throws(WireError) in span.events.append(try decoder.event()) }
      case "links": try decoder.elements { decoder throws(WireError) in span.links.append(try decoder.link()) }
      case "status": try decoder.status(of: &span)
      case "flags": span.flags = try decoder.whole()
      default: break
      }
    }
    span.contentHash = span.hashOfContent()
    return span
  }

  private static let spanKinds = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"]

  private mutating func status(of span: inout OTLPSpan) throws(WireError) {
    try members { (key, decoder) throws(WireError) in
      switch key {
      case "code": span.statusCode = try decoder.enumeration("STATUS_CODE_", ["UNSET", "OK", "ERROR"])
      case "message": span.statusMessage = try decoder.text()
      default: break
      }
    }
  }

  private mutating func event() throws(WireError) -> OTLPEvent {
    try take(MemoryLayout<OTLPEvent>.stride)
    var event = OTLPEvent()
    try members { (key, decoder) throws(WireError) in
      switch key {
      case "timeUnixNano": event.timeNanoseconds = try decoder.whole()
      case "name": event.name = try decoder.text()
      case "attributes": event.attributes = try decoder.attributes()
      default: break
      }
    }
    return event
  }

  private mutating func link() throws(WireError) -> OTLPLink {
    try take(MemoryLayout<OTLPLink>.stride)
    var link = OTLPLink()
    try members { (key, decoder) throws(WireError) in
      switch key {
      case "traceId": link.traceID = try decoder.id(byteCount: 16)
      case "spanId": link.spanID = try decoder.id(byteCount: 8)
      case "attributes": link.attributes = try decoder.attributes()
      default: break
      }
    }
    return link
  }
}
