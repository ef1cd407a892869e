import Domain

/// Our own JSON. Lossless: reading what was written gives the same agreements; ids, the revision and trust by key (a setting of keys) aside.
///
/// ```
/// {"format": "quipu-prices", "version": 1,
///  "listings": [{"provider": "openai", "match": "prefix", "pattern": "gpt-4o", "from": "2026-01-01", "to": "2026-07-01",
///                "conditions": {"service_tier": "batch"}, "prices": {"input_mtok": "1.25 >200000:2.5"},
///                "source": "contract 4711", "checked": "2026-01-01"}],
///  "terms": [{"provider": "anthropic", "match": "exact", "pattern": "claude-opus-5", "factor": "0.85", "source": "…"}],
///  "aliases": [{"provider": "azure", "match": "exact", "pattern": "my-deployment", "target_provider": "azure", "target_model": "gpt-4o"}],
///  "without_catalogue": ["azure"]}
/// ```
/// Optional: provider, from, to, conditions, checked, source, target_provider; of a term match and pattern. `match` is
/// exact, prefix, suffix, contains or regex. Times are days (midnight UTC) or RFC 3339 in UTC. Prices are US dollars per
/// the unit in the key, as text or number.
enum QuipuPrices {
  static let format = "quipu-prices"

  static func read(_ tree: JSONTree, _ defaults: PriceImportDefaults) -> PriceImport {
    var result = PriceImport()
    guard tree["format"]?.text == format else {
      result.skip("file", "\"format\": \"\(format)\" is missing")
      return result
    }
    if let version = tree["version"]?.decimal, version != "1" {
      result.skip("file", "version \(PriceEntryRules.shortened(version)) is not known")
      return result
    }
    each("listings", "listing", tree, &result) { (node, place, result) throws(PriceEntryFault) in
      result.add(try listing(node, defaults), at: place)
    }
    each("terms", "term", tree, &result) { (node, _, result) throws(PriceEntryFault) in
      result.agreements.terms.append(try term(node, defaults))
    }
    each("aliases", "alias", tree, &result) { (node, _, result) throws(PriceEntryFault) in
      result.agreements.aliases.append(try alias(node))
    }
    for (i, node) in (tree["without_catalogue"]?.elements ?? []).enumerated() {
      do throws(PriceEntryFault) {
        guard let provider = try PriceEntryRules.provider(node.text) else { throw PriceEntryFault("no provider") }
        result.agreements.withoutCatalogue.insert(provider)
      } catch {
        result.skip("without_catalogue \(i + 1)", error.message)
      }
    }
    return result
  }

  static func write(_ agreements: PriceAgreements) -> String {
    let parts = [
      ("listings", agreements.listings.map(text)), ("terms", agreements.terms.map(text)),
      ("aliases", agreements.aliases.map(text)),
      ("without_catalogue", agreements.withoutCatalogue.sorted().map(JSONText.string)),
    ]
    let body = parts.map { "\(JSONText.string($0)):\(JSONText.lines($1))" }.joined(separator: ",\n")
    return "{\"format\":\(JSONText.string(format)),\"version\":1,\n\(body)}\n"
  }

  // MARK: Reading

  private static func each(
    _ key: String, _ word: String, _ tree: JSONTree, _ result: inout PriceImport,
    _ body: (JSONTree, String, inout PriceImport) throws(PriceEntryFault) -> Void
  ) {
    guard let list = tree[key] else { return }
    guard let elements = list.elements else {
      result.skip(key, "no list")
      return
    }
    for (i, node) in elements.enumerated() {
      let place = "\(word) \(i + 1)"
      do throws(PriceEntryFault) { try body(node, place, &result) } catch { result.skip(place, error.message) }
    }
  }

  private static func listing(_ node: JSONTree, _ defaults: PriceImportDefaults) throws(PriceEntryFault) -> PriceListing
  {
    var conditions: [String: String] = [:]
    for member in node["conditions"]?.members ?? [] {
      guard let value = member.value.text else { throw PriceEntryFault("condition \(member.key) is no text") }
      conditions[member.key] = value
    }
    var prices: [String: String] = [:]
    for member in node["prices"]?.members ?? [] {
      guard let value = member.value.decimal else { throw PriceEntryFault("\(member.key) is no number") }
      prices[member.key] = value
    }
    guard let pattern = try pattern(node) else { throw PriceEntryFault("match and pattern are missing") }
    return PriceListing(
      id: PriceEntryID(0), provider: try text("provider", node), pattern: pattern, dates: try dates(node),
      conditions: conditions, prices: prices, source: try text("source", node) ?? defaults.source,
      checkedAt: try time("checked", node) ?? defaults.checkedAt)
  }

