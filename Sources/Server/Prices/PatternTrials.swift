import Domain
import Pages
import Pricing
import Store

/// What an own price would do to the calls of the last seven days.
struct PatternTrials {
  let traffic: CallTraffic
  let book: PriceBook
  static let days: Int64 = 7
  private static let rowsMax = 200

  private struct Name: Hashable {
    let provider: String?
    let model: String?
  }

  /// By model as sent, largest cost first. The price is tried beside what else is agreed, whatever its dates.
  func run(_ listing: PriceListing, now: Timestamp, scope: AccessScope, organisation: Organisation) async throws -> [PatternTrialRow] {
    var undated = listing
    undated.id = PriceEntryID(.max)
    undated.dates = DatedRange()
    var agreements = book.agreements
    agreements.listings.append(undated)
    let tried = book.with(agreements)
    var sums: [Name: CallSums] = [:]
    guard let range = TimeRange(from: now.adding(seconds: -Self.days * 86_400), to: now.adding(seconds: 60)) else { return [] }
    var fits: [Name: Bool] = [:]
    try await traffic.each(range, scope: scope, organisation: organisation) { calls in
      for call in calls {
        let name = Name(provider: call.facts.provider, model: call.sentModel)
        let isMeant = fits[name] ?? Self.isFor(undated, name, book.catalogue)
        fits[name] = isMeant
        guard isMeant else { continue }
        sums[name, default: CallSums()].add(call, tried.outcome(for: CallPricing.undecided(call)))
      }
    }
    return sums.sorted { ($0.value.then ?? .zero, $1.key.model ?? "") > ($1.value.then ?? .zero, $0.key.model ?? "") }
      .prefix(Self.rowsMax).map { name, sum in
        PatternTrialRow(
          provider: name.provider, model: name.model ?? "none", calls: sum.calls, tokens: sum.tokens, now: sum.knownNow, then: sum.then,
          unpriced: sum.unpricedThen)
      }
  }

  private static func isFor(_ listing: PriceListing, _ name: Name, _ catalogue: PriceCatalogue) -> Bool {
    guard let model = name.model, listing.pattern.fits(model: model) else { return false }
    guard let wanted = listing.provider else { return true }
    guard let sent = name.provider else { return false }
    return (catalogue.providerID(for: wanted) ?? wanted.lowercased()) == (catalogue.providerID(for: sent) ?? sent.lowercased())
  }
}
