/// The erasure of one end user, as listed. Who it was is known only while it runs, and never told.
public struct Erasure: Sendable, Hashable {
  public var id: ErasureID
  public var pseudonym: String
  public var reason: String
  public var requestedBy: String
  public var requestedAt: Timestamp
  public var traces: Int64
  public var observations: Int64
  public var blocks: Int64
  public var scores: Int64
  /// A JSON object; nil while it runs.
  public var receipt: String?
  public var finishedAt: Timestamp?

  public init(
    id: ErasureID, pseudonym: String, reason: String, requestedBy: String, requestedAt: Timestamp, traces: Int64, observations: Int64, blocks: Int64, scores: Int64, receipt: String?, finishedAt: Timestamp?
  ) {
    self.id = id
    self.pseudonym = pseudonym
    self.reason = reason
    self.requestedBy = requestedBy
    self.requestedAt = requestedAt
    self.traces = traces
    self.observations = observations
    self.blocks = blocks
    self.scores = scores
    self.receipt = receipt
    self.finishedAt = finishedAt
  }
}
