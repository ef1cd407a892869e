import Domain
import Pricing
import Testing
import Wire

/// A way that sends nothing: `whatIf` asks what a usage would cost at a model, tier and time.
enum WhatIf {
  /// The answer as one observation, so that it is compared like any other; nil when the way is none.
  static func observation(_ way: GoldenCase.Way, _ book: PriceBook) throws -> Observation? {
    guard let asked = way.json["whatIf"]?.objectValue else { return nil }
    var usage = Usage()
    for member in asked["usage"]?.objectValue?.members ?? [] {
      let bucket = try #require(UsageBucket(rawValue: member.key), "bucket \(member.key)")
      usage[bucket] = try #require(member.value.intValue)
    }
    let microseconds = try #require(GoldenTime.microseconds(way.start), "start")
    let conditions = (asked["conditions"]?.objectValue?.members ?? []).map { ($0.key, $0.value.stringValue ?? "") }
    let answer = book.whatIf(
      usage: usage, at: Timestamp(microseconds: microseconds), model: asked["model"]?.stringValue ?? "",
      provider: asked["provider"]?.stringValue,
      conditions: PriceConditions(Dictionary(conditions) { _, last in last }), calls: asked["calls"]?.intValue ?? 1)
    let (trace, id) = (TraceID.named("what-if").id, ObservationID.named("what-if").id)
    var facts = ObservationFacts(project: Submission.context.project, trace: trace, id: id)
    facts.usage = UsageReport(usage: usage, rule: "what-if", raw: "{}")
    var row = Observation(
      facts: facts, startedAt: Timestamp(microseconds: microseconds), isStartAssumed: false,
      receivedAt: Submission.context.receivedAt)
    row.decision.isCall = true
    row.decision.provider = answer.provider
    row.decision.model = answer.model
    row.decision.cost = answer.outcome
    return row
  }
}
