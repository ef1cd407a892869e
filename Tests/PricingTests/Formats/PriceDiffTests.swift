import Domain
import Testing

@testable import Pricing

@Suite struct PriceDiffTests {
  @Test func theSameFileChangesNothing() throws {
    var current = try sampleAgreements()
    current.listings[0].id = PriceEntryID(7)
    let diff = PriceDiff(current: current, imported: try sampleAgreements())
    #expect(diff.isEmpty)
    #expect(diff.count(.unchanged) == 9)
    #expect(diff.changes.first?.after == .listing(current.listings[0]))
  }

  @Test func anotherPriceOfTheSameEntryIsAChange() throws {
    var imported = try sampleAgreements()
    imported.listings[0].prices["input_mtok"] = "1.1"
    imported.terms[0].factor = "0.8"
    let diff = PriceDiff(current: try sampleAgreements(), imported: imported)
    #expect(diff.count(.changed) == 2)
    let change = try #require(diff.changes.first { $0.kind == .changed })
    #expect(change.subject == "openai/prefix gpt-4o, region eu, service_tier batch, from 2026-01-01")
    #expect(change.detail == "input_mtok 1.25 >200000:2.5 → 1.1")
  }

  @Test func aLaterEntryEndsTheOpenOneBeforeIt() throws {
    let current = try sampleAgreements()
    var next = current.listings[1]
    let start = try #require(Timestamp(day: "2027-01-01"))
    next.dates = DatedRange(from: start)
    let diff = PriceDiff(current: current, imported: PriceAgreements(listings: [next]))
    #expect(diff.count(.added) == 1 && diff.count(.ended) == 1 && diff.changes.count == 2)
    var ended = current.listings[1]
    ended.dates.to = start
    #expect(diff.changes.last?.after == .listing(ended))
    #expect(diff.changes.last?.detail == "to none → 2027-01-01")
  }

  @Test func aReplacingFileEndsWhatItDoesNotName() throws {
    let current = try sampleAgreements()
    let now = try #require(Timestamp(day: "2026-11-22"))
    let diff = PriceDiff(current: current, imported: PriceAgreements(aliases: current.aliases), endsOthersAt: now)
    // The listing and the term that ended in July have ended already.
    #expect(diff.count(.ended) == 5)
    #expect(diff.count(.unchanged) == 2)
    #expect(PriceDiff(current: current, imported: PriceAgreements()).changes.isEmpty)
  }

  @Test func anEntrySaidTwiceCountsOnce() throws {
    let one = try sampleAgreements().listings[0]
    let diff = PriceDiff(
      current: PriceAgreements(), imported: PriceAgreements(listings: [one, one], withoutCatalogue: ["x"]))
    #expect(diff.changes.map(\.kind) == [.added, .added])
    #expect(diff.changes.last?.subject == "catalogue prices of x")
  }
}
