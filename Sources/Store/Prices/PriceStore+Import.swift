import Domain
import Postgres

/// How imported agreements meet those that hold.
public enum PriceImportMode: String, Sendable, Hashable, CaseIterable {
  /// What is there stays.
  case add
  /// What the import lacks is ended.
  case replace
}

/// What an import changes.
public struct PriceImportChanges: Sendable, Hashable {
  /// With their new ids, except in a dry run.
  public var added = PriceAgreements()
  public var ended = PriceAgreements()
  /// Entries that hold already and stay.
  public var kept = 0
  /// After the import.
  public var revision: Int32 = 0

  public var isEmpty: Bool { added.isEmpty && ended.isEmpty }
}

extension PriceAgreements {
  public var isEmpty: Bool { count == 0 }
  /// Entries of any sort.
  public var count: Int { listings.count + terms.count + aliases.count + withoutCatalogue.count }
}

extension PriceStore {
  /// Most entries of one import.
  public static let importMax = 20_000

  /// Takes all entries of `wanted` (their ids don't matter) in one transaction; those that hold already are left alone.
  /// A dry run changes nothing. *Errors:* `PriceStoreError`.
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
    for entry in changes.ended.listings { _ = try change.end(PriceListing.self, entry.id) }
    for entry in changes.ended.terms { _ = try change.end(PriceTerm.self, entry.id) }
    for entry in changes.ended.aliases { _ = try change.end(ModelAlias.self, entry.id) }
    for provider in changes.ended.withoutCatalogue.sorted() { _ = try change.setCatalogue(true, provider) }
    done.added.listings = try changes.added.listings.map { try change.add($0) }
    done.added.terms = try changes.added.terms.map { try change.add($0) }
    done.added.aliases = try changes.added.aliases.map { try change.add($0) }
    for provider in changes.added.withoutCatalogue.sorted() { _ = try change.setCatalogue(false, provider) }
    done.revision = try change.raise()
    return done
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

/// What holds, compared with what is wanted; entries are equal when they say the same.
private struct PriceImportDifference {
  private(set) var changes = PriceImportChanges()
  private let mode: PriceImportMode

  init(_ current: PriceAgreements, _ wanted: PriceAgreements, _ mode: PriceImportMode) {
    self.mode = mode
    changes.revision = current.revision
    (changes.added.listings, changes.ended.listings) = compare(current.listings, wanted.listings)
    (changes.added.terms, changes.ended.terms) = compare(current.terms, wanted.terms)
    (changes.added.aliases, changes.ended.aliases) = compare(current.aliases, wanted.aliases)
    changes.added.withoutCatalogue = wanted.withoutCatalogue.subtracting(current.withoutCatalogue)
    if mode == .replace { changes.ended.withoutCatalogue = current.withoutCatalogue.subtracting(wanted.withoutCatalogue) }
    changes.kept = current.count - changes.ended.count
  }

  private func compare<Entry: AgreedEntry>(_ current: [Entry], _ wanted: [Entry]) -> (added: [Entry], ended: [Entry]) {
    let known = Set(current.map(\.withoutID))
    let asked = Set(wanted.map(\.withoutID))
    var taken: Set<Entry> = []
    let added = wanted.map(\.withoutID).filter { !known.contains($0) && taken.insert($0).inserted }
    return (added, mode == .replace ? current.filter { !asked.contains($0.withoutID) } : [])
  }
}
