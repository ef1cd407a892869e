/// What a stored step is. Raw values are stored and shown.
public enum ObservationKind: String, Sendable, CaseIterable, Hashable, Codable {
  case generation, span, embedding, tool, agent, chain, retriever, evaluator, guardrail, event

  /// A call even without usage: it asked a model for something.
  public var isAlwaysCall: Bool { self == .generation || self == .embedding }
  /// May carry an aggregate of its descendants' usage.
  public var isWrapper: Bool {
    switch self {
    case .span, .agent, .chain, .tool: true
    default: false
    }
  }
}

/// Severity of an observation.
public enum ObservationLevel: String, Sendable, CaseIterable, Hashable, Codable {
  case debug, `default`, warning, error
}
