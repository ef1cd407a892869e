import Domain
import Wire

/// OTLP spans to facts.
public enum OTLPNormaliser {
  /// One observation per span and one set of trace facts per trace of the request. A span without valid ids is
  /// rejected alone; `Rejection.index` is its place among all spans of the request, those included that could not be
  /// decoded.
  public static func batch(_ resourceSpans: [OTLPResourceSpans], _ context: IngestContext) -> IngestBatch {
    var batch = IngestBatch()
    var traces: [TraceID: Int] = [:]
    var offset = 0
    for resource in resourceSpans {
      for scope in resource.scopes {
        let shared = SpanContext(context, resource: resource.resource, scope: scope.scope)
        let places = Places(count: scope.spans.count, refusals: scope.refusals, offset: offset)
        batch.rejections += places.rejections
        for (i, span) in scope.spans.enumerated() {
          add(span, at: places.index(i), shared, to: &batch, &traces)
        }
        offset += places.total
      }
    }
    return batch
  }

  private static func add(
    _ span: OTLPSpan, at index: Int, _ shared: SpanContext, to batch: inout IngestBatch, _ traces: inout [TraceID: Int]
  ) {
    guard let trace = TraceID(bytes: span.traceID), let id = ObservationID(bytes: span.spanID) else {
      batch.rejections.append(invalidIDs(span, index))
      return
    }
    let facts = SpanFacts(span, trace: trace, id: id, shared: shared)
    batch.observations.append(facts.facts)
    batch.observationItems.append(index)
    batch.accepted += 1
    let traceFacts = SpanTrace.facts(facts)
    if let known = traces[trace] {
      batch.traces[known].merge(traceFacts)
    } else {
      traces[trace] = batch.traces.count
      batch.traces.append(traceFacts)
      batch.traceItems.append(index)
    }
  }

  private static func invalidIDs(_ span: OTLPSpan, _ index: Int) -> Rejection {
    let isEmpty = span.traceID.isEmpty && span.spanID.isEmpty
    return Rejection(
      index: index, id: span.spanID.isEmpty ? nil : SpanAttributes.hex(span.spanID),
      reason: isEmpty ? .missingID : .invalidID,
      detail: isEmpty
        ? "span without traceId and spanId (is this a logs export?)"
        : "traceId must be 16 bytes and spanId 8 bytes, neither all zero")
  }
}

/// Places of a scope's items in the request, given those that could not be decoded.
struct Places {
  let total: Int
  let rejections: [Rejection]
  private let indexes: [Int]

  init(count: Int, refusals: [SpanRefusal], offset: Int) {
    total = count + refusals.count
    rejections = refusals.map {
      Rejection(index: offset + $0.index, reason: .malformed, detail: $0.reason)
    }
    if refusals.isEmpty {
      indexes = Array(offset..<offset + count)
    } else {
      let refused = Set(refusals.map(\.index))
      indexes = (0..<total).filter { !refused.contains($0) }.map { offset + $0 }
    }
  }

  /// The place of the i-th item that was decoded.
  func index(_ i: Int) -> Int { i < indexes.count ? indexes[i] : indexes.last ?? 0 }
}
