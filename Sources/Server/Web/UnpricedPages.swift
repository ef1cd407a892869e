import Domain
import Hummingbird
import Pages
import Pricing
import Store

/// Models and usage without a price.
struct UnpricedPages {
  let backend: Backend

  func list(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try PriceParts(request, context, backend)
    try await backend.prices.refresh()
    let answer = try await UnpricedReport(pool: backend.pool).run(
      parts.parts.range, filter: parts.address.filter, scope: parts.visit.scope, organisation: parts.visit.organisation)
    let catalogue = backend.prices.current.catalogue, likely = LikelyModels(catalogue)
    let models = answer.groups.map { group in
      UnpricedModel(
        provider: group.provider, model: group.model, reason: group.reason, units: group.units, calls: group.calls,
        tokens: group.usage.totalTokens, firstSeen: group.firstSeen, lastSeen: group.lastSeen, example: group.exampleAddress,
        likely: group.isOfName ? likely.likely(provider: group.provider, model: group.model, catalogue: catalogue) : nil)
    }
    return .page(.ok, UnpricedPage(prices: parts.frame(), bar: try await parts.parts.bar(), models: models).render())
  }
}

extension UnpricedGroup {
  /// What of the usage has no price, from the stored reason: "priced by …; no price for searches, pages".
  var units: [String] {
    guard status == .partial, let start = reason.firstRange(of: "no price for ")?.upperBound else { return [] }
    return reason[start...].prefix { $0 != ";" }.split(separator: ",").map { $0.drop { $0 == " " } }.map { word in
      UsageBucket(rawValue: String(word)).map { UsageWords.name($0).lowercased() } ?? String(word)
    }
  }

  /// Its name has no price; otherwise its usage is missing or a unit, and another name would not help.
  var isOfName: Bool { status == .unpriced && !reason.hasPrefix("usage missing") && !reason.hasPrefix("no price for ") || isUnknownModel }
  private var isUnknownModel: Bool { reason.contains("no price for model") }

  var exampleAddress: String? {
    example.map { Route.trace(project: $0.projectSlug, trace: $0.trace.hex) + "?observation=\($0.observation.hex)" }
  }
}
