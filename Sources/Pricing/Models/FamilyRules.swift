/// A rule of the catalogue for more than one name, made ready for matching on folded names.
struct NameFamily: Sendable {
  enum Anchor: Sendable { case front, back, whole }
  let model: Int32
  /// The longest text that the name must have where it starts; `#` is a digit.
  let literal: [UInt8]
  let anchor: Anchor
  /// What must hold besides.
  let others: [MatchRule.Clause]
  let text: String
  /// Fine-tuned names end as their owner likes, and so do families that cost nothing.
  let takesAnyRest: Bool

  /// nil for a plain name.
  init?(_ clauses: [MatchRule.Clause], text: String, model: Int32, isFree: Bool) {
    if clauses.count == 1, case .equals = clauses[0] { return nil }
    guard let longest = clauses.indices.max(by: { clauses[$0].fixedText.count < clauses[$1].fixedText.count }) else {
      return nil
    }
    var literal = fold(clauses[longest].fixedText)
    switch clauses[longest] {
    case .startsWith, .contains: anchor = .front
    case .endsWith: anchor = .back
    case .equals: anchor = .whole
    case .like:
      anchor = literal.last == UInt8(ascii: "*") ? .front : .whole
      if anchor == .front { literal.removeLast() }
    case .lacks, .lacksPart: return nil
    }
    while literal.first == UInt8(ascii: "/") { literal.removeFirst() }
    guard !literal.isEmpty else { return nil }
    self.model = model
    self.literal = literal
    others = clauses.indices.filter { $0 != longest }.map { clauses[$0] }
    self.text = text
    takesAnyRest = isFree || literal.starts(with: "ft:".utf8) || text.hasSuffix(".ft-")
  }

  /// Whether the name from `start` on is of the family. A rest that says something ("-8" after "claude-opus-4", "-mini",
  /// "-audio") makes it another model.
  func holds(_ name: ModelName, from start: Int) -> Bool {
    let end = start + literal.count
    guard end <= name.folded.count, hasLiteral(name.folded, at: start) else { return false }
    let fits =
      switch anchor {
      case .front: end >= name.looseEnd || (takesAnyRest && !continuesNumber(name.folded, at: end))
      case .back, .whole: name.ends.contains { $0.at == end }
      }
    guard fits else { return false }
    if others.isEmpty { return true }
    let rest = Array(name.bytes[start...])
    return others.allSatisfy { $0.holds(rest) }
  }

  /// Whether a version number that goes on is all that keeps the name out of the family.
  func isContinued(by name: ModelName, from start: Int) -> Bool {
    let end = start + literal.count
    return anchor == .front && end < name.looseEnd && end <= name.folded.count && hasLiteral(name.folded, at: start)
      && continuesNumber(name.folded, at: end)
  }

  private func hasLiteral(_ folded: [UInt8], at start: Int) -> Bool {
    for i in literal.indices {
      let byte = folded[start + i]
      guard literal[i] == UInt8(ascii: "#") ? isASCIIDigit(byte) : literal[i] == byte else { return false }
    }
    return true
  }

  /// "-8" after "4", but not "-27b" nor a date.
  private func continuesNumber(_ folded: [UInt8], at end: Int) -> Bool {
    guard end > 0, end < folded.count, isASCIIDigit(folded[end - 1]) else { return false }
    if isASCIIDigit(folded[end]) { return true }
    guard folded[end] == UInt8(ascii: "-") else { return false }
    let digits = folded[(end + 1)...].prefix(while: isASCIIDigit)
    guard (1...2).contains(digits.count) else { return false }
    return digits.endIndex == folded.count || !(97...122).contains(folded[digits.endIndex])
  }
}

extension MatchRule.Clause {
  fileprivate var fixedText: [UInt8] {
    switch self {
    case .equals(let x), .startsWith(let x), .endsWith(let x), .contains(let x), .like(let x): x
    case .lacks, .lacksPart: []
    }
  }
}

/// One provider's family rules, found by the first four bytes of what they ask for: a name is compared with a handful of
/// them, not with all.
struct FamilyRules: Sendable {
  private var anchored: [UInt32: [NameFamily]] = [:]
  /// Too short, or beginning with any digit.
  private var others: [NameFamily] = []

  mutating func add(_ rule: NameFamily) {
    if let key = key(rule.literal, at: 0), !rule.literal.prefix(4).contains(UInt8(ascii: "#")) {
      anchored[key, default: []].append(rule)
    } else {
      others.append(rule)
    }
  }

  /// The rule that fixes most of the name from `start` on; the earlier in the catalogue of two alike.
  func best(_ name: ModelName, from start: Int, besides hidden: Int32) -> NameFamily? {
    var best: NameFamily?
    each(name, start) { rule in
      guard rule.model != hidden, rule.literal.count > best?.literal.count ?? 0, rule.holds(name, from: start) else { return }
      best = rule
    }
    return best
  }

  /// The model whose family the name continues by a version number.
  func older(_ name: ModelName, from start: Int) -> Int32? {
    var found: NameFamily?
    each(name, start) { rule in
      if rule.literal.count > found?.literal.count ?? 0, rule.isContinued(by: name, from: start) { found = rule }
    }
    return found?.model
  }

  private func each(_ name: ModelName, _ start: Int, _ body: (NameFamily) -> Void) {
    if let key = key(name.folded, at: start), let rules = anchored[key] { rules.forEach(body) }
    others.forEach(body)
  }

  private func key(_ bytes: [UInt8], at start: Int) -> UInt32? {
    guard start + 4 <= bytes.count else { return nil }
    return (0..<4).reduce(0) { $0 << 8 | UInt32(bytes[start + $1]) }
  }
}
