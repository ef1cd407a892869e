import Domain
import Pages
import Pricing
import Store
import Wire

extension PriceStore {
  /// Ends an entry of the kind that a form or an address names: as of `time`, or altogether. What is left of it, if anything.
  @discardableResult
  func end(_ kind: String, _ id: PriceEntryID, at time: Timestamp?, scope: AccessScope, by actor: String) async throws -> JSONValue? {
    switch kind {
    case "listing": try await endListing(id, at: time, scope: scope, by: actor).map(PriceJSON.listing)
    case "term": try await endTerm(id, at: time, scope: scope, by: actor).map(PriceJSON.term)
    case "alias": try await endAlias(id, at: time, scope: scope, by: actor).map(PriceJSON.alias)
    default: throw Failure.badRequest("kind is \"\(kind)\": expected listing, term or alias")
    }
  }
}

extension Backend {
  /// An alias that prices a call.
  /// - Throws: `Failure` 400 for one that stands for a model that nobody knows: its calls would be unpriced, by two names.
  func checked(_ alias: ModelAlias) async throws -> ModelAlias {
    try await prices.refresh()
    guard !prices.current.knowsTarget(of: alias) else { return alias }
    let target = (alias.targetProvider.map { $0 + "/" } ?? "") + alias.targetModel
    throw Failure.badRequest(
      "targetModel: neither the catalogue nor a price of your own is for \(target); expected a model of the price list, or set its price first")
  }
}
