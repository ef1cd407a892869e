/// Software that runs models on one's own machines: no provider bills its tokens, so no provider's price holds.
struct LocalRunner {
  private let runner: String
  private let isDesktop: Bool

  /// nil when neither the provider nor the name's path is one, or the catalogue has prices for it.
  init?(_ given: String?, _ name: ModelName, _ catalogue: PriceCatalogue) {
    guard let candidate = given ?? name.pathParts.first, catalogue.providerID(for: candidate) == nil else { return nil }
    let key = ProviderName.key(candidate)
    guard let isDesktop = Self.runners[key] else { return nil }
    runner = key
    self.isDesktop = isDesktop
  }

  func answer(_ name: ModelName) -> ResolverAnswer {
    if isDesktop, !name.bytes.suffix(6).elementsEqual("-cloud".utf8) {
      return .free(runner, name, because: "\(runner) runs on your own machines; nobody bills its tokens")
    }
    if isDesktop {
      return .unknown(reason: "\(name.sent) runs in \(runner)'s cloud, which lists no price by the token", provider: nil)
    }
    return .unknown(
      reason: "no price for model \(name.sent) of \(runner): what your own servers cost is yours to set", provider: nil)
  }

  /// True where running it costs nothing to speak of; servers with GPUs cost somebody something.
  private static let runners: [String: Bool] = [
    "ollama": true, "ollama-chat": true, "lmstudio": true, "lm-studio": true, "llamafile": true, "llama.cpp": true,
    "llama-cpp": true, "llamacpp": true, "gpt4all": true, "vllm": false, "hosted-vllm": false, "sglang": false, "tgi": false,
    "text-generation-inference": false, "xinference": false, "lmdeploy": false, "triton": false,
  ]
}
