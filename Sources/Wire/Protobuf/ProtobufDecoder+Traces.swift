extension ProtobufDecoder {
  mutating func traces(_ body: ProtobufReader) throws(WireError) -> [OTLPResourceSpans] {
    var reader = body
    var resources: [OTLPResourceSpans] = []
    while let tag = try reader.tag() {
      switch tag {
      case 10: resources.append(try resourceSpans(reader.message()))  // resource_spans
      default: try reader.skip(tag)
      }
    }
    return resources
  }

  private mutating func resourceSpans(_ message: ProtobufReader) throws(WireError) -> OTLPResourceSpans {
    try take(MemoryLayout<OTLPResourceSpans>.stride)
    var reader = message
    var resource = OTLPResourceSpans()
    while let tag = try reader.tag() {
      switch tag {
      case 10: try self.resource(reader.message(), into: &resource.resource)  // resource
      case 18: resource.scopes.append(try scopeSpans(reader.message()))  // scope_spans
      default: try reader.skip(tag)
      }
    }
    return resource
  }

  private mutating func scopeSpans(_ message: ProtobufReader) throws(WireError) -> OTLPScopeSpans {
    try take(MemoryLayout<OTLPScopeSpans>.stride)
    var reader = message
    var scope = OTLPScopeSpans()
    while let tag = try reader.tag() {
      switch tag {
      case 10: try self.scope(reader.message(), into: &scope.scope)  // scope
      case 18: try append(reader.message(), to: &scope)  // spans
      default: try reader.skip(tag)
      }
    }
    return scope
  }

  /// A span that cannot be read costs only itself: its length is known.
  private mutating func append(_ message: ProtobufReader, to scope: inout OTLPScopeSpans) throws(WireError) {
    do {
      scope.spans.append(try span(message))
    } catch {
      if error.kind == .tooLarge { throw error }
      scope.refusals.append(SpanRefusal(index: scope.spans.count + scope.refusals.count, reason: error.message))
    }
  }

  mutating func span(_ message: ProtobufReader) throws(WireError) -> OTLPSpan {
    try take(MemoryLayout<OTLPSpan>.stride)
    var reader = message
    var span = OTLPSpan()
    span.attributes.reserveCapacity(attributeCountHint)
    while let tag = try reader.tag() {
      switch tag {
      case 10: span.traceID = traceID(try reader.message())  // trace_id
      case 18: span.spanID = Array(try reader.message().rest)  // span_id
      case 26: span.traceState = text(try reader.message())  // trace_state
      case 34: span.parentSpanID = parentID(try reader.message())  // parent_span_id
      case 42: span.name = text(try reader.message())  // name
      case 48: span.kind = Int32(truncatingIfNeeded: try reader.varint())  // kind
      case 57: span.startNanoseconds = try reader.fixed64()  // start_time_unix_nano
      case 65: span.endNanoseconds = try reader.fixed64()  // end_time_unix_nano
      case 74: span.attributes.append(try attribute(reader.message(), depth: 1))  // attributes
      case 80: span.droppedAttributes = UInt32(truncatingIfNeeded: try reader.varint())  // dropped_attributes_count
      case 90: span.events.append(try event(reader.message()))  // events
      case 106: span.links.append(try link(reader.message()))  // links
      case 122: try status(reader.message(), of: &span)  // status
      case 133: span.flags = try reader.fixed32()  // flags
      default: try reader.skip(tag)
      }
    }
    attributeCountHint = span.attributes.count
    span.contentHash = span.hashOfContent()
    return span
  }

  private func parentID(_ message: ProtobufReader) -> [UInt8] {
    message.rest.allSatisfy { $0 == 0 } ? [] : Array(message.rest)
  }

  private func status(_ message: ProtobufReader, of span: inout OTLPSpan) throws(WireError) {
    var reader = message
    while let tag = try reader.tag() {
      switch tag {
      case 18: span.statusMessage = text(try reader.message())  // message
      case 24: span.statusCode = Int32(truncatingIfNeeded: try reader.varint())  // code
      default: try reader.skip(tag)
      }
    }
  }

  private mutating func event(_ message: ProtobufReader) throws(WireError) -> OTLPEvent {
    try take(MemoryLayout<OTLPEvent>.stride)
    var reader = message
    var event = OTLPEvent()
    while let tag = try reader.tag() {
      switch tag {
      case 9: event.timeNanoseconds = try reader.fixed64()  // time_unix_nano
      case 18: event.name = text(try reader.message())  // name
      case 26: event.attributes.append(try attribute(reader.message(), depth: 1))  // attributes
      default: try reader.skip(tag)
      }
    }
    return event
  }

  private mutating func link(_ message: ProtobufReader) throws(WireError) -> OTLPLink {
    try take(MemoryLayout<OTLPLink>.stride)
    var reader = message
    var link = OTLPLink()
    while let tag = try reader.tag() {
      switch tag {
      case 10: link.traceID = Array(try reader.message().rest)  // trace_id
      case 18: link.spanID = Array(try reader.message().rest)  // span_id
      case 34: link.attributes.append(try attribute(reader.message(), depth: 1))  // attributes
      default: try reader.skip(tag)
      }
    }
    return link
  }
}
