/// Rules made ready for many calls: by what they give, tests of each with the cheapest first.
struct CompiledRules: Sendable {
  private(set) var endpoints: [CompiledRule] = []
  private(set) var groups: [CompiledRule] = []
  private(set) var teams: [CompiledRule] = []
  /// Instants at which a rule or a team begins or ceases to hold, rising: between two of them time changes nothing.
  private var bounds: [Timestamp] = []

  init() {}

  /// `rules` in order of position.
  init(_ rules: [AttributionRule], _ declared: [String], _ validity: [TeamID: TeamValidity], _ patterns: PatternCompiler) {
    for rule in rules {
      guard let compiled = CompiledRule(rule, declared, patterns) else { continue }
      if rule.endpoint != nil { endpoints.append(compiled) }
      if rule.userGroup != nil { groups.append(compiled) }
      if rule.team != nil { teams.append(compiled) }
    }
    let instants = rules.flatMap { [$0.validFrom, $0.validTo] } + validity.values.flatMap { [$0.from, $0.to] }
    bounds = Set(instants.compactMap { $0 }).sorted()
  }

  /// Number of the stretch of time that `start` lies in.
  func era(of start: Timestamp) -> Int {
    var low = 0, high = bounds.count
    while low < high {
      let middle = (low + high) / 2
      if bounds[middle] <= start { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

struct CompiledRule: Sendable {
  let rule: AttributionRule
  private let conditions: [CompiledCondition]

  /// nil: it can match nothing.
  init?(_ rule: AttributionRule, _ declared: [String], _ patterns: PatternCompiler) {
    var conditions: [CompiledCondition] = []
    for condition in rule.conditions {
      guard let compiled = CompiledCondition(condition, declared, patterns) else { return nil }
      conditions.append(compiled)
    }
    self.rule = rule
    self.conditions = conditions.sorted { $0.price < $1.price }
  }

  func matches(_ call: CallEvidence, of trace: TraceEvidence, at start: Timestamp) -> Bool {
    rule.holds(at: start) && conditions.allSatisfy { $0.holds(call, trace) }
  }
}

struct CompiledCondition: Sendable {
  private enum Test: Sendable {
    case isPresent
    /// By text under Swift's equality, then byte by byte.
    case equals([String: [String]])
    case prefix([[UInt8]]), suffix([[UInt8]]), contains([[UInt8]])
    case regex([@Sendable (String) -> Bool])
  }
  private let field: RuleField
  private let isNegated: Bool
  private let test: Test
  /// Place among the declared keys.
  private let slot: Int

  /// nil: it can't be tested.
  init?(_ condition: RuleCondition, _ declared: [String], _ patterns: PatternCompiler) {
    field = condition.field
    isNegated = condition.isNegated
    if case .metadata(let key) = condition.field {
      guard let place = declared.firstIndex(where: { $0.utf8.elementsEqual(key.utf8) }) else { return nil }
      slot = place
    } else {
      slot = 0
    }
    // Domains are folded in the evidence.
    let isFolded = condition.field == .emailDomain && condition.match != .regex
    let values = isFolded ? condition.values.map { $0.lowercased() } : condition.values
    let bytes = { values.map { Array($0.utf8) } }
    switch condition.match {
    case .isPresent: test = .isPresent
    case .equals: test = .equals(Dictionary(grouping: values) { $0 })
    case .prefix: test = .prefix(bytes())
    case .suffix: test = .suffix(bytes())
    case .contains: test = .contains(bytes())
    case .regex:
      var compiled: [@Sendable (String) -> Bool] = []
      for value in values {
        guard let pattern = try? patterns(value) else { return nil }
        compiled.append(pattern)
      }
      test = .regex(compiled)
    }
  }

  /// Smaller is tested first.
  var price: Int {
    switch test {
    case .isPresent: 0
    case .equals: 1
    case .prefix, .suffix: 2
    case .contains: 3
    case .regex: 4
    }
  }

  func holds(_ call: CallEvidence, _ trace: TraceEvidence) -> Bool { isMatched(call, trace) != isNegated }

  private func isMatched(_ call: CallEvidence, _ trace: TraceEvidence) -> Bool {
    switch field {
    case .key: fits(call.key.flatMap { trace.directory.keyNames[$0] })
    case .project: fits(trace.project)
    case .service: fits(call.service)
    case .environment: fits(call.environment)
    case .endpoint: fits(call.endpoint)
    case .traceName: fits(trace.name)
    case .tag: trace.tags.contains(where: fits)
    case .user: fits(call.user)
    case .emailDomain: fits(call.user.flatMap(EmailDomain.of))
    case .userGroup: fits(call.group.flatMap { trace.directory.groupNames[$0] })
    case .model: call.models.contains(where: fits)
    case .provider: call.providers.contains(where: fits)
    case .metadata: fits(call.declared.isEmpty ? nil : call.declared[slot])
    }
  }

  /// A text that was not said, or is empty, fits nothing.
  private func fits(_ text: String?) -> Bool {
    guard let text, !text.isEmpty else { return false }
    switch test {
    case .isPresent: return true
    case .equals(let values): return values[text]?.contains { $0.utf8.elementsEqual(text.utf8) } ?? false
    case .prefix(let values): return values.contains { text.utf8.starts(with: $0) }
    case .suffix(let values): return values.contains { text.utf8.reversed().starts(with: $0.reversed()) }
    case .contains(let values):
      let bytes = Array(text.utf8)
      return values.contains { Self.isWithin(bytes, $0) }
    case .regex(let patterns): return patterns.contains { $0(text) }
    }
  }

  private static func isWithin(_ text: [UInt8], _ part: [UInt8]) -> Bool {
    guard let first = part.first else { return true }
    guard text.count >= part.count else { return false }
    return (0...(text.count - part.count)).contains { at in
      text[at] == first && text[at..<(at + part.count)].elementsEqual(part)
    }
  }
}

enum EmailDomain {
  /// What follows the last "@", in lower case; nil without one.
  static func of(_ user: String) -> String? {
    guard let at = user.utf8.lastIndex(of: UInt8(ascii: "@")) else { return nil }
    let domain = user[user.utf8.index(after: at)...]
    return domain.isEmpty ? nil : domain.lowercased()
  }
}
