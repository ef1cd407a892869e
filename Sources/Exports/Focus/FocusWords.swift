import Domain

/// What a charge is called: provider, service, SKU.
struct FocusWords {
  var provider: String
  var publisher: String
  var service: String
  var description: String
  var sku: String?
  /// The SKU with its conditions; without dates and amounts, so that it stays the same over time and contracts.
  var skuPrice: String?
  var meter: String?
  var skuDetails: [(String, String?)]
  /// Of a language model, not a shared cost or a rounding.
  var isModel: Bool

  init(_ charge: Charge, organisation: String) {
    let vendor = Vendor(charge.provider)
    let model = charge.model ?? "unknown model"
    (provider, service, isModel) = (vendor.name, vendor.service, true)
    publisher = vendor.publisher(of: model)
    let tier = charge.serviceTier, context = charge.rates?.contextOver.map { ">\($0) tokens" }
    skuDetails = [("x_Model", charge.model), ("x_ServiceTier", tier), ("x_ContextTier", context), ("x_Conditions", charge.rates?.variant)]
    switch charge.meter {
    case .usage(let bucket):
      meter = MeterWords.name(bucket)
      description = "\(model) \(MeterWords.name(bucket).lowercased())"
    case .stated:
      meter = "Stated Cost"
      description = "\(model) cost as stated by the sender"
    case .shared(let origin):
      (provider, publisher, service, isModel) = (organisation, organisation, origin.poolName, false)
      meter = "Shared Cost"
      description = "\(origin.poolName), shared \(origin.method.rawValue)"
      skuDetails = []
      sku = "shared/\(origin.poolName)"
    case .rounding:
      (provider, publisher, service, isModel) = (organisation, organisation, "Rounding", false)
      description = "Rounding to cents"
    }
    if let month = charge.correctionOf { description = "Correction of \(month): \(description)" }
    if isModel, let meter { sku = "\(charge.provider ?? "unknown")/\(charge.model ?? "unknown")/\(meter)" }
    skuPrice = sku.map { ([$0] + [tier, context].compactMap(\.self)).joined(separator: "/") }
  }
}

/// Who sells, by the catalogue's ids of providers.
struct Vendor {
  let id: String?
  let name: String
  let service: String

  init(_ id: String?) {
    self.id = id
    guard let id, !id.isEmpty else {
      (name, service) = ("Unknown", "Unknown")
      return
    }
    (name, service) = Self.known[id.lowercased()] ?? (id, id)
  }

  /// Of what others make, the maker; where the name doesn't tell, the seller.
  func publisher(of model: String) -> String {
    let text = model.lowercased()
    let found = Self.makers.first { text.hasPrefix($0.key) || text.contains("/" + $0.key) || text.contains("." + $0.key) }
    return found?.maker ?? name
  }

  private static let known: [String: (String, String)] = [
    "openai": ("OpenAI", "OpenAI API"), "anthropic": ("Anthropic", "Claude API"), "google": ("Google", "Gemini API"),
    "aws": ("AWS", "Amazon Bedrock"), "azure": ("Microsoft", "Azure OpenAI"), "mistral": ("Mistral AI", "Mistral API"),
    "x-ai": ("xAI", "xAI API"), "deepseek": ("DeepSeek", "DeepSeek API"), "cohere": ("Cohere", "Cohere API"),
    "openrouter": ("OpenRouter", "OpenRouter"), "groq": ("Groq", "GroqCloud"), "together": ("Together AI", "Together AI"),
    "fireworks": ("Fireworks AI", "Fireworks AI"), "voyageai": ("Voyage AI", "Voyage AI"), "perplexity": ("Perplexity", "Perplexity API"),
    "moonshotai": ("Moonshot AI", "Kimi API"), "cerebras": ("Cerebras", "Cerebras Inference"),
    "huggingface": ("Hugging Face", "Inference Providers"), "cloudflare": ("Cloudflare", "Workers AI"),
  ]

  private static let makers: [(key: String, maker: String)] = [
    ("claude", "Anthropic"), ("anthropic", "Anthropic"), ("gpt-oss", "OpenAI"), ("gpt-", "OpenAI"), ("chatgpt", "OpenAI"),
    ("text-embedding-3", "OpenAI"), ("text-embedding-ada", "OpenAI"), ("whisper", "OpenAI"), ("dall-e", "OpenAI"), ("o1", "OpenAI"),
    ("o3", "OpenAI"), ("o4", "OpenAI"), ("openai", "OpenAI"), ("gemini", "Google"), ("gemma", "Google"), ("llama", "Meta"),
    ("meta-llama", "Meta"), ("mistral", "Mistral AI"), ("mixtral", "Mistral AI"), ("codestral", "Mistral AI"),
    ("ministral", "Mistral AI"), ("command-", "Cohere"), ("embed-", "Cohere"), ("rerank-", "Cohere"), ("deepseek", "DeepSeek"),
    ("qwen", "Alibaba"), ("grok", "xAI"), ("nova-", "Amazon"), ("titan-", "Amazon"), ("amazon.", "Amazon"), ("kimi", "Moonshot AI"),
    ("glm-", "Z.ai"), ("phi-", "Microsoft"), ("voyage-", "Voyage AI"),
  ]
}
