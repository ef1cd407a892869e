/// Sampling of one project as it is in force: settings of the project, of its environments, and the noise filter.
public struct ProjectSampling: Sendable, Hashable {
  /// `organisations.secret`: the same on every process, unknown to senders.
  private let secret: [UInt8]
  public var standard: SamplingPolicy
  public var environments: [String: SamplingPolicy]
  public var noise: NoiseFilter

  public init(secret: [UInt8], standard: SamplingPolicy = .everything, environments: [String: SamplingPolicy] = [:], noise: NoiseFilter = NoiseFilter()) {
    self.secret = secret
    self.standard = standard
    self.environments = environments
    self.noise = noise
  }

  /// Nothing is ever left out.
  public var keepsEverything: Bool {
    noise.isEmpty && standard.keepsEverything && environments.values.allSatisfy(\.keepsEverything)
  }

  /// Whether scores can keep a trace.
  public var asksForScores: Bool { standard.keep.scored || environments.values.contains { $0.keep.scored } }

  public func policy(of environment: String) -> SamplingPolicy { environments[environment] ?? standard }

  /// 0 … 999,999: a trace is kept by a share that is above its place. A keyed hash of the trace id, so that every process decides alike
  /// and no sender can choose.
  public func place(of trace: TraceID) -> Int32 {
    let digest = KeyedHash(secret: secret).bytes("sampling", trace.bytes)
    return Int32(truncatingIfNeeded: bigEndian(digest.prefix(8)).multipliedFullWidth(by: UInt64(SamplingShare.whole)).high)
  }

  /// Whether the share alone keeps the trace: nothing that comes later can change it.
  public func isDrawn(_ part: SamplingPolicy.Part, _ trace: TraceID, environments names: Set<String>) -> Bool {
    let share = names.map { policy(of: $0).share(of: part) }.max() ?? standard.share(of: part)
    return share == .all || share > .none && place(of: trace) < share.millionths
  }

  /// Why it is kept; nil when it is not. Of several environments the most generous decides.
  public func reason(_ part: SamplingPolicy.Part, _ trace: SamplingEvidence) -> KeepReason? {
    if isDrawn(part, trace.trace, environments: trace.environments) { return .share }
    return trace.environments.sorted().lazy.compactMap { policy(of: $0).keep.reason(trace) }.first
  }

  /// The environment whose settings are told as the reason why a trace is not kept: the most generous, then by name.
  public func deciding(_ part: SamplingPolicy.Part, _ names: Set<String>) -> String {
    names.sorted().max { policy(of: $0).share(of: part) < policy(of: $1).share(of: part) } ?? SamplingEvidence.standardEnvironment
  }
}

/// Instrumentation scopes whose plain spans are noise in the traces of LLM applications: HTTP clients, file systems, database drivers.
public struct NoiseFilter: Sendable, Hashable {
  /// Names, without regard to case; one that ends in "*" means all that begin so.
  public let scopes: [String]
  private let exact: Set<String>
  private let prefixes: [String]

  public static let scopesMax = 200

  public init(scopes: [String] = []) {
    self.scopes = scopes
    let lower = scopes.map { $0.lowercased() }
    exact = Set(lower.filter { !$0.hasSuffix("*") })
    prefixes = lower.filter { $0.hasSuffix("*") }.map { String($0.dropLast()) }
  }

  public var isEmpty: Bool { scopes.isEmpty }

  /// Only plain spans and events: tools, agents, chains, retrievers and calls are what the trace is about, whoever wrote them.
  public func matches(_ row: Observation) -> Bool {
    guard row.kind == .span || row.kind == .event, let scope = row.facts.scope?.lowercased() else { return false }
    return has(scope)
  }

  /// Whether the filter is about the scope.
  public func names(_ scope: String) -> Bool { has(scope.lowercased()) }

  private func has(_ scope: String) -> Bool { exact.contains(scope) || prefixes.contains(where: scope.hasPrefix) }
}
