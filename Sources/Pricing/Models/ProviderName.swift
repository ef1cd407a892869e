/// What senders call a provider, made the catalogue's id.
enum ProviderName {
  /// "gcp.vertex_ai" and "GCP.Vertex-AI" alike.
  static func key(_ sent: String) -> String {
    var bytes = Array(sent.utf8)
    while let last = bytes.last, last <= 32 { bytes.removeLast() }
    let start = bytes.firstIndex { $0 > 32 } ?? bytes.count
    for i in bytes.indices {
      switch bytes[i] {
      case 65...90: bytes[i] += 32
      case UInt8(ascii: "_"), UInt8(ascii: " "): bytes[i] = UInt8(ascii: "-")
      default: break
      }
    }
    return String(decoding: bytes[start...], as: UTF8.self)
  }

  /// OpenTelemetry's well-known names, those of SDKs and routers, and older spellings. Keys as `key` makes them.
  static let aliases: [String: String] = [
    "gcp.gemini": "google", "gcp.vertex-ai": "google", "gcp.gen-ai": "google", "gcp": "google", "gemini": "google",
    "vertex-ai": "google", "vertexai": "google", "vertex": "google", "google-genai": "google",
    "google-vertexai": "google",
    "google-vertex": "google", "google-gla": "google", "google-ai-studio": "google", "google-ai": "google",
    "google.generative-ai": "google", "google.vertex": "google", "vertex-ai-beta": "google", "google-adk": "google",
    "azure.ai.openai": "azure", "azure.ai.inference": "azure", "az.ai.openai": "azure", "az.ai.inference": "azure",
    "azure-openai": "azure", "azureopenai": "azure", "azure-ai": "azure", "azure-ai-inference": "azure",
    "azure-text": "azure",
    "aws.bedrock": "aws", "aws-bedrock": "aws", "bedrock": "aws", "bedrock-converse": "aws", "amazon-bedrock": "aws",
    "amazon.bedrock": "aws", "amazon": "aws", "anthropic-bedrock": "aws", "anthropic-vertex": "google",
    "xai": "x-ai", "x.ai": "x-ai", "grok": "x-ai", "mistral-ai": "mistral", "mistralai": "mistral",
    "openai-chat": "openai", "openai-responses": "openai", "text-completion-openai": "openai", "chatopenai": "openai",
    "chatanthropic": "anthropic", "claude": "anthropic", "cohere-chat": "cohere", "deepseek-ai": "deepseek",
    "together-ai": "together", "togetherai": "together", "fireworks-ai": "fireworks", "moonshot": "moonshotai",
    "moonshot-ai": "moonshotai", "kimi": "moonshotai", "voyage": "voyageai", "voyage-ai": "voyageai", "z.ai": "zai",
    "z-ai": "zai", "zhipu": "zhipuai", "bigmodel": "zhipuai", "novita-ai": "novita", "perplexity-ai": "perplexity",
    "pplx": "perplexity", "cloudflare-workers-ai": "cloudflare", "workers-ai": "cloudflare",
    "copilot": "github-copilot",
  ]

  /// Companies that sell models of their own, in the order in which a name is looked for without a provider.
  static let firstParties = [
    "openai", "anthropic", "google", "mistral", "x-ai", "deepseek", "cohere", "voyageai", "perplexity", "moonshotai",
    "minimax", "meta", "zai", "zhipuai", "arcee", "elevenlabs", "cursor", "typesafe",
  ]

  /// Providers whose wire format others speak: an SDK names them whatever server it talks to.
  static let protocolNames: Set<String> = ["openai", "anthropic"]
}

extension PriceCatalogue {
  /// The catalogue's id of a provider as sent; nil when it knows none.
  public func providerID(for sent: String) -> String? {
    let key = ProviderName.key(sent)
    if let id = known(key) { return id }
    // Vercel AI SDK: "openai.responses", "google.generative-ai", "amazon-bedrock.chat".
    var head = key[...]
    while let dot = head.lastIndex(of: ".") {
      head = head[..<dot]
      if let id = known(String(head)) { return id }
    }
    return providers.first { $0.providerMatch?.matches(key) ?? false }?.id
  }

  private func known(_ key: String) -> String? {
    if let i = providerKeys[key] { return providers[i].id }
    return ProviderName.aliases[key].flatMap { providerIndex[$0] == nil ? nil : $0 }
  }
}
