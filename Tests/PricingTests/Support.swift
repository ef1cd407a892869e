import Domain
import Testing

@testable import Pricing

/// The catalogue of the binary, read once for all suites.
let bundled = Result { try PriceCatalogue.bundled() }
private let sharedBook = bundled.map { PriceBook(catalogue: $0) }
func book() throws -> PriceBook { try sharedBook.get() }

extension Usage: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (UsageBucket, Int64)...) {
    self.init()
    for (bucket, count) in elements { self[bucket] = count }
  }
}

/// Midday UTC of "2025-06-09".
func noon(_ day: String) throws -> Timestamp { try #require(Timestamp(day: day)).adding(seconds: 43_200) }

/// A generation that counts as a call, with what the closure adds.
func call(
  _ provider: String?, _ model: String?, _ usage: Usage? = nil, on day: String = "2026-11-22",
  _ change: (inout Observation) -> Void = { _ in }
) throws -> Observation {
  var facts = ObservationFacts(project: ProjectID(1), trace: TraceID(high: 1, low: 2), id: ObservationID(3))
  facts.kind = .generation
  facts.provider = provider
  facts.requestModel = model
  facts.usage = usage.map { UsageReport(usage: $0, rule: "test", raw: "{}") }
  let time = try noon(day)
  var observation = Observation(facts: facts, startedAt: time, isStartAssumed: false, receivedAt: time)
  observation.decision.isCall = true
  change(&observation)
  return observation
}

/// The resolver of that catalogue.
let resolver = bundled.map { ModelResolver(catalogue: $0) }

func resolution(_ provider: String?, _ model: String) throws -> Resolution? {
  guard case .found(let found) = try resolver.get().resolve(provider: provider, model: model) else { return nil }
  return found
}

func modelID(_ provider: String?, _ model: String) throws -> String? {
  try resolution(provider, model).map { "\($0.model.provider)/\($0.model.id)" }
}
