/// Provider names as OpenTelemetry's list spells them now.
enum Provider {
  private static let spellings: [String: String] = [
    "gemini": "gcp.gemini", "google": "gcp.gen_ai", "google_genai": "gcp.gen_ai", "google-genai": "gcp.gen_ai",
    "vertex_ai": "gcp.vertex_ai", "vertexai": "gcp.vertex_ai", "google_vertexai": "gcp.vertex_ai",
    "az.ai.openai": "azure.ai.openai", "azure_openai": "azure.ai.openai", "azure": "azure.ai.openai",
    "azure-openai": "azure.ai.openai", "az.ai.inference": "azure.ai.inference",
    "aws": "aws.bedrock", "bedrock": "aws.bedrock", "aws_bedrock": "aws.bedrock", "amazon_bedrock": "aws.bedrock",
    "amazon-bedrock": "aws.bedrock", "google.generative-ai": "gcp.gemini", "google.vertex": "gcp.vertex_ai",
    "xai": "x_ai", "grok": "x_ai", "ibm.watson.ai": "ibm.watsonx.ai", "watsonx": "ibm.watsonx.ai",
    "mistralai": "mistral_ai", "mistral": "mistral_ai", "moonshot": "moonshot_ai",
    "huggingface": "hugging_face", "together": "together_ai", "togetherai": "together_ai", "vllm": "vllm",
  ]

  /// Lower case, deprecated spellings replaced; a Vercel name such as "openai.chat" loses its API.
  static func normalise(_ name: String) -> String {
    let lower = name.lowercased()
    if let known = spellings[lower] { return known }
    for suffix in [".chat", ".responses", ".completion", ".messages", ".embedding"] where lower.hasSuffix(suffix) {
      let bare = String(lower.dropLast(suffix.count))
      return spellings[bare] ?? bare
    }
    return lower
  }
}
