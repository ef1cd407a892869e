/// All that is known of one trace at one moment, under its lock: the input and the output of deciding.
public struct TraceSnapshot: Sendable {
  public var facts: TraceFacts
  /// Every observation of the trace, those that have not arrived included.
  public var observations: [Observation]

  public init(facts: TraceFacts, observations: [Observation]) {
    self.facts = facts
    self.observations = observations
  }
}

/// Fills `decision` of every observation from the evidence: settle, price, attribute. Pure and deterministic.
public typealias Decide = @Sendable (inout TraceSnapshot) -> Void