  private static func term(_ node: JSONTree, _ defaults: PriceImportDefaults) throws(PriceEntryFault) -> PriceTerm {
    guard let factor = node["factor"]?.decimal else { throw PriceEntryFault("factor is missing") }
    var sound: NamePattern?
    if let pattern = try pattern(node) { sound = try PriceEntryRules.pattern(pattern) }
    let dates = try dates(node)
    try PriceEntryRules.dates(dates)
    return PriceTerm(
      id: PriceEntryID(0), provider: try PriceEntryRules.provider(try text("provider", node)), pattern: sound, dates: dates,
      factor: try PriceEntryRules.factor(factor),
      source: try PriceEntryRules.text(
        try text("source", node) ?? defaults.source, "source", most: PriceEntryRules.longestSource))
  }

  private static func alias(_ node: JSONTree) throws(PriceEntryFault) -> ModelAlias {
    guard let pattern = try pattern(node) else { throw PriceEntryFault("match and pattern are missing") }
    guard let target = try text("target_model", node), !target.isEmpty else {
      throw PriceEntryFault("target_model is missing")
    }
    let dates = try dates(node)
    try PriceEntryRules.dates(dates)
    return ModelAlias(
      id: PriceEntryID(0), provider: try PriceEntryRules.provider(try text("provider", node)),
      pattern: try PriceEntryRules.pattern(pattern), dates: dates,
      targetProvider: try PriceEntryRules.provider(try text("target_provider", node)),
      targetModel: try PriceEntryRules.text(target, "target_model", most: PriceEntryRules.longestValue))
  }

  private static func pattern(_ node: JSONTree) throws(PriceEntryFault) -> NamePattern? {
    guard let text = try text("pattern", node) else { return nil }
    let word = try self.text("match", node) ?? "exact"
    guard let kind = NamePattern.Kind(rawValue: word) else {
      throw PriceEntryFault(
        "match is none of exact, prefix, suffix, contains, regex: \(PriceEntryRules.shortened(word))")
    }
    return NamePattern(kind, text)
  }

  private static func dates(_ node: JSONTree) throws(PriceEntryFault) -> DatedRange {
    DatedRange(from: try time("from", node), to: try time("to", node))
  }

  private static func time(_ key: String, _ node: JSONTree) throws(PriceEntryFault) -> Timestamp? {
    guard let text = try text(key, node) else { return nil }
    return try FileTime.read(text)
  }

  private static func text(_ key: String, _ node: JSONTree) throws(PriceEntryFault) -> String? {
    guard let value = node[key], !value.isNull else { return nil }
    guard let text = value.text else { throw PriceEntryFault("\(key) is no text") }
    return text
  }

  // MARK: Writing

  private static func text(_ listing: PriceListing) -> String {
    JSONText.object(
      [("provider", listing.provider.map(JSONText.string))] + members(listing.pattern) + members(listing.dates) + [
        ("conditions", listing.conditions.isEmpty ? nil : JSONText.strings(listing.conditions)),
        ("prices", JSONText.strings(listing.prices)), ("source", JSONText.string(listing.source)),
        ("checked", listing.checkedAt.map { JSONText.string(FileTime.text($0)) }),
      ])
  }

  private static func text(_ term: PriceTerm) -> String {
    JSONText.object(
      [("provider", term.provider.map(JSONText.string))] + (term.pattern.map(members) ?? []) + members(term.dates) + [
        ("factor", JSONText.string(term.factor)), ("source", JSONText.string(term.source)),
      ])
  }

  private static func text(_ alias: ModelAlias) -> String {
    JSONText.object(
      [("provider", alias.provider.map(JSONText.string))] + members(alias.pattern) + members(alias.dates) + [
        ("target_provider", alias.targetProvider.map(JSONText.string)),
        ("target_model", JSONText.string(alias.targetModel)),
      ])
  }

  private static func members(_ pattern: NamePattern) -> [(String, String?)] {
    [("match", JSONText.string(pattern.kind.rawValue)), ("pattern", JSONText.string(pattern.text))]
  }

  private static func members(_ dates: DatedRange) -> [(String, String?)] {
    [
      ("from", dates.from.map { JSONText.string(FileTime.text($0)) }),
      ("to", dates.to.map { JSONText.string(FileTime.text($0)) }),
    ]
  }
}
