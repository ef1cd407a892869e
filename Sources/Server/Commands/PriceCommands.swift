import Domain
import Foundation
import HTTPTypes
import Logging
import Pages
import Postgres
import Pricing
import Store

/// Prices and re-pricing from the command line, beside a running service or alone.
extension Commands {
  private static let actor = "command line"

  public static func listPrices(words: String?, provider: String?) async throws {
    try await withPriceStore { backend, scope in
      let agreements = try await backend.priceStore.agreements(of: scope.organisation)
      for line in ownLines(agreements) { Terminal.say(line) }
      guard words != nil || provider != nil else { return }
      let search = CatalogueSearch(book: backend.prices.current, now: Timestamp.now)
      for model in search.models(words: words, provider: provider) {
        let row = search.row(model)
        Terminal.say("\(row.provider)/\(row.model)  \(priceText(row.prices))  \(row.source), checked \(row.checked)")
      }
    }
  }

  private static func ownLines(_ agreements: PriceAgreements) -> [String] {
    func name(_ provider: String?, _ pattern: NamePattern?) -> String {
      "\(provider ?? "any provider")/\(pattern.map { "\($0.kind.rawValue) \($0.text)" } ?? "every model")"
    }
    func dates(_ dates: DatedRange) -> String {
      "\(dates.from.map(ISOTime.text) ?? "always") to \(dates.to.map(ISOTime.text) ?? "open")"
    }
    return agreements.listings.map {
      "listing \($0.id)  \(name($0.provider, $0.pattern))  \(priceText($0.prices))  \(dates($0.dates))  \($0.source)"
    }
      + agreements.terms.map { "term \($0.id)  \(name($0.provider, $0.pattern))  x \($0.factor)  \(dates($0.dates))  \($0.source)" }
      + agreements.aliases.map {
        "alias \($0.id)  \(name($0.provider, $0.pattern))  is \($0.targetProvider.map { $0 + "/" } ?? "")\($0.targetModel)  \(dates($0.dates))"
      }
      + agreements.withoutCatalogue.sorted().map { "switch  \($0)  catalogue off" }
  }

  private static func priceText(_ prices: [String: String]) -> String {
    prices.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
  }

  /// Without `applies` it only says what would change.
  public static func importPrices(path: String, format: String?, replaces: Bool, applies: Bool) async throws {
    guard let data = FileManager.default.contents(atPath: absolute(path)) else { throw Stop("\(path) can't be read") }
    let bytes = Array(data)
    let known = PriceFormat.allCases.map(\.rawValue).joined(separator: ", ")
    guard let format = format.map(PriceFormat.init(rawValue:)) ?? PriceFormat(looksLike: bytes) else {
      throw Stop("--format is not given or not known: expected one of \(known)")
    }
    try await withPriceStore { backend, scope in
      let outcome = try await said {
        try await PriceFiles(store: backend.priceStore).take(
          bytes, format, mode: replaces ? .replace : .add, isDryRun: !applies, source: (path as NSString).lastPathComponent, scope: scope,
          by: actor)
      }
      for line in outcome.view.lines { Terminal.say("\(word(line.kind, applies))  \(line.what)\(line.detail.isEmpty ? "" : ": ")\(line.detail)") }
      let changes = outcome.changes
      let counts = "\(changes.added.count) added, \(changes.changed.count) changed, \(changes.ended.count) ended, "
        + "\(changes.kept) unchanged, \(outcome.problems.count) not understood"
      Terminal.say(applies ? counts : counts + "; this was a dry run, --apply takes it")
    }
  }

  private static func word(_ kind: PriceImportOutcome.Line.Kind, _ applies: Bool) -> String {
    switch kind {
    case .added: applies ? "added" : "would add"
    case .changed: applies ? "changed" : "would change"
    case .removed: applies ? "ended" : "would end"
    case .refused: "not understood"
    }
  }

