import Domain
import Testing

@testable import Pricing

/// A row of a provider's page, checked by hand: what a call costs to the last digit.
struct SheetRow: Sendable, CustomTestStringConvertible {
  let provider: String
  let model: String
  let day: String
  let usage: Usage
  let usd: String
  let source: String
  var testDescription: String { "\(provider) \(model) \(day)" }
}

private let openAI = "https://platform.openai.com/docs/pricing"
private let anthropic = "https://platform.claude.com/docs/en/about-claude/pricing"
private let google = "https://ai.google.dev/gemini-api/docs/pricing"

private let sheet: [SheetRow] = [
  // gpt-4o-mini 0.15 in, 0.075 cached, 0.60 out; reasoning is billed as output.
  SheetRow(
    provider: "openai", model: "gpt-4o-mini", day: "2026-10-01",
    usage: [.input: 56, .cacheRead: 64, .output: 27, .reasoning: 8], usd: "0.0000342", source: openAI),
  // Claude Sonnet 4.5: 3 in, 3.75 write, 0.30 read, 15 out.
  SheetRow(
    provider: "anthropic", model: "claude-sonnet-4-5", day: "2026-10-01",
    usage: [.input: 40, .cacheWrite: 20, .cacheRead: 64, .output: 35], usd: "0.0007392", source: anthropic),
  SheetRow(
    provider: "openai", model: "text-embedding-3-small", day: "2026-10-01", usage: [.input: 9], usd: "0.00000018",
    source: openAI),
  // Claude Sonnet 3.7, console figure of berriai/litellm#9812.
  SheetRow(
    provider: "anthropic", model: "claude-3-7-sonnet-20250219", day: "2025-04-01",
    usage: [.input: 3, .cacheWrite: 12_304, .output: 550], usd: "0.054399", source: anthropic),
  // Claude Haiku 4.5 through LiteLLM, mlflow#24869: input part only.
  SheetRow(
    provider: "anthropic", model: "claude-haiku-4-5", day: "2026-10-01",
    usage: [.input: 200, .cacheRead: 10_000, .cacheWrite: 300], usd: "0.001575", source: anthropic),
  // One hour of cache costs twice the input.
  SheetRow(
    provider: "anthropic", model: "claude-haiku-4-5", day: "2026-10-01", usage: [.cacheWrite1h: 1000], usd: "0.002",
    source: anthropic),
  // Sonnet 4.6 lost its long-context premium on 2026-03-13; langfuse#12996.
  SheetRow(
    provider: "anthropic", model: "claude-sonnet-4-6", day: "2026-03-12",
    usage: [.input: 16, .cacheRead: 226_784, .cacheWrite: 48_454, .output: 2621], usd: "0.5585439", source: anthropic),
  SheetRow(
    provider: "anthropic", model: "claude-sonnet-4-6", day: "2026-03-13",
    usage: [.input: 16, .cacheRead: 226_784, .cacheWrite: 48_454, .output: 2621], usd: "0.2891007", source: anthropic),
  // o3 fell from 10 / 40 to 2 / 8 on 2025-06-10.
  SheetRow(
    provider: "openai", model: "o3", day: "2025-06-09", usage: [.input: 1000, .output: 1000], usd: "0.05",
    source: openAI),
  SheetRow(
    provider: "openai", model: "o3", day: "2025-06-10", usage: [.input: 1000, .output: 1000], usd: "0.01",
    source: openAI),
  // Gemini 2.5 Pro: over 200,000 prompt tokens the whole request takes 2.50 / 15 in place of 1.25 / 10.
  SheetRow(
    provider: "google", model: "gemini-2.5-pro", day: "2026-10-01", usage: [.input: 199_999, .output: 1000],
    usd: "0.25999875", source: google),
  SheetRow(
    provider: "google", model: "gemini-2.5-pro", day: "2026-10-01", usage: [.input: 200_000, .output: 1000],
    usd: "0.26", source: google),
  SheetRow(
    provider: "google", model: "gemini-2.5-pro", day: "2026-10-01", usage: [.input: 200_001, .output: 1000],
    usd: "0.5150025", source: google),
  // Cached tokens count towards the prompt's size.
  SheetRow(
    provider: "google", model: "gemini-2.5-pro", day: "2026-10-01", usage: [.input: 1, .cacheRead: 200_000],
    usd: "0.0500025", source: google),
  SheetRow(
    provider: "google", model: "gemini-2.5-pro", day: "2026-10-01", usage: [.input: 250_000, .output: 1000],
    usd: "0.64", source: google),
  // Image output has a price of its own; litellm#17410.
  SheetRow(
    provider: "google", model: "gemini-3-pro-image-preview", day: "2026-10-01",
    usage: [.input: 10, .reasoning: 225, .outputImage: 1120], usd: "0.13712", source: google),
  // whisper-1: 0.006 a minute. tts-1: 15 per million characters. Sonar: 12 per thousand requests on top of tokens.
  SheetRow(
    provider: "openai", model: "whisper-1", day: "2026-10-01", usage: [.milliseconds: 60_000], usd: "0.006",
    source: openAI),
  SheetRow(
    provider: "openai", model: "tts-1", day: "2026-10-01", usage: [.characters: 1000], usd: "0.015", source: openAI),
  SheetRow(
    provider: "perplexity", model: "sonar", day: "2026-10-01", usage: [.input: 100, .output: 100], usd: "0.0122",
    source: "https://docs.perplexity.ai/docs/getting-started/pricing"),
  // Two web searches of a Claude call; langfuse#15856.
  SheetRow(
    provider: "anthropic", model: "claude-sonnet-4-5", day: "2026-10-01", usage: [.searches: 2], usd: "0.02",
    source: anthropic),
]

