import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct PriceStoreTests {
  private let scope = AccessScope(organisation: OrganisationID(1), teams: .all, projects: .all, readsContent: false)

  private func make() async throws -> PriceStore { PriceStore(pool: try await WriteFixture.make().pool) }

  private let listing = PriceListing(
    id: PriceEntryID(0), provider: "Azure ", pattern: NamePattern(.prefix, "my-gpt"),
    dates: DatedRange(from: Timestamp(seconds: 1_780_000_000), to: Timestamp(seconds: 1_790_000_000)),
    conditions: ["service_tier": "batch", "region": "eu"],
    prices: ["input_mtok": "1.25 >200000:2.5", "output_mtok": "10"], source: "contract of May",
    checkedAt: Timestamp(seconds: 1_785_000_000))
  private let term = PriceTerm(id: PriceEntryID(0), provider: "openai", factor: "0.8500", source: "contract")
  private let alias = ModelAlias(
    id: PriceEntryID(0), pattern: NamePattern(.exact, "prod-deployment"), targetProvider: "openai",
    targetModel: "gpt-5")

  @Test func whatIsAgreedIsReadBackInFull() async throws {
    let store = try await make()
    let added = try await store.add(listing, scope: scope, by: "ann")
    let addedTerm = try await store.add(term, scope: scope, by: "ann")
    let addedAlias = try await store.add(alias, scope: scope, by: "ann")
    try await store.setCatalogue(false, provider: "Mistral", scope: scope, by: "ann")
    var expected = listing
    expected.id = added.id
    expected.provider = "azure"
    #expect(added == expected)
    #expect(addedTerm.factor == "0.85")
    let agreements = try await store.agreements(of: OrganisationID(1))
    #expect(
      agreements
        == PriceAgreements(
          listings: [expected], terms: [addedTerm], aliases: [addedAlias], withoutCatalogue: ["mistral"], revision: 4))
    #expect(try await store.revisions(of: OrganisationID(1)) == DecisionRevisions(catalogue: 0, agreements: 4))
  }

  @Test func everyChangeRaisesTheRevisionAndIsAudited() async throws {
    let store = try await make()
    let added = try await store.add(listing, scope: scope, by: "ann")
    let shorter = try await store.endListing(
      added.id, at: Timestamp(seconds: 1_784_000_000), scope: scope, by: "ben")
    #expect(shorter?.dates.to == Timestamp(seconds: 1_784_000_000))
    #expect(shorter?.id != added.id)
    try await store.endListing(try #require(shorter).id, scope: scope, by: "ben")
    #expect(try await store.agreements(of: OrganisationID(1)) == PriceAgreements(revision: 3))
    let log = try await AuditLog(pool: store.pool).entries(scope: scope)
    #expect(
      log.map(\.action) == ["price listing ended", "price listing added", "price listing ended", "price listing added"])
    #expect(log.map(\.actor) == ["ben", "ben", "ben", "ann"])
    #expect(log.last?.detail.contains("1.25 >200000:2.5") == true)
    let records = try await store.listings(scope: scope, endedToo: true)
    #expect(records.map(\.endedBy) == ["ben", "ben"])
    #expect(try await store.listings(scope: scope).isEmpty)
  }

  @Test func whatCannotBeStoredIsRefusedWithWhatWouldBe() async throws {
    let store = try await make()
    var bad = listing
    bad.prices = [:]
    await #expect(throws: PriceStoreError.self) { try await store.add(bad, scope: scope, by: "ann") }
    for factor in ["-1", "101", "0.1234567891", "x", "1e99"] {
      var bad = term
      bad.factor = factor
      await #expect(throws: PriceStoreError.self) { try await store.add(bad, scope: scope, by: "ann") }
    }
    var backward = alias
    backward.dates = DatedRange(from: Timestamp(seconds: 1_790_000_000), to: Timestamp(seconds: 1_780_000_000))
    await #expect(throws: PriceStoreError.self) { try await store.add(backward, scope: scope, by: "ann") }
    await #expect(throws: PriceStoreError.unknownEntry("price term")) {
      try await store.endTerm(PriceEntryID(99), scope: scope, by: "ann")
    }
    let elsewhere = AccessScope(organisation: OrganisationID(9), teams: .all, projects: .all, readsContent: false)
    await #expect(throws: PriceStoreError.unknownOrganisation) {
      try await store.add(term, scope: elsewhere, by: "ann")
    }
    #expect(try await store.agreements(of: OrganisationID(1)) == PriceAgreements())
    #expect(try await AuditLog(pool: store.pool).entries(scope: scope).isEmpty)
  }

  @Test func anotherOrganisationsEntriesAreOutOfReach() async throws {
    let store = try await make()
    try await store.pool.run { try $0.execute("insert into organisations (name) values ('Other')") }
    let added = try await store.add(term, scope: scope, by: "ann")
    let other = AccessScope(organisation: OrganisationID(2), teams: .all, projects: .all, readsContent: false)
    await #expect(throws: PriceStoreError.unknownEntry("price term")) {
      try await store.endTerm(added.id, scope: other, by: "eve")
    }
    #expect(try await store.terms(scope: other).isEmpty)
    #expect(try await store.agreements(of: OrganisationID(2)) == PriceAgreements())
  }

  @Test func anImportThatReplacesEndsWhatItLacksAndKeepsWhatIsEqual() async throws {
    let store = try await make()
    let kept = try await store.add(listing, scope: scope, by: "ann")
    let gone = try await store.add(term, scope: scope, by: "ann")
    var cheaper = listing
    cheaper.prices["output_mtok"] = "9"
    let wanted = PriceAgreements(
      listings: [listing, cheaper, cheaper], aliases: [alias], withoutCatalogue: ["xai"])
    let dry = try await store.importAgreements(wanted, mode: .replace, isDryRun: true, scope: scope, by: "ann")
    #expect(dry.added.listings.map(\.prices) == [cheaper.prices])
    #expect(dry.ended.terms == [gone])
    #expect(dry.kept == 1)
    #expect(try await store.agreements(of: OrganisationID(1)).revision == 2)
    let done = try await store.importAgreements(wanted, mode: .replace, isDryRun: false, scope: scope, by: "ann")
    #expect(done.revision == 3)
    let after = try await store.agreements(of: OrganisationID(1))
    #expect(after.listings.count == 2 && after.listings.contains(kept))
    #expect(after.terms.isEmpty && after.aliases.count == 1 && after.withoutCatalogue == ["xai"])
    let again = try await store.importAgreements(wanted, mode: .replace, isDryRun: false, scope: scope, by: "ann")
    #expect(again.isEmpty && again.kept == 4)
    #expect(try await store.agreements(of: OrganisationID(1)) == after)
    let more = try await store.importAgreements(
      PriceAgreements(terms: [term]), mode: .add, isDryRun: false, scope: scope, by: "ann")
    #expect(more.added.terms.count == 1 && more.ended.isEmpty)
  }

  /// What an import would do and what it does: added, changed, ended, kept.
  private func counts(_ changes: PriceImportChanges) -> [Int] {
    [changes.added.count, changes.changed.count, changes.ended.count, changes.kept]
  }

  /// The numbers, which must be those of the dry run.
  private func take(_ wanted: PriceAgreements, _ mode: PriceImportMode = .add, into store: PriceStore) async throws -> [Int] {
    let dry = try await store.importAgreements(wanted, mode: mode, isDryRun: true, scope: scope, by: "ann")
    let done = try await store.importAgreements(wanted, mode: mode, isDryRun: false, scope: scope, by: "ann")
    #expect(counts(dry) == counts(done))
    #expect(done.changed.listings.allSatisfy { $0.after.id.rawValue > $0.before.id.rawValue })
    return counts(done)
  }

  private func held(_ store: PriceStore) async throws -> PriceAgreements {
    var held = try await store.agreements(of: OrganisationID(1))
    held.listings = held.listings.map(\.withoutID)
    held.terms = held.terms.map(\.withoutID)
    held.aliases = held.aliases.map(\.withoutID)
    held.revision = 0
    return held
  }

  @Test func theOldFileAgainBringsTheOldPricesBack() async throws {
    let store = try await make()
    var other = listing
    other.conditions["region"] = "us"
    let old = PriceAgreements(listings: [listing, other], terms: [term], aliases: [alias], withoutCatalogue: ["xai"])
    var new = old
    new.listings[0].prices["output_mtok"] = "9"
    new.terms[0].factor = "0.7"
    new.aliases[0].targetModel = "gpt-4.1"
    #expect(try await take(old, into: store) == [5, 0, 0, 0])
    let first = try await held(store)
    #expect(try await take(new, into: store) == [0, 3, 0, 2])
    let second = try await held(store)
    #expect(second.terms.map(\.factor) == ["0.7"] && second.aliases.map(\.targetModel) == ["gpt-4.1"])
    #expect(second.listings.count == 2 && second.listings.contains { $0.prices["output_mtok"] == "9" })
    #expect(try await take(old, into: store) == [0, 3, 0, 2])
    let third = try await held(store)
    #expect(Set(third.listings) == Set(first.listings) && third.terms == first.terms && third.aliases == first.aliases)
    #expect(try await take(old, into: store) == [0, 0, 0, 5])
    #expect(try await store.listings(scope: scope, endedToo: true).count == 4)
  }

  @Test func anotherStartOrConditionIsAnotherEntry() async throws {
    let store = try await make()
    _ = try await store.add(listing, scope: scope, by: "ann")
    var later = listing
    later.dates.from = Timestamp(seconds: 1_795_000_000)
    later.dates.to = nil
    var us = listing
    us.conditions["region"] = "us"
    #expect(try await take(PriceAgreements(listings: [later, us]), into: store) == [2, 0, 0, 0])
    // What the file says nothing about is not counted, and ends only where it replaces all.
    #expect(try await take(PriceAgreements(listings: [later]), into: store) == [0, 0, 0, 1])
    #expect(try await take(PriceAgreements(listings: [later]), .replace, into: store) == [0, 0, 2, 1])
  }

  @Test func whatPiledUpIsEndedWhereTheFileContradictsIt() async throws {
    let store = try await make()
    var newer = listing
    newer.prices["output_mtok"] = "9"
    let kept = try await store.add(listing, scope: scope, by: "ann")
    _ = try await store.add(newer, scope: scope, by: "ann")
    #expect(try await take(PriceAgreements(listings: [listing]), into: store) == [0, 0, 1, 1])
    #expect(try await store.agreements(of: OrganisationID(1)).listings == [kept])
  }

  /// Of two entries of one place the newer counts: the last in the file.
  @Test func theLastInTheFileIsTheNewest() async throws {
    let store = try await make()
    var other = listing
    other.prices["output_mtok"] = "9"
    #expect(try await take(PriceAgreements(listings: [listing, other, other]), into: store) == [2, 0, 0, 0])
    #expect(try await take(PriceAgreements(listings: [other, listing]), into: store) == [0, 1, 0, 1])
    #expect(try await held(store).listings.map(\.prices) == [other.prices, listing.prices])
    #expect(try await take(PriceAgreements(listings: [other, listing]), into: store) == [0, 0, 0, 2])
  }

  @Test func trustInSentCostsIsSetByKeyAndRaisesTheRevision() async throws {
    let fixture = try await ReportFixture.make()
    let store = PriceStore(pool: fixture.pool)
    let key = fixture.keys[0].id
    #expect(try await store.setCostTrust(.keepBeside, key: key, scope: fixture.scope, by: "ann"))
    #expect(try await !store.setCostTrust(.keepBeside, key: key, scope: fixture.scope, by: "ann"))
    #expect(
      try await store.agreements(of: fixture.organisation.id)
        == PriceAgreements(revision: 1, costTrust: [key: .keepBeside]))
    var elsewhere = fixture.scope
    elsewhere.projects = .only([fixture.projects[1].id])
    await #expect(throws: PriceStoreError.unknownEntry("key")) {
      try await store.setCostTrust(.trust, key: key, scope: elsewhere, by: "ann")
    }
    // An import is about prices alone.
    _ = try await store.importAgreements(
      PriceAgreements(terms: [term]), mode: .replace, isDryRun: false, scope: fixture.scope, by: "ann")
    #expect(try await store.agreements(of: fixture.organisation.id).costTrust == [key: .keepBeside])
    #expect(try await store.setCostTrust(nil, key: key, scope: fixture.scope, by: "ann"))
    #expect(try await store.agreements(of: fixture.organisation.id).costTrust.isEmpty)
  }

  @Test func theCatalogueRevisionOnlyRises() async throws {
    let store = try await make()
    #expect(try await store.raiseCatalogueRevision(to: 500) == 500)
    #expect(try await store.raiseCatalogueRevision(to: 400) == 500)
    #expect(try await store.revisions(of: OrganisationID(1)).catalogue == 500)
  }
}
