import Domain

/// Sampling settings as typed into their form.
public struct SamplingDraft: Sendable {
  /// "" for the project's own.
  public var environment = ""
  /// Per cent, as typed.
  public var payloads = "100"
  public var spans = "100"
  public var errors = true
  public var costAbove = ""
  /// Seconds.
  public var durationAbove = ""
  /// One a line; so are tags and endpoints.
  public var users = ""
  public var tags = ""
  public var endpoints = ""
  public var scored = false

  public init() {}

  public init(_ policy: SamplingPolicy, environment: String?) {
    self.environment = environment ?? ""
    (payloads, spans) = (policy.payloads.percent, policy.spans.percent)
    (errors, scored) = (policy.keep.errors, policy.keep.scored)
    costAbove = policy.keep.costAbove?.decimal ?? ""
    durationAbove = policy.keep.durationAboveMilliseconds.map(Self.seconds) ?? ""
    users = policy.keep.users.joined(separator: "\n")
    tags = policy.keep.tags.joined(separator: "\n")
    endpoints = policy.keep.endpoints.joined(separator: "\n")
  }

  /// "1.5" of 1500.
  static func seconds(_ milliseconds: Int64) -> String { USD(pico: Int128(milliseconds) * (USD.scale / 1000)).decimal }
}

/// Sampling in the words of people.
enum SamplingWords {
  static func reason(_ reason: KeepReason) -> String {
    switch reason {
    case .share: "by the share"
    case .error: "errors"
    case .cost: "cost"
    case .duration: "duration"
    case .user: "users"
    case .tag: "tags"
    case .endpoint: "endpoints"
    case .score: "scored"
    }
  }

  static func share(_ share: SamplingShare) -> String { "\(share.percent)\u{A0}%" }

  /// "errors, over $0.05, user ann".
  static func rules(_ keep: KeepRules) -> String {
    var words: [String] = []
    if keep.errors { words.append("errors") }
    if let cost = keep.costAbove { words.append("over $\(cost.decimal)") }
    if let time = keep.durationAboveMilliseconds { words.append("over \(SamplingDraft.seconds(time))\u{A0}s") }
    func add(_ names: [String], _ one: String, _ many: String) {
      if names.count == 1 { words.append("\(one) \(names[0])") }
      if names.count > 1 { words.append("\(names.count) \(many)") }
    }
    add(keep.users, "user", "users")
    add(keep.tags, "tag", "tags")
    add(keep.endpoints, "endpoint", "endpoints")
    if keep.scored { words.append("scored") }
    return words.isEmpty ? "none" : words.joined(separator: ", ")
  }

  static func environment(_ name: String?) -> String { name ?? "all others" }

  static func percent(_ part: Int64, of whole: Int64) -> String {
    if whole == 0 { return "–" }
    let percent = Double(part) / Double(whole) * 100
    return Digits.fixed(percent, places: percent > 0 && percent < 9.95 ? 1 : 0) + "\u{A0}%"
  }
}

extension Route {
  public static let sampling = "/settings/sampling"
  public static func sampling(_ project: String) -> String { "\(sampling)/\(segment(project))" }
  public static func sampling(_ project: String, environment: String?) -> String {
    sampling(project) + (environment.map { "?environment=" + QueryText.encoded($0) } ?? "")
  }
  public static func samplingPreview(_ project: String) -> String { sampling(project) + "/preview" }
  public static func samplingEnd(_ project: String) -> String { sampling(project) + "/end" }
  public static func noise(_ project: String) -> String { sampling(project) + "/noise" }
}
