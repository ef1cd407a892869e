import Domain

/// The observations of a trace as lines: parents before children, siblings by start, with sums over what is below.
struct TraceOutline {
  struct Line {
    /// Position in the observations given.
    var index: Int
    var depth: Int
    var hasChildren: Bool
    /// Over the line itself and all below it.
    var measures: Subtotal
  }
  struct Subtotal: Equatable {
    var calls: Int64 = 0
    var tokens: Int64 = 0
    var cost: USD?
    var unpriced: Int64 = 0
  }

  private(set) var lines: [Line] = []
  /// First start and the span to the last end; the shared axis.
  let start: Timestamp
  let spanMicroseconds: Int64

  init(_ observations: [Observation]) {
    let first = observations.map(\.startedAt).min() ?? Timestamp(microseconds: 0)
    start = first
    spanMicroseconds = observations.map { max($0.startedAt, $0.facts.endedAt ?? $0.startedAt).since(first) }.max() ?? 0
    walk(observations)
    sum(observations)
  }

  /// Depth first without recursion: a trace may nest as deep as it likes. Rows whose parents form a ring are shown as roots.
  private mutating func walk(_ observations: [Observation]) {
    let place = Dictionary(observations.enumerated().map { ($1.facts.id, $0) }, uniquingKeysWith: { first, _ in first })
    let order = observations.indices.sorted {
      (observations[$0].startedAt, observations[$0].facts.id) < (observations[$1].startedAt, observations[$1].facts.id)
    }
    var children: [[Int]] = Array(repeating: [], count: observations.count)
    var roots: [Int] = []
    for i in order {
      if let parent = observations[i].facts.parent.flatMap({ place[$0] }), parent != i {
        children[parent].append(i)
      } else {
        roots.append(i)
      }
    }
    var seen = Array(repeating: false, count: observations.count)
    lines.reserveCapacity(observations.count)
    for root in roots + order {
      var stack = [(root, 0)]
      while let (i, depth) = stack.popLast() {
        if seen[i] { continue }
        seen[i] = true
        lines.append(Line(index: i, depth: depth, hasChildren: !children[i].isEmpty, measures: Subtotal()))
        for child in children[i].reversed() where !seen[child] { stack.append((child, depth + 1)) }
      }
    }
  }

  /// From the last line up: every line adds itself to the nearest line above it that is less deep.
  private mutating func sum(_ observations: [Observation]) {
    var parents: [Int] = []
    var above: [Int?] = []
    for (i, line) in lines.enumerated() {
      parents.removeLast(max(0, parents.count - line.depth))
      above.append(parents.last)
      parents.append(i)
    }
    for i in lines.indices.reversed() {
      let observation = observations[lines[i].index]
      if observation.decision.isCall {
        lines[i].measures.calls &+= 1
        lines[i].measures.tokens &+= observation.facts.usage?.usage.totalTokens ?? 0
        if observation.decision.cost.status.isUnpriced { lines[i].measures.unpriced &+= 1 }
        if let cost = observation.decision.cost.cost {
          lines[i].measures.cost = (lines[i].measures.cost ?? .zero) + cost
        }
      }
      guard let parent = above[i] else { continue }
      let below = lines[i].measures
      lines[parent].measures.calls &+= below.calls
      lines[parent].measures.tokens &+= below.tokens
      lines[parent].measures.unpriced &+= below.unpriced
      if let cost = below.cost { lines[parent].measures.cost = (lines[parent].measures.cost ?? .zero) + cost }
    }
  }

  /// Percent of the axis from the left, and width.
  func bar(_ observation: Observation) -> (x: Double, width: Double) {
    guard spanMicroseconds > 0 else { return (0, 100) }
    let span = Double(spanMicroseconds)
    let x = Double(observation.startedAt.since(start)) / span * 100
    return (x, Double(observation.durationMicroseconds ?? 0) / span * 100)
  }
}
