extension ProtobufDecoder {
  /// ExportMetrics 1 resource_metrics > 2 scope_metrics > 2 metrics > data > 1 points.
  static func countMetricPoints(_ body: ProtobufReader) throws(WireError) -> Int {
    try sum(body, [10]) { resource throws(WireError) in
      try sum(resource, [18]) { scope throws(WireError) in
        try sum(scope, [18]) { metric throws(WireError) in
          // gauge, sum, histogram, exponential_histogram, summary
          try sum(metric, [42, 58, 74, 82, 90]) { data throws(WireError) in
            try sum(data, [10]) { _ throws(WireError) in 1 }
          }
        }
      }
    }
  }

  private static func sum(
    _ message: ProtobufReader, _ tags: [UInt64], _ count: (ProtobufReader) throws(WireError) -> Int
  ) throws(WireError) -> Int {
    var reader = message
    var total = 0
    while let tag = try reader.tag() {
      if tags.contains(tag) { total += try count(reader.message()) } else { try reader.skip(tag) }
    }
    return total
  }
}
