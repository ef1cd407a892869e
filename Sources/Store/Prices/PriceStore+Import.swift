import Domain
import Postgres

/// How imported agreements meet those that hold. In both, an entry takes the place of the one it contradicts: the one for
/// the same provider, pattern and conditions from the same start.
public enum PriceImportMode: String, Sendable, Hashable, CaseIterable {
  /// What the import says nothing about stays.
  case add
  /// What the import lacks is ended.
  case replace
}

/// What an import changes. An entry is in one of the four.
public struct PriceImportChanges: Sendable, Hashable {
  /// With their new ids, except in a dry run.
  public var added = PriceAgreements()
  public var changed = PriceImportReplacements()
  public var ended = PriceAgreements()
  /// Entries of the import that hold already.
  public var kept = 0
  /// After the import.
  public var revision: Int32 = 0

  public var isEmpty: Bool { added.isEmpty && changed.count == 0 && ended.isEmpty }
}

/// An entry that ended, and the one that took its place.
public struct PriceReplacement<Entry: Sendable & Hashable>: Sendable, Hashable {
  public var before: Entry
  /// With its new id, except in a dry run.
  public var after: Entry
}

public struct PriceImportReplacements: Sendable, Hashable {
  public var listings: [PriceReplacement<PriceListing>] = []
  public var terms: [PriceReplacement<PriceTerm>] = []
  public var aliases: [PriceReplacement<ModelAlias>] = []

  public var count: Int { listings.count + terms.count + aliases.count }
}

extension PriceAgreements {
  public var isEmpty: Bool { count == 0 }
  /// Entries of any sort.
  public var count: Int { listings.count + terms.count + aliases.count + withoutCatalogue.count }
}

extension PriceStore {
  /// Most entries of one import.
  public static let importMax = 20_000

  /// Takes all entries of `wanted` (their ids don't matter) in one transaction; those that hold already are left alone,
  /// those that hold and say otherwise are ended. A dry run changes nothing. *Errors:* `PriceStoreError`.
  public func importAgreements(
    _ wanted: PriceAgreements, mode: PriceImportMode, isDryRun: Bool, scope: AccessScope, by actor: String
  ) async throws -> PriceImportChanges {
    guard wanted.count <= Self.importMax else {
      throw PriceStoreError.invalid(field: "import", accepted: "at most \(Self.importMax) entries")
    }
    let wanted = try wanted.checked()
    return try await pool.transaction { c in
      if isDryRun { return PriceImportDifference(try PriceAgreements.read(scope.organisation, c), wanted, mode).changes }
      var change = try PriceChange(scope.organisation, actor, c)
      let difference = PriceImportDifference(try PriceAgreements.read(scope.organisation, c), wanted, mode)
      if difference.changes.isEmpty { return difference.changes }
      return try Self.apply(difference.changes, &change)
    }
  }

  private static func apply(_ changes: PriceImportChanges, _ change: inout PriceChange) throws -> PriceImportChanges {
    var done = changes
    done.added.listings = try change.take(changes.added.listings, &done.changed.listings, changes.ended.listings)
    done.added.terms = try change.take(changes.added.terms, &done.changed.terms, changes.ended.terms)
    done.added.aliases = try change.take(changes.added.aliases, &done.changed.aliases, changes.ended.aliases)
    for provider in changes.ended.withoutCatalogue.sorted() { _ = try change.setCatalogue(true, provider) }
    for provider in changes.added.withoutCatalogue.sorted() { _ = try change.setCatalogue(false, provider) }
    done.revision = try change.raise()
    return done
  }
}

extension PriceChange {
  /// The added ones with their ids; the changed ones get theirs.
  fileprivate mutating func take<Entry: AgreedEntry>(
    _ added: [Entry], _ changed: inout [PriceReplacement<Entry>], _ ended: [Entry]
  ) throws -> [Entry] {
    for entry in ended { _ = try end(Entry.self, entry.id) }
    for i in changed.indices {
      _ = try end(Entry.self, changed[i].before.id)
      changed[i].after = try add(changed[i].after)
    }
    return try added.map { try add($0) }
  }
}

extension PriceAgreements {
  fileprivate func checked() throws -> PriceAgreements {
    PriceAgreements(
      listings: try listings.map { try $0.checked() }, terms: try terms.map { try $0.checked() },
      aliases: try aliases.map { try $0.checked() },
      withoutCatalogue: Set(try withoutCatalogue.compactMap { try PriceEntryChecks.provider($0) }), revision: revision)
  }
}

/// What holds, compared with what is wanted.
private struct PriceImportDifference {
  private(set) var changes = PriceImportChanges()
  private let mode: PriceImportMode

  init(_ current: PriceAgreements, _ wanted: PriceAgreements, _ mode: PriceImportMode) {
    self.mode = mode
    changes.revision = current.revision
    (changes.added.listings, changes.changed.listings, changes.ended.listings) = compare(current.listings, wanted.listings)
    (changes.added.terms, changes.changed.terms, changes.ended.terms) = compare(current.terms, wanted.terms)
    (changes.added.aliases, changes.changed.aliases, changes.ended.aliases) = compare(current.aliases, wanted.aliases)
    let switched = current.withoutCatalogue
    changes.kept += switched.intersection(wanted.withoutCatalogue).count
    changes.added.withoutCatalogue = wanted.withoutCatalogue.subtracting(switched)
    if mode == .replace { changes.ended.withoutCatalogue = switched.subtracting(wanted.withoutCatalogue) }
  }

  /// In the import's order, then what ends.
  private mutating func compare<Entry: AgreedEntry>(_ current: [Entry], _ wanted: [Entry]) -> (
    added: [Entry], changed: [PriceReplacement<Entry>], ended: [Entry]
  ) {
    var held = Dictionary(grouping: current.sorted { $0.id.rawValue < $1.id.rawValue }, by: \.place)
    var asked: [AgreedPlace: [Entry]] = [:]
    var places: [AgreedPlace] = []
    for entry in wanted.map(\.withoutID) {
      if asked[entry.place] == nil { places.append(entry.place) }
      if asked[entry.place]?.contains(entry) != true { asked[entry.place, default: []].append(entry) }
    }
    var added: [Entry] = [], changed: [PriceReplacement<Entry>] = [], ended: [Entry] = []
    for place in places {
      var old = held.removeValue(forKey: place) ?? []
      let new = withoutKept(asked[place] ?? [], &old)
      changed += zip(old, new).map { PriceReplacement(before: $0, after: $1) }
      added += new.dropFirst(old.count)
      ended += old.dropFirst(new.count)
    }
    if mode == .replace { ended += current.filter { held[$0.place] != nil } }
    return (added, changed, ended)
  }

  /// What of one place has still to be added; what stays is counted and taken out of `old`. Of one place the newest entry
  /// counts, so an entry stays only while the order stays the import's.
  private mutating func withoutKept<Entry: AgreedEntry>(_ wanted: [Entry], _ old: inout [Entry]) -> ArraySlice<Entry> {
    var next = 0
    for (i, entry) in wanted.enumerated() {
      guard let found = old[next...].firstIndex(where: { $0.withoutID == entry }) else { return wanted[i...] }
      old.remove(at: found)
      next = found
      changes.kept += 1
    }
    return []
  }
}
