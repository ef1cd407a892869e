import Domain

/// An own price row, read and ready.
struct OwnListing: Sendable, Hashable {
  let listing: PriceListing
  /// Those that can be read; `PriceListing.problems` names the others.
  let prices: [UnitPrice]
  /// "own:12 openai/gpt-4o@2026-01-01": every call that it prices stores it.
  let label: String
  /// As the catalogue knows the provider, or as `ProviderName.key` writes it.
  let provider: String?

  init?(_ listing: PriceListing, _ catalogue: PriceCatalogue) {
    prices = listing.prices.compactMap { key, text in
      PriceUnit(rawValue: key).flatMap { UnitPrice(unit: $0, text: text) }
    }.sorted { $0.unit.rawValue < $1.unit.rawValue }
    guard !prices.isEmpty else { return nil }
    self.listing = listing
    provider = listing.provider.map(catalogue.comparable)
    let from = listing.dates.from?.dayText ?? "always"
    label = "own:\(listing.id) \(listing.provider ?? "*")/\(listing.pattern.text)@\(from)"
  }
}

struct OwnTerm: Sendable, Hashable {
  let term: PriceTerm
  let factor: Factor
  let provider: String?

  init?(_ term: PriceTerm, _ catalogue: PriceCatalogue) {
    guard let factor = Factor(term.factor) else { return nil }
    self.term = term
    self.factor = factor
    provider = term.provider.map(catalogue.comparable)
  }

  /// Provider and pattern, provider, pattern, all.
  var specificity: Int {
    switch (term.provider != nil, term.pattern != nil) {
    case (true, true): 0
    case (true, false): 1
    case (false, true): 2
    case (false, false): 3
    }
  }
}

/// The names by which a call may be meant.
struct CallNames: Sendable {
  /// Who served it and who was sent, made comparable.
  let providers: Set<String>
  let served: String?
  /// Lower case, see `NameMatcher.names`.
  let models: [String]
}

/// An organisation's listings and terms, compiled once per book.
struct AgreedPrices: Sendable {
  let listings: [OwnListing]
  let terms: [OwnTerm]
  let withoutCatalogue: Set<String>
  /// Every instant at which something begins or ends, ascending.
  let boundaries: [Timestamp]
  private let listingMatcher: NameMatcher
  private let termMatcher: NameMatcher

  init(_ agreements: PriceAgreements, _ catalogue: PriceCatalogue) {
    listings = agreements.listings.compactMap { OwnListing($0, catalogue) }
    terms = agreements.terms.compactMap { OwnTerm($0, catalogue) }
    withoutCatalogue = Set(agreements.withoutCatalogue.map(catalogue.comparable))
    listingMatcher = NameMatcher(
      listings.map { ($0.listing.pattern, $0.listing.provider != nil, $0.listing.dates.from, $0.listing.id) })
    // A term for every model has no pattern to look up; an empty one fits nothing.
    termMatcher = NameMatcher(
      terms.map { ($0.term.pattern ?? NamePattern(.exact, ""), $0.term.provider != nil, $0.term.dates.from, $0.term.id) })
    let dates = agreements.listings.map(\.dates) + agreements.terms.map(\.dates) + agreements.aliases.map(\.dates)
    boundaries = Set(dates.flatMap { [$0.from, $0.to].compactMap(\.self) }).sorted()
  }

  /// Own rows for the name, whatever their dates and conditions, by precedence.
  func listings(for names: CallNames) -> [OwnListing] {
    listingMatcher.matches(names.models).map { listings[$0] }.filter { own in
      own.provider.map(names.providers.contains) ?? true
    }
  }

  /// Terms for the name, whatever their dates: provider and pattern, provider, pattern, all; then as listings.
  func terms(for names: CallNames) -> [OwnTerm] {
    if terms.isEmpty { return [] }
    let named = Set(termMatcher.matches(names.models))
    return terms.indices.filter { i in
      (terms[i].term.pattern == nil || named.contains(i)) && (terms[i].provider.map { $0 == names.served } ?? true)
    }.sorted { a, b in
      (terms[a].specificity, termMatcher.ranks[a]) < (terms[b].specificity, termMatcher.ranks[b])
    }.map { terms[$0] }
  }

  func isSwitchedOff(_ provider: String?) -> Bool { provider.map(withoutCatalogue.contains) ?? false }
}

extension PriceCatalogue {
  /// One spelling for each provider: the catalogue's id where it knows the name.
  func comparable(_ provider: String) -> String { providerID(for: provider) ?? ProviderName.key(provider) }
}

extension Timestamp {
  /// "2026-01-01" at midnight UTC, else with the time, "2026-01-01T09:30Z".
  var dayText: String {
    let day: Int64 = 86_400_000_000
    let rest = microseconds % day
    let days = microseconds / day - (rest < 0 ? 1 : 0)
    // The civil calendar from days, with March as the first month so that the leap day comes last.
    let z = days &+ 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    let date = "\(year)-\(two(month))-\(two(dayOfYear - (153 * shifted + 2) / 5 + 1))"
    let minutes = (rest < 0 ? rest + day : rest) / 60_000_000
    return minutes == 0 ? date : "\(date)T\(two(minutes / 60)):\(two(minutes % 60))Z"
  }

  private func two(_ n: Int64) -> String { n < 10 ? "0\(n)" : "\(n)" }
}
