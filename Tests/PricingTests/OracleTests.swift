import Domain
import Foundation
import Testing

@testable import Pricing

/// The Python package genai-prices, whose data this is, computes the same costs. Fixtures/make_fixture.py asked it.
/// What differs on purpose, and is not in the fixture:
/// - buckets without a price of their own: the package bills them at the parent's price, we do so only where the
///   provider does (BucketPrices.swift) and otherwise call the cost partial;
/// - names whose version continues a family's: the package prices them by the family, we leave them unpriced;
/// - unit prices with more than six decimals: rounded to whole pico-USD per token here.
@Suite struct OracleTests {
  struct Case: Decodable {
    let provider: String
    let model: String
    let at: Int64
    let usage: [String: Int64]
    let found: String
    let usd: String
    let rounded: Bool
  }

  private static func cases() throws -> [Case] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "Fixtures/genai_prices.jsonl")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
      try JSONDecoder().decode(Case.self, from: Data($0.utf8))
    }
  }

  @Test func agreesWithThePackage() throws {
    let cases = try Self.cases()
    #expect(cases.count > 300)
    for one in cases {
      var usage = Usage()
      for (name, count) in one.usage { usage[try #require(UsageBucket(rawValue: name))] = count }
      let observation = try call(one.provider, one.model, usage) { $0.startedAt = Timestamp(seconds: one.at) }
      let explanation = try book().explain(observation)
      let label: Comment = "\(one.provider) \(one.model) \(one.usage)"
      #expect(explanation.model == one.found, label)
      let expected = try #require(USD(decimal: one.usd))
      if one.rounded, let cost = explanation.outcome.cost {
        // Half a pico per token at most.
        #expect((cost - expected).pico.magnitude <= UInt128(usage.totalTokens), label)
      } else {
        #expect(explanation.outcome.cost == expected, label)
      }
    }
  }
}
