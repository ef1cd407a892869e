import Domain
import Hummingbird
import Pages
import Store

/// Dry runs take longer than other answers, because they decide every call of their period; under a bound of their own. A re-pricing that
/// is applied is done in parts, behind the request that begins it, and is not bound.
enum RepricingDryRuns {
  /// Under the minute that proxies wait.
  static let longest = Duration.seconds(45)

  static func takes(_ request: Request) -> Bool {
    switch request.uri.path {
    case "/api/v1/repricings": request.method == .post
    case Route.newRepricing: true
    case "/api/v1/reattributions/dry-run", "/api/v1/attribution-rules/preview": true
    // A rule's preview and a re-attribution's dry run are parts of their pages.
    case let path where path.hasPrefix("/settings/rules/"): true
    default: false
    }
  }
}

extension Backend {
  /// What today's prices would change. *Errors:* those of `Repricings.dryRun`; `Failure` 400 when it takes too long.
  func dryRun(
    _ wanted: RepricingRequest, scope: AccessScope, longest: Duration = RepricingDryRuns.longest
  ) async throws -> RepricingDryRun {
    try await Deadline.reading(longest, late: .badRequest("too many calls for a dry run: choose a shorter period or single models")) {
      try await withPrices { book in try await repricings.dryRun(wanted, pricer: book.pricer, scope: scope) }
    }
  }
}
