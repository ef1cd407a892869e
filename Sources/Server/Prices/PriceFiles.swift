import Domain
import Pages
import Pricing
import Store

/// What a file changed, or would change.
struct PriceFileOutcome {
  var changes: PriceImportChanges
  var problems: [PriceFileProblem]
  var isDryRun: Bool
}

/// Prices from files, for the page, the API and the command line.
struct PriceFiles {
  let store: PriceStore

  /// Entries that are not understood are left out and told; the rest is taken in one transaction.
  func take(
    _ bytes: [UInt8], _ format: PriceFormat, mode: PriceImportMode, isDryRun: Bool, source: String? = nil, scope: AccessScope,
    by actor: String
  ) async throws -> PriceFileOutcome {
    let read = format.read(bytes, defaults: PriceImportDefaults(source: source ?? "imported \(format.label)", checkedAt: nil))
    if read.agreements.isEmpty, let problem = read.problems.first {
      throw Failure.badRequest("nothing in the file could be read as \(format.label); first, at \(problem.place): \(problem.message)")
    }
    let changes = try await store.importAgreements(read.agreements, mode: mode, isDryRun: isDryRun, scope: scope, by: actor)
    return PriceFileOutcome(changes: changes, problems: read.problems, isDryRun: isDryRun)
  }
}

extension PriceFileOutcome {
  var view: PriceImportOutcome {
    PriceImportOutcome(
      lines: problems.map { .init(kind: .refused, what: $0.place, detail: $0.message) } + Self.lines(.added, changes.added)
        + Self.lines(.removed, changes.ended), unchanged: changes.kept, isApplied: !isDryRun)
  }

  private static func lines(_ kind: PriceImportOutcome.Line.Kind, _ entries: PriceAgreements) -> [PriceImportOutcome.Line] {
    entries.listings.map { listing in
      let prices = listing.prices.sorted { $0.key < $1.key }.map { "\(UnitWords.name($0.key)) \(UnitPriceText($0.value).base)" }
      return .init(kind: kind, what: name(listing.provider, listing.pattern), detail: prices.joined(separator: ", "))
    }
      + entries.terms.map { .init(kind: kind, what: "discount on \(name($0.provider, $0.pattern))", detail: "× \($0.factor)") }
      + entries.aliases.map { .init(kind: kind, what: "name \(name($0.provider, $0.pattern))", detail: "stands for \($0.targetModel)") }
      + entries.withoutCatalogue.sorted().map { .init(kind: kind, what: "catalogue switched off for \($0)", detail: "") }
  }

  private static func name(_ provider: String?, _ pattern: NamePattern?) -> String {
    let model = pattern.map { $0.kind == .exact ? $0.text : "\($0.kind.rawValue) \($0.text)" } ?? "every model"
    return provider.map { "\($0) \(model)" } ?? model
  }
}