  public static func exportPrices(format: String) async throws {
    guard let format = PriceFormat(rawValue: format) else {
      throw Stop("--format is \"\(format)\": expected one of \(PriceFormat.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    try await withPriceStore { backend, scope in
      let export = format.write(try await backend.priceStore.agreements(of: scope.organisation))
      Terminal.say(export.text)
      for problem in export.leftOut {
        FileHandle.standardError.write(Data("left out  \(problem.place): \(problem.message)\n".utf8))
      }
    }
  }

  public static func listUnpriced(days: Int) async throws {
    guard (1...3660).contains(days) else { throw Stop("--days is \(days): expected 1 to 3660") }
    try await withPriceStore { backend, scope in
      guard let organisation = try await backend.accounts.organisation(scope.organisation) else { return }
      let now = Timestamp.now
      let range = TimeRange(spanning: now.adding(seconds: -Int64(days) * 86_400), now.adding(seconds: 86_400))
      let answer = try await said { try await UnpricedReport(pool: backend.pool).run(range, scope: scope, organisation: organisation) }
      for group in answer.groups {
        Terminal.say(
          [
            "\(group.provider ?? "-")/\(group.model ?? "-")", "\(group.calls) calls", "\(group.usage.totalTokens) tokens",
            "\(ISOTime.text(group.firstSeen)) to \(ISOTime.text(group.lastSeen))", group.reason,
          ].joined(separator: "  "))
      }
      if answer.groups.isEmpty { Terminal.say("every call of the last \(days) days has a price") }
    }
  }

  /// Without `applies` a dry run; with it the job is begun and worked on to its end, together with a running service.
  public static func reprice(from: String, to: String?, models: [String], reason: String, applies: Bool) async throws {
    try await withPriceStore { backend, scope in
      let zone = try await backend.accounts.organisation(scope.organisation)?.timeZone ?? "UTC"
      let choice = RepricingChoice(from: from, to: to ?? "", models: models, reason: reason)
      try await said {
        let wanted = try RepricingRequest(choice, zone: zone, now: Timestamp.now)
        if applies { try await apply(wanted, backend, scope) } else { try await dryRun(wanted, backend, scope) }
      }
    }
  }

  private static func dryRun(_ wanted: RepricingRequest, _ backend: Backend, _ scope: AccessScope) async throws {
    let run = try await backend.withPrices { try await backend.repricings.dryRun(wanted, pricer: $0.pricer, scope: scope) }
    func line(_ name: String, _ sum: RepricingSum) -> String {
      "\(name)  \(sum.changed) of \(sum.calls) calls change, \(sum.before?.decimal ?? "unknown") to \(sum.after?.decimal ?? "unknown") USD, "
        + "unpriced \(sum.unpricedBefore) to \(sum.unpricedAfter)"
    }
    for (team, sum) in run.teams { Terminal.say(line("team \(team?.name ?? "Unallocated")", sum)) }
    for (model, sum) in run.models { Terminal.say(line("model \(model ?? "none")", sum)) }
    Terminal.say(line("total", run.total) + "; this was a dry run, --apply changes them")
  }

  private static func apply(_ wanted: RepricingRequest, _ backend: Backend, _ scope: AccessScope) async throws {
    let job = try await backend.withPrices { try await backend.repricings.begin(wanted, pricer: $0.pricer, scope: scope, by: actor) }
    while let now = try await backend.repricings.find(job.id, scope: scope), !now.isFinished {
      try await backend.repriceOn()
      // A running service may be at work on it: its progress is waited for.
      try await Task.sleep(for: .milliseconds(200))
    }
    while try await backend.fold.run() > 0 {}
    guard let done = try await backend.repricings.find(job.id, scope: scope) else { return }
    if let failure = done.failure { throw Stop("re-pricing \(done.id) ended early: \(failure)") }
    Terminal.say("re-pricing \(done.id): \(done.rowsChanged) calls changed, \(done.before.decimal) to \(done.after.decimal) USD")
  }

  private static func withPriceStore(_ work: @escaping @Sendable (Backend, AccessScope) async throws -> Void) async throws {
    try await withDatabase(migrates: true) { database, settings, logger in
      let backend = try Backend(settings: settings, database: database, baseURL: settings.baseURL ?? "", logger: logger)
      let scope = try await everything(backend.accounts)
      try await backend.prices.refresh()
      try await work(backend, scope)
    }
  }

  /// Refusals as one sentence.
  private static func said<T>(_ work: () async throws -> T) async throws -> T {
    do { return try await work() } catch let error as Stop { throw error } catch {
      let failure = Failure(error)
      throw failure.status.code < 500 || error is StaleDecision ? Stop(failure.message) : error
    }
  }
}
