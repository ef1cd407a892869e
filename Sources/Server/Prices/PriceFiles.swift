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
  /// The same lines and numbers in a dry run and when it is taken.
  var view: PriceImportOutcome {
    PriceImportOutcome(
      lines: problems.map { .init(kind: .refused, what: $0.place, detail: $0.message) } + Self.lines(.added, changes.added)
        + Self.lines(changes.changed) + Self.lines(.removed, changes.ended), unchanged: changes.kept, isApplied: !isDryRun)
  }

  private static func lines(_ kind: PriceImportOutcome.Line.Kind, _ entries: PriceAgreements) -> [PriceImportOutcome.Line] {
    let words = entries.listings.map(PriceEntryWords.init) + entries.terms.map(PriceEntryWords.init)
      + entries.aliases.map(PriceEntryWords.init)
    return words.map { .init(kind: kind, what: $0.what, detail: $0.detail) }
      + entries.withoutCatalogue.sorted().map { .init(kind: kind, what: "catalogue switched off for \($0)", detail: "") }
  }

  private static func lines(_ changed: PriceImportReplacements) -> [PriceImportOutcome.Line] {
    let words = changed.listings.map { (PriceEntryWords($0.before), PriceEntryWords($0.after)) }
      + changed.terms.map { (PriceEntryWords($0.before), PriceEntryWords($0.after)) }
      + changed.aliases.map { (PriceEntryWords($0.before), PriceEntryWords($0.after)) }
    return words.map { before, after in .init(kind: .changed, what: after.what, detail: after.detail(after: before)) }
  }
}
