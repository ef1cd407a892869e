/// One step of a sign-in by a provider, for whoever sets it up.
public struct ProviderStep: Sendable, Hashable, Codable {
  public enum Outcome: String, Sendable, Hashable, Codable {
    case done
    case failed
    /// Nothing to do, or something to know.
    case noted
  }
  public var name: String
  public var outcome: Outcome
  /// What was found, or why it failed.
  public var detail: String

  public init(_ name: String, _ outcome: Outcome, _ detail: String) {
    self.name = name
    self.outcome = outcome
    self.detail = detail
  }
}

/// A claim as shown.
public struct ClaimLine: Sendable, Hashable, Codable {
  public var name: String
  /// JSON, texts without their quotes.
  public var value: String
  /// "ID token" or "user information".
  public var source: String

  public init(name: String, value: String, source: String) {
    self.name = name
    self.value = value
    self.source = source
  }
}

/// What a test of a provider found.
public struct SignInReport: Sendable, Hashable, Codable {
  public var steps: [ProviderStep]
  public var claims: [ClaimLine]

  public init(steps: [ProviderStep] = [], claims: [ClaimLine] = []) {
    self.steps = steps
    self.claims = claims
  }

  public var hasFailed: Bool { steps.contains { $0.outcome == .failed } }
}
