import Domain

/// An agreed entry in plain text, the same on the page and the command line: what it is about, and what it says.
public struct PriceEntryWords: Sendable, Hashable {
  struct Fact: Sendable, Hashable {
    /// Units may share a name.
    let key: String
    let name: String
    let value: String
    /// Told only where it changes.
    let isAside: Bool

    init(_ name: String, _ value: String, key: String? = nil, isAside: Bool = false) {
      self.key = key ?? name
      self.name = name
      self.value = value
      self.isAside = isAside
    }
  }

  /// "azure prefix my-gpt, region eu, service tier batch, from 2026-01-01".
  public let what: String
  let facts: [Fact]

  public init(_ listing: PriceListing) {
    let conditions = listing.conditions.sorted { $0.key < $1.key }.map { key, value in
      "\(String(key.map { $0 == "_" ? " " : $0 })) \(value)"
    }
    what = Self.what("", listing.provider, listing.pattern, conditions, listing.dates)
    let prices = listing.prices.sorted { $0.key < $1.key }.map { key, price in
      Fact(UnitWords.name(key), UnitPriceText(price).plain, key: key)
    }
    facts = prices + Self.until(listing.dates) + [
      Fact("source", listing.source, isAside: true),
      Fact("checked", listing.checkedAt.map(Self.day) ?? "never", isAside: true),
    ]
  }

  public init(_ term: PriceTerm) {
    what = Self.what("discount on ", term.provider, term.pattern, [], term.dates)
    facts = [Fact("×", term.factor)] + Self.until(term.dates) + [Fact("source", term.source, isAside: true)]
  }

  public init(_ alias: ModelAlias) {
    what = Self.what("name ", alias.provider, alias.pattern, [], alias.dates)
    let target = alias.targetProvider.map { "\($0) \(alias.targetModel)" } ?? alias.targetModel
    facts = [Fact("stands for", target)] + Self.until(alias.dates)
  }

  /// "Input $1.25 ($2.50 over 200,000 tokens), until 2026-07-01".
  public var detail: String { facts.filter { !$0.isAside }.map { "\($0.name) \($0.value)" }.joined(separator: ", ") }

  /// What is another than before, "Input $2.00 becomes $1.00"; where nothing is, all.
  public func detail(after old: PriceEntryWords) -> String {
    let gone = old.facts.filter { fact in !facts.contains { $0.key == fact.key } }.map { "\($0.name) \($0.value) becomes none" }
    let changed = facts.compactMap { fact in
      let before = old.facts.first { $0.key == fact.key }?.value ?? "none"
      return before == fact.value ? nil : "\(fact.name) \(before) becomes \(fact.value)"
    }
    return changed.isEmpty && gone.isEmpty ? detail : (changed + gone).joined(separator: ", ")
  }

  private static func what(
    _ sort: String, _ provider: String?, _ pattern: NamePattern?, _ conditions: [String], _ dates: DatedRange
  ) -> String {
    let model = pattern.map { $0.kind == .exact ? $0.text : "\($0.kind.rawValue) \($0.text)" } ?? "every model"
    let from = dates.from.map { ["from \(day($0))"] } ?? []
    return ([sort + (provider.map { "\($0) \(model)" } ?? model)] + conditions + from).joined(separator: ", ")
  }

  private static func until(_ dates: DatedRange) -> [Fact] { dates.to.map { [Fact("until", day($0))] } ?? [] }

  /// A day where it is a UTC midnight, as files write it; else with the time.
  private static func day(_ time: Timestamp) -> String {
    let text = TimeText.rfc3339(time)
    return time.microseconds % 86_400_000_000 == 0 ? String(text.prefix(10)) : text
  }
}

extension UnitPriceText {
  /// "$1.25 ($2.50 over 200,000 tokens)".
  var plain: String {
    guard !tiers.isEmpty else { return base }
    return "\(base) (\(tiers.map { "\($0.price) over \(Digits.grouped($0.over)) tokens" }.joined(separator: ", ")))"
  }
}
