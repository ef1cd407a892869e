/// A cost that came with the call.
public struct ReportedCost: Sendable, Hashable {
  public enum Source: Int16, Sendable, Hashable {
    /// The provider's own statement (OpenRouter).
    case provider = 1
    /// Given by the sender on purpose (Langfuse cost_details, API).
    case sender = 2
    /// Computed by an instrumentation (OpenLIT, Traceloop); kept beside, not trusted by default.
    case instrumentation = 3
  }
  public var amount: USD
  public var source: Source

  public init(amount: USD, source: Source) {
    self.amount = amount
    self.source = source
  }
}
