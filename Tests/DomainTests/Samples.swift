@testable import Domain

/// A reproducible generator (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

let sampleTrace = TraceID(high: 1, low: 2)
let sampleProject = ProjectID(1)

/// One row of a trace in the fewest words: times in microseconds, usage as (input, output).
func row(
  _ id: UInt64, under parent: UInt64? = nil, _ kind: ObservationKind = .generation, _ usage: (Int64, Int64)? = nil,
  _ scope: String? = "app", at time: ClosedRange<Int64> = 0...100, model: String? = nil, response: String? = nil,
  cost: String? = nil
) -> Observation {
  var facts = ObservationFacts(project: sampleProject, trace: sampleTrace, id: ObservationID(id))
  facts.parent = parent.map { ObservationID($0) }
  facts.kind = kind
  facts.scope = scope
  facts.responseModel = model
  facts.responseID = response
  facts.endedAt = Timestamp(microseconds: time.upperBound)
  facts.usage = usage.map { UsageReport(usage: Usage([.input: $0.0, .output: $0.1]), rule: "test", raw: "{}") }
  facts.reportedCost = cost.flatMap { USD(decimal: $0) }.map { ReportedCost(amount: $0, source: .sender) }
  let start = Timestamp(microseconds: time.lowerBound)
  return Observation(facts: facts, startedAt: start, isStartAssumed: false, receivedAt: start)
}

extension Observation {
  func with(_ change: (inout Observation) -> Void) -> Observation {
    var copy = self
    change(&copy)
    return copy
  }
}

/// Settles rows of one trace.
func settled(_ rows: [Observation], _ change: (inout TraceFacts) -> Void = { _ in }) -> [Observation] {
  var facts = TraceFacts(project: sampleProject, id: sampleTrace)
  change(&facts)
  var snapshot = TraceSnapshot(facts: facts, observations: rows)
  Settle.settle(&snapshot)
  return snapshot.observations
}

/// Ids of the rows that count, ascending.
func calls(_ rows: [Observation]) -> [UInt64] {
  settled(rows).filter(\.decision.isCall).map(\.facts.id.rawValue).sorted()
}

/// Why each shadowed row does not count: id → (row that counts, reason).
func shadows(_ rows: [Observation]) -> [UInt64: String] {
  let pairs = settled(rows).compactMap { row in
    row.decision.shadowedBy.map {
      (row.facts.id.rawValue, "\($0.rawValue) \(row.decision.shadowReason?.rawValue ?? "-")")
    }
  }
  return Dictionary(uniqueKeysWithValues: pairs)
}

/// All orders of a small array.
func permutations<T>(_ items: [T]) -> [[T]] {
  if items.count < 2 { return [items] }
  return items.indices.flatMap { i in
    var rest = items
    let first = rest.remove(at: i)
    return permutations(rest).map { [first] + $0 }
  }
}
