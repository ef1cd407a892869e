/// A version of settings, as listed.
public struct SamplingVersion: Sendable, Hashable {
  public var policy: SamplingPolicy
  public var project: ProjectID
  /// nil: the project's, for environments without their own.
  public var environment: String?
  public var createdAt: Timestamp
  public var createdBy: String
  /// From here on the environment follows the project again.
  public var isEnd: Bool

  public init(policy: SamplingPolicy, project: ProjectID, environment: String?, createdAt: Timestamp, createdBy: String, isEnd: Bool) {
    self.policy = policy
    self.project = project
    self.environment = environment
    self.createdAt = createdAt
    self.createdBy = createdBy
    self.isEnd = isEnd
  }
}

/// A version of a project's noise filter.
public struct NoiseVersion: Sendable, Hashable {
  public var version: Int32
  public var scopes: [String]
  public var createdAt: Timestamp
  public var createdBy: String

  public init(version: Int32, scopes: [String], createdAt: Timestamp, createdBy: String) {
    self.version = version
    self.scopes = scopes
    self.createdAt = createdAt
    self.createdBy = createdBy
  }
}

/// What settings would have kept of traffic that is stored.
public struct SamplingPreview: Sendable, Hashable {
  /// Of the last day, latest first; at most `tracesMax`.
  public var traces: Int64 = 0
  public var isCut = false
  /// Traces whose payloads would be kept, by reason.
  public var kept: [KeepReason: Int64] = [:]
  /// Compressed, as stored.
  public var payloadBytes: Int64 = 0
  public var payloadBytesKept: Int64 = 0
  /// Rows now stored of the latest of these traces, at most `spanTracesMax`, and those of them that would be left out.
  public var spans: Int64 = 0
  public var spansOmitted: Int64 = 0
  public var calls: Int64 = 0

  public init() {}
  public static let tracesMax = 5000
  public static let spanTracesMax = 1000
  public var tracesKept: Int64 { kept.values.reduce(0, +) }
}

/// What sampling did, of one project.
public struct SamplingActivity: Sendable, Hashable {
  /// A UTC day ("2026-11-23").
  public struct Day: Sendable, Hashable {
    public var day: String
    /// Blocks of payloads that no rule kept, and their compressed bytes.
    public var payloadsDropped: Int64 = 0
    public var bytesDropped: Int64 = 0
    /// Those kept by a rule, by rule.
    public var payloadsKept: [KeepReason: Int64] = [:]
    public var spansSampled: Int64 = 0
    public var spansNoise: Int64 = 0
    public init(day: String) { self.day = day }
  }
  /// Newest first; only days with something to tell.
  public var days: [Day]
  /// Blocks that wait to be decided.
  public var held: Int64
  public init(days: [Day], held: Int64) {
    self.days = days
    self.held = held
  }
}

/// An instrumentation scope of recent spans.
public struct ScopeTraffic: Sendable, Hashable {
  public var scope: String
  public var spans: Int64
  public var calls: Int64
  /// Plain spans and events: what a noise filter could leave out.
  public var plain: Int64
  public init(scope: String, spans: Int64, calls: Int64, plain: Int64) {
    self.scope = scope
    self.spans = spans
    self.calls = calls
    self.plain = plain
  }
}
