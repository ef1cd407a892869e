import Domain

/// What of a request, besides its time and size, chooses among prices. The one place where evidence of an observation becomes
/// the conditions of the catalogue's variants and of own listings.
public struct PriceConditions: Sendable, Hashable {
  /// "region": ["eu-west-1", "eu"], "service_tier": ["batch"] …; in their canonical form.
  public private(set) var values: [String: Set<String>] = [:]

  /// What a condition can be about; on anything else no call carries evidence.
  public static let knownKeys: Set<String> = ["service_tier", "processing", "speed", "region", "provider"]

  /// As a person gives them for a what-if: "service_tier": "batch", "region": "eu-west-1".
  public init(_ given: [String: String] = [:]) {
    let tier = given["service_tier"] ?? given["processing"] ?? given["speed"]
    setTier(tier.map(Self.tier) ?? Self.standard)
    for (key, value) in given where key != "service_tier" {
      if key == "region" { setRegion(value) } else { values[key, default: []].insert(Self.canonical(key, value)) }
    }
  }

  /// The served tier as stored, and where it was served: what the model's name says of that comes before the region, because the
  /// name of an inference profile is what is charged.
  init(tier: String?, region: String?, namedRegion: String?) {
    setTier(tier.map(Self.tier) ?? Self.standard)
    if let region { setRegion(region) }
    guard let namedRegion else { return }
    let sent = values["region"] ?? []
    setRegion(namedRegion)
    if sent.contains(lowercased(namedRegion)) { values["region", default: []].formUnion(sent) }
  }

  /// Who serves the call is a condition where a price list is used by several.
  func served(by provider: String?) -> PriceConditions {
    var conditions = self
    if let provider { conditions.values["provider"] = [provider] }
    return conditions
  }

  private mutating func setTier(_ tier: String) {
    values["service_tier"] = [tier]
    if tier == "batch" { values["processing"] = ["batch"] }
    if tier == "fast" { values["speed"] = ["fast"] }
  }

  private mutating func setRegion(_ sent: String) {
    let region = lowercased(sent)
    guard !region.isEmpty, !Self.noRegions.contains(region) else { return }
    values["region"] = Region.names(of: region)
  }

  /// Whether all of a row's conditions are met; a row without conditions always is.
  func meet(_ when: [String: String]) -> Bool {
    when.allSatisfy { key, value in values[key]?.contains(Self.canonical(key, value)) ?? false }
  }

  /// The tier, when it is one that providers charge apart.
  var specialTier: String? { values["service_tier"]?.first.flatMap { $0 == Self.standard ? nil : $0 } }

  /// For people: "region eu or eu-west-1, service_tier standard".
  var description: String {
    values.filter { $0.key != "provider" }.sorted { $0.key < $1.key }.map { "\($0) \($1.sorted().joined(separator: " or "))" }.joined(separator: ", ")
  }

  // MARK: Spellings

  private static let standard = "standard"
  private static let noRegions: Set<String> = ["not_available", "unknown", "none", "null"]
  private static let tiers: [String: String] = [
    "default": standard, "standard": standard, "auto": standard, "standard_only": standard, "on_demand": standard,
    "ondemand": standard, "regular": standard, "unspecified": standard, "": standard,
    "on_demand_flex": "flex", "on_demand_priority": "priority", "on_demand_batch": "batch", "batches": "batch",
    "batch_api": "batch",
  ]

  /// "ON_DEMAND", "on-demand", "SERVICE_TIER_DEFAULT": one word for each tier.
  static func tier(_ sent: String) -> String {
    var name = String(lowercased(sent).map { $0 == "-" || $0 == " " ? "_" : $0 })
    for prefix in ["service_tier_", "traffic_type_"] where name.hasPrefix(prefix) { name.removeFirst(prefix.count) }
    return tiers[name] ?? name
  }

  static func canonical(_ key: String, _ value: String) -> String {
    key == "service_tier" ? tier(value) : lowercased(value)
  }
}
