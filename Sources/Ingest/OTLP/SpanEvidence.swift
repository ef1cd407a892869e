import Domain
import Wire

// MARK: - What chooses among prices: tier, region, a cache's answer

extension SpanFacts {
  /// The served tier before the requested one. A batch has its own price whatever tier it names.
  mutating func fillTier() {
    let requested = reading.text(.requestTier) ?? parameters?["service_tier"]?.stringValue
    facts.serviceTier = Limits.identifier(requested)
    if let served = reading.text(.responseTier) { takeServed(tier: served) }
    if reading.has(.isBatch), reading[.isBatch]?.boolValue == true { facts.serviceTier = "batch" }
    if reading.has(.batchID) { facts.serviceTier = "batch" }
  }

  /// Codex echoes "default" for flex and priority: there the requested tier stands.
  mutating func takeServed(tier: String) {
    if facts.serviceTier == "batch" { return }
    if let requested = facts.serviceTier, Self.isStandard(tier), !Self.isStandard(requested), isCodex { return }
    facts.serviceTier = Limits.identifier(tier) ?? facts.serviceTier
  }

  private static func isStandard(_ tier: String) -> Bool { ["default", "standard", "auto"].contains(tier.lowercased()) }

  private var isCodex: Bool {
    if shared.scope.name.hasPrefix("codex") || facts.service?.hasPrefix("codex") == true { return true }
    if shared.resource.text(.service)?.hasPrefix("codex") == true { return true }
    return span.attributes.contains {
      $0.key.hasPrefix("codex.") || $0.key == "coding_agent.client" && $0.value.stringValue == "codex"
    }
  }

  /// Where the provider served the call: said on the span itself, else told by the host that was called. What the
  /// resource says is where the application runs.
  mutating func fillRegion() {
    if reading.has(.region), let said = reading.text(.region), said != "not_available" { facts.region = Limits.identifier(said) }
    if facts.region == nil, reading.has(.serverAddress), let host = reading.text(.serverAddress) { facts.region = Self.region(of: host) }
    guard facts.region == nil, facts.kind == .generation, let metadata = metadataJSON else { return }
    facts.region = Limits.identifier(Self.metadataRegions.lazy.compactMap { metadata[$0]?.stringValue }.first)
  }

  /// Members of metadata that speak of the provider's side; plain "region" is the application's own.
  static let metadataRegions = ["inference_geo", "provider_region", "aws_region", "aws_region_name", "vertex_location"]

  /// "bedrock-runtime.eu-west-1.amazonaws.com", "europe-west4-aiplatform.googleapis.com", "eu.api.openai.com"; nil for any
  /// other host.
  static func region(of address: String) -> String? {
    guard Bytes.contains(address, "amazonaws.com", "aiplatform.googleapis.com", "api.openai.com") else { return nil }
    guard let named = address.split(separator: "/").first(where: { $0.last != ":" }) else { return nil }
    let host = named.prefix { $0 != ":" }
    if host.hasSuffix("-aiplatform.googleapis.com") {
      return String(host.dropLast("-aiplatform.googleapis.com".count))
    }
    if host.hasSuffix(".api.openai.com") { return String(host.dropLast(".api.openai.com".count)) }
    let labels = host.split(separator: ".")
    guard host.hasSuffix(".amazonaws.com"), let at = labels.firstIndex(where: { $0.hasPrefix("bedrock") }),
      labels.index(after: at) < labels.endIndex
    else { return nil }
    let region = labels[labels.index(after: at)]
    return region == "amazonaws" ? nil : String(region)
  }

  /// A framework's or gateway's own cache, not the provider's prompt cache.
  var isServedFromCache: Bool {
    if reading.has(.cacheHit),
      reading[.cacheHit]?.boolValue == true || reading.text(.cacheHit)?.lowercased() == "hit"
    {
      return true
    }
    guard facts.kind == .generation || facts.kind == .embedding, let metadata = metadataJSON else { return false }
    for name in ["cache_hit", "cacheHit"] {
      guard let value = metadata[name] else { continue }
      if value == .bool(true) || value.stringValue?.lowercased() == "true" { return true }
    }
    return false
  }
}