@Suite struct PriceSheetTests {
  @Test(arguments: sheet) func callCostsWhatThePageSays(_ row: SheetRow) throws {
    let outcome = try book().outcome(for: call(row.provider, row.model, row.usage, on: row.day))
    #expect(outcome.status == .priced)
    #expect(outcome.cost?.decimal == row.usd)
    #expect(outcome.computed == outcome.cost)
  }

  @Test func priceChangesAtMidnightUTC() throws {
    let midnight = try #require(Timestamp(day: "2025-06-10"))
    let before = try call("openai", "o3", [.input: 1]) { $0.startedAt = midnight.adding(microseconds: -1) }
    let after = try call("openai", "o3", [.input: 1]) { $0.startedAt = midnight }
    #expect(try book().outcome(for: before).cost?.decimal == "0.00001")
    #expect(try book().outcome(for: after).cost?.decimal == "0.000002")
    #expect(try book().outcome(for: before).price == "openai/o3@always")
    #expect(try book().outcome(for: after).price == "openai/o3@2025-06-10")
  }

  /// DeepSeek's dearer hours: 00:30 to 16:30 UTC.
  @Test(arguments: [(29, "0.000135"), (30, "0.00027"), (989, "0.00027"), (990, "0.000135")])
  func timeOfDayChoosesThePrice(minute: Int64, usd: String) throws {
    let midnight = try #require(Timestamp(day: "2025-05-05"))
    let one = try call("deepseek", "deepseek-chat", [.input: 1000]) {
      $0.startedAt = midnight.adding(seconds: minute * 60)
    }
    #expect(try book().outcome(for: one).cost?.decimal == usd)
  }

  @Test func announcedPriceHoldsFromItsDay() throws {
    let usage: Usage = [.input: 1_000_000 / 10]
    #expect(
      try book().outcome(for: call("google", "gemini-3.8-flash", usage, on: "2026-12-31")).cost?.decimal == "0.075")
    #expect(
      try book().outcome(for: call("google", "gemini-3.8-flash", usage, on: "2027-01-01")).cost?.decimal == "0.15")
  }

  @Test func serviceTierTakesItsOwnPriceWhereOneIsListed() throws {
    let priority = try call("openai", "gpt-4o", [.input: 1000, .output: 1000], on: "2026-11-01") {
      $0.facts.serviceTier = "priority"
    }
    #expect(try book().outcome(for: priority).cost?.decimal == "0.02125")
    let standard = try call("openai", "gpt-4o", [.input: 1000, .output: 1000], on: "2026-11-01") {
      $0.facts.serviceTier = "default"
    }
    #expect(try book().outcome(for: standard).cost?.decimal == "0.0125")
  }

  @Test func serviceTierWithoutAPriceIsSaid() throws {
    let flex = try call("openai", "gpt-4o", [.input: 1000], on: "2025-11-01") { $0.facts.serviceTier = "flex" }
    #expect(try book().explain(flex).sentences.contains { $0.contains("service tier flex") })
  }
}
