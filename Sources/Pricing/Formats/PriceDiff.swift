import Domain

/// What an import would change; the dry run's answer. Entries are the same when they are for the same names, conditions and
/// start; then anything else may have changed.
public struct PriceDiff: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable { case added, changed, ended, unchanged }

  public enum Entry: Sendable, Hashable {
    case listing(PriceListing)
    case term(PriceTerm)
    case alias(ModelAlias)
    /// The provider's catalogue prices don't hold.
    case withoutCatalogue(String)
  }

  public struct Change: Sendable, Hashable {
    public let kind: Kind
    /// With its id; nil when added.
    public let before: Entry?
    /// nil when a switch is taken back; of a changed entry with the id it had; of an ended one with its end.
    public let after: Entry?
  }

  /// Listings, terms, aliases, switches; in the import's order, then what ends.
  public private(set) var changes: [Change] = []

  /// Compares what an organisation has with what a file says. What the file does not name stays, but an open entry ends
  /// where the file has a later one for the same names and conditions.
  /// - Parameter endsOthersAt: When given, what the file does not name ends then: the file replaces all.
  public init(current: PriceAgreements, imported: PriceAgreements, endsOthersAt: Timestamp? = nil) {
    compare(current.listings, imported.listings, endsOthersAt)
    compare(current.terms, imported.terms, endsOthersAt)
    compare(current.aliases, imported.aliases, endsOthersAt)
    for provider in imported.withoutCatalogue.sorted() {
      let isNew = !current.withoutCatalogue.contains(provider)
      let entry = Entry.withoutCatalogue(provider)
      changes.append(Change(kind: isNew ? .added : .unchanged, before: isNew ? nil : entry, after: entry))
    }
    if endsOthersAt != nil {
      for provider in current.withoutCatalogue.subtracting(imported.withoutCatalogue).sorted() {
        changes.append(Change(kind: .ended, before: .withoutCatalogue(provider), after: nil))
      }
    }
  }

  public func count(_ kind: Kind) -> Int { changes.count { $0.kind == kind } }
  /// Nothing would change.
  public var isEmpty: Bool { changes.allSatisfy { $0.kind == .unchanged } }

  private mutating func compare<Item: DatedPriceEntry>(
    _ current: [Item], _ imported: [Item], _ endsOthersAt: Timestamp?
  ) {
    var known: [PriceEntryKey: Item] = [:]
    for item in current { known[item.key] = item }
    var named: Set<PriceEntryKey> = []
    var starts: [PriceEntryKey: [Timestamp]] = [:]
    for item in imported {
      // Said twice in a file: the first counts.
      guard named.insert(item.key).inserted else { continue }
      if let from = item.dates.from { starts[item.key.withoutStart, default: []].append(from) }
      changes.append(Self.change(known[item.key], item))
    }
    for item in current where !named.contains(item.key) {
      let later = (starts[item.key.withoutStart] ?? []).filter { start in item.dates.from.map { start > $0 } ?? true }
        .min()
      guard let end = [later, endsOthersAt].compactMap(\.self).min(), item.dates.to.map({ $0 > end }) ?? true else {
        continue
      }
      var ended = item
      ended.dates.to = item.dates.from.map { max($0, end) } ?? end
      changes.append(Change(kind: .ended, before: item.entry, after: ended.entry))
    }
  }

  private static func change<Item: DatedPriceEntry>(_ before: Item?, _ after: Item) -> Change {
    guard let before else { return Change(kind: .added, before: nil, after: after.entry) }
    var same = after
    same.id = before.id
    return Change(kind: same == before ? .unchanged : .changed, before: before.entry, after: same.entry)
  }
}

extension PriceDiff.Change {
  /// "openai/prefix gpt-4o, service_tier batch, from 2026-01-01".
  public var subject: String {
    guard let entry = after ?? before else { return "" }
    return switch entry {
    case .listing(let listing): words(listing.key)
    case .term(let term): "factor for " + words(term.key)
    case .alias(let alias): "alias " + words(alias.key)
    case .withoutCatalogue(let provider): "catalogue prices of \(provider)"
    }
  }

  /// What it says, or what of it changes: "input_mtok 2.5 → 2, source a → b".
  public var detail: String {
    let old = before.map(Self.facts) ?? [:]
    let new = after.map(Self.facts) ?? [:]
    let keys = Set(old.keys).union(new.keys).sorted()
    guard kind != .added, kind != .unchanged else {
      return new.sorted { $0.key < $1.key }.map { "\($0) \($1)" }.joined(separator: ", ")
    }
    return keys.filter { old[$0] != new[$0] }
      .map { "\($0) \(old[$0] ?? "none") → \(new[$0] ?? "none")" }.joined(separator: ", ")
  }

  private func words(_ key: PriceEntryKey) -> String {
    let name = key.pattern.map { "\($0.kind.rawValue) \($0.text)" } ?? "every model"
    let conditions = key.conditions.sorted { $0.key < $1.key }.map { ", \($0) \($1)" }.joined()
    return (key.provider.map { $0 + "/" } ?? "") + name + conditions
      + (key.from.map { ", from \(FileTime.text($0))" } ?? "")
  }

  private static func facts(_ entry: PriceDiff.Entry) -> [String: String] {
    var facts: [String: String] = [:]
    switch entry {
    case .listing(let listing):
      facts = listing.prices
      facts["source"] = listing.source
      facts["checked"] = listing.checkedAt.map(FileTime.text)
      facts["to"] = listing.dates.to.map(FileTime.text)
    case .term(let term):
      facts = ["factor": term.factor, "source": term.source]
      facts["to"] = term.dates.to.map(FileTime.text)
    case .alias(let alias):
      facts = ["model": alias.targetModel]
      facts["provider"] = alias.targetProvider
      facts["to"] = alias.dates.to.map(FileTime.text)
    case .withoutCatalogue: facts = ["catalogue": "off"]
    }
    return facts
  }
}

/// What makes two entries of one sort the same one.
struct PriceEntryKey: Hashable {
  var provider: String?
  var pattern: NamePattern?
  var conditions: [String: String] = [:]
  var from: Timestamp?

  var withoutStart: PriceEntryKey {
    var key = self
    key.from = nil
    return key
  }
}

protocol DatedPriceEntry: Hashable {
  var id: PriceEntryID { get set }
  var dates: DatedRange { get set }
  var key: PriceEntryKey { get }
  var entry: PriceDiff.Entry { get }
}

extension PriceListing: DatedPriceEntry {
  var key: PriceEntryKey {
    PriceEntryKey(provider: provider, pattern: pattern, conditions: conditions, from: dates.from)
  }
  var entry: PriceDiff.Entry { .listing(self) }
}

extension PriceTerm: DatedPriceEntry {
  var key: PriceEntryKey { PriceEntryKey(provider: provider, pattern: pattern, from: dates.from) }
  var entry: PriceDiff.Entry { .term(self) }
}

extension ModelAlias: DatedPriceEntry {
  var key: PriceEntryKey { PriceEntryKey(provider: provider, pattern: pattern, from: dates.from) }
  var entry: PriceDiff.Entry { .alias(self) }
}
