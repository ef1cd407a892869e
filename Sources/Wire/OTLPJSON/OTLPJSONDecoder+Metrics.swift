extension OTLPJSONDecoder {
  /// resourceMetrics > scopeMetrics > metrics > gauge, sum … > dataPoints.
  mutating func countMetricPoints() throws(WireError) -> Int {
    var total = 0
    try document { (key, decoder) throws(WireError) in
      if key == "resourceMetrics" { total += try decoder.count(["scopeMetrics", "metrics"]) }
    }
    return total
  }

  /// The points beneath the array that comes next, whose objects hold the arrays named by `path`.
  private mutating func count(_ path: [String]) throws(WireError) -> Int {
    var total = 0
    try elements { decoder throws(WireError) in
      try decoder.members { (key, decoder) throws(WireError) in
        if let next = path.first {
          if key == next { total += try decoder.count(Array(path.dropFirst())) }
        } else if OTLPJSONDecoder.metricKinds.contains(key) {
          total += try decoder.dataPoints()
        }
      }
    }
    return total
  }

  private static let metricKinds = ["gauge", "sum", "histogram", "exponentialHistogram", "summary"]

  private mutating func dataPoints() throws(WireError) -> Int {
    var count = 0
    try members { (key, decoder) throws(WireError) in
      guard key == "dataPoints" else { return }
      try decoder.elements { decoder throws(WireError) in
        _ = try decoder.scanner.skipValue()
        count += 1
      }
    }
    return count
  }
}
