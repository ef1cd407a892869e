import Domain
import Testing

@testable import Pricing

@Suite struct WhatIfTests {
  private func cost(_ prices: [String: String], _ usage: Usage, calls: Int64 = 1) throws -> USD? {
    let listing = PriceListing(id: PriceEntryID(1), pattern: NamePattern(.exact, "m"), prices: prices, source: "")
    return try book().with(PriceAgreements(listings: [listing])).whatIf(
      usage: usage, at: noon("2026-11-22"), model: "m", provider: nil, calls: calls
    ).outcome.cost
  }

  /// 50 users × 20 queries × 30 days.
  @Test(arguments: [("108.2", "3246"), ("13.6", "408")]) func queriesOfAMonth(perThousand: String, usd: String) throws {
    #expect(try cost(["requests_kcount": perThousand], [.requests: 50 * 20 * 30])?.decimal == usd)
    #expect(try cost(["requests_kcount": perThousand], Usage(), calls: 50 * 20 * 30)?.decimal == usd)
  }

  /// 30 requests a minute of 150 in and 45 out at 0.01 / 0.03 per thousand for 30 days.
  @Test func requestsPerMinute() throws {
    let requests: Int64 = 30 * 60 * 24 * 30
    let usage: Usage = [.input: 150 * requests, .output: 45 * requests]
    #expect(try cost(["input_mtok": "10", "output_mtok": "30"], usage, calls: requests)?.decimal == "3693.6")
  }

  /// 38 USD an hour for 30 days. The rate of a millisecond is a whole number of pico-USD, so the sum is the hour's price to a millionth.
  @Test func hoursOfAMonth() throws {
    let month: Int64 = 30 * 24 * 3_600_000
    let sum = try #require(try cost(["audio_hours": "38"], [.milliseconds: month]))
    #expect((sum.pico + USD.scale / 200) / (USD.scale / 100) == 2_736_000)
    #expect(try cost(["gpu_seconds": "0.01"], [.milliseconds: 3_600_000])?.decimal == "36")
  }

  @Test func contextTierGoesByOneCall() throws {
    let book = try book(), time = try noon("2026-11-22")
    let usage: Usage = [.input: 1_000_000]
    let many = book.whatIf(usage: usage, at: time, model: "gemini-2.5-pro", provider: "google", calls: 10)
    #expect(many.outcome.cost?.decimal == "1.25")
    #expect(book.whatIf(usage: usage, at: time, model: "gemini-2.5-pro", provider: "google").outcome.cost?.decimal == "2.5")
  }

  @Test func anotherTierCostsItsPrice() throws {
    let book = try book(), time = try noon("2026-11-22")
    let batch = PriceConditions(["service_tier": "batch"])
    let usage: Usage = [.input: 1000, .output: 1000]
    #expect(book.whatIf(usage: usage, at: time, model: "gpt-4o", provider: "openai").outcome.cost?.decimal == "0.0125")
    #expect(
      book.whatIf(usage: usage, at: time, model: "gpt-4o", provider: "openai", conditions: batch).outcome.cost?.decimal == "0.00625")
  }

  @Test func unknownModelSaysSo() throws {
    let answer = try book().whatIf(usage: [.input: 1], at: noon("2026-11-22"), model: "gpt-99", provider: "openai")
    #expect(answer.outcome.status == .unpriced && answer.outcome.cost == nil)
    #expect(answer.sentences.last?.contains("gpt-99") == true)
  }

  @Test func hugeTrafficIsNoAbsurdity() throws {
    #expect(try cost(["input_mtok": "10"], [.input: 10_000_000_000_000], calls: 1_000_000)?.decimal == "100000000")
  }
}
