import Testing

@testable import Pricing

@Suite struct ModelNameTests {
  /// Every start with the last end, and every end with the last start.
  private func forms(_ sent: String) -> [String] {
    let name = ModelName(sent)
    return name.starts.map { name.text($0, name.ends[0]) } + name.ends.dropFirst().map { name.text(name.starts[name.starts.count - 1], $0) }
  }

  @Test func isCutFromTheOutsideIn() {
    #expect(
      forms("bedrock/us.anthropic.claude-3.5-sonnet-20241022-v2:0") == [
        "bedrock/us.anthropic.claude-3.5-sonnet-20241022-v2:0", "us.anthropic.claude-3.5-sonnet-20241022-v2:0",
        "anthropic.claude-3.5-sonnet-20241022-v2:0", "claude-3.5-sonnet-20241022-v2:0", "claude-3.5-sonnet-20241022",
        "claude-3.5-sonnet",
      ])
  }

  @Test(arguments: [
    ("gpt-5.2-0315", "gpt-5.2"), ("gpt-4o-2024-08-06", "gpt-4o"), ("claude-opus-4-5@20251101", "claude-opus-4-5"),
    ("claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5"), ("claude-sonnet-4-6[1m]", "claude-sonnet-4-6"),
    ("llama3.2:latest", "llama3.2"), ("gpt-4o-fp8", "gpt-4o"), ("llama-3-8b-q4_k_m.gguf", "llama-3-8b"),
    ("command-r-08-2024", "command-r"), ("gpt-oss-120b-1:0", "gpt-oss-120b"), ("titan-embed-text-v1", "titan-embed-text"),
    ("qwen3-32b-w8a8", "qwen3-32b"), ("doubao-seed-1-6-250615", "doubao-seed-1-6"),
  ])
  func harmlessEndsAreCut(sent: String, core: String) {
    #expect(forms(sent).last == core)
  }

  @Test(arguments: [
    "gpt-4.1", "claude-opus-4-8", "gpt-5.5", "o1-pro", "gpt-4o-mini-tts", "mistral-large-2411", "llama2-70b-4096",
    "titan-embed-text-v2", "text-embedding-004", "llama3.2:3b", "gpt-4o:extended", "gpt-4o-mini:free", "gemini-2.5-pro-preview",
    "deepseek-v3", "phi-3-mini-128k", "gpt-4o-9999", "mistral-large@2407", "acme@x", "x-2024-13-01", "qwen3-30b-a3b", "kimi-k2-turbo", "model[2m]x", "a[m]",
  ])
  func meaningfulEndsStay(name: String) {
    #expect(forms(name) == [name])
  }

  @Test(arguments: [
    ("eu.anthropic.claude-opus-4-5", "eu"), ("us-gov.anthropic.claude-opus-4-5", "us-gov"), ("global.amazon.nova-2-lite-v1:0", "global"),
    ("arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-opus-4-5", "eu-west-1"),
    ("arn:aws:bedrock:us-east-1:1:inference-profile/apac.anthropic.claude-opus-4-5", "apac"),
    ("bedrock/ap-northeast-1/anthropic.claude-v2", "ap-northeast-1"), ("azure/eu/gpt-4o", "eu"),
    ("projects/p/locations/europe-west4/publishers/google/models/gemini-2.5-pro", "europe-west4"),
    ("bedrock/arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/amazon.nova-pro-v1:0", "us-gov-west-1"),
  ])
  func nameTellsTheRegion(sent: String, region: String) {
    #expect(ModelName(sent).region == region)
  }

  @Test(arguments: ["claude-opus-4-5", "anthropic.claude-opus-4-5", "openai/gpt-4o", "regional.anthropic.claude-opus-5", "meta-llama/x"])
  func mostNamesTellNoRegion(sent: String) {
    #expect(ModelName(sent).region == nil)
  }

  @Test(arguments: [
    ("claude-opus-4.5", "claude-opus-4-5"), ("GPT-5-2", "gpt-5.2"), ("gpt-4o-2024-05-13", "gpt-4o-20240513"),
    ("claude-3-5-sonnet@20241022", "claude-3-5-sonnet-20241022"), ("llama-v3p1-8b", "llama-v3.1-8b"),
  ])
  func spellingsAreAlike(one: String, other: String) {
    #expect(foldedKey(one) == foldedKey(other))
  }

  @Test(arguments: [("gpt-4.1", "gpt-41"), ("gpt-4.1", "gpt-4"), ("gpt-35-turbo", "gpt-3.5-turbo"), ("o1", "o-1"), ("opus4", "opusp4")])
  func numbersAreNeverJoined(one: String, other: String) {
    #expect(foldedKey(one) != foldedKey(other))
  }
}
