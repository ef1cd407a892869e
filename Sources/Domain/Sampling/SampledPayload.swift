/// Why bodies are not there although they were sent.
public struct SampledPayload: Sendable, Hashable {
  public var environment: String
  /// Of the traces of the environment that are kept.
  public var share: SamplingShare
  /// The settings that decided.
  public var version: Int32
  public var settingsOf: Timestamp
  /// Some of its bodies are there: those that came at another time.
  public var isPartly: Bool

  public init(environment: String, share: SamplingShare, version: Int32, settingsOf: Timestamp, isPartly: Bool) {
    self.environment = environment
    self.share = share
    self.version = version
    self.settingsOf = settingsOf
    self.isPartly = isPartly
  }
}

/// How many spans of a trace are not among its observations.
public struct OmittedCounts: Sendable, Hashable {
  public var sampled: Int32
  public var noise: Int32
  public init(sampled: Int32 = 0, noise: Int32 = 0) {
    self.sampled = sampled
    self.noise = noise
  }
  public var total: Int32 { sampled &+ noise }
}
