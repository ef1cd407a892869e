import Domain

/// genai-prices' data.json: a list of providers (or {"providers": […]}), each with models: match clauses, prices or dated
/// prices, and price variants. One listing is made of each alternative name, stretch of time and variant.
enum GenaiPrices {
  static func providers(_ tree: JSONTree) -> [JSONTree]? {
    guard let list = tree.elements ?? tree["providers"]?.elements else { return nil }
    return list.contains { $0["models"]?.elements != nil && $0["id"]?.text != nil } ? list : nil
  }

  static func read(_ tree: JSONTree, _ defaults: PriceImportDefaults) -> PriceImport {
    var result = PriceImport()
    guard let providers = providers(tree) else {
      result.skip("file", "no list of providers with models")
      return result
    }
    for (i, provider) in providers.enumerated() {
      guard let id = provider["id"]?.text, let models = provider["models"]?.elements else {
        result.skip("provider \(i + 1)", "id or models are missing")
        continue
      }
      let page = provider["pricing_urls"]?.strings?.first
      for (j, model) in models.enumerated() {
        let place = "\(id)/\(model["id"]?.text ?? "model \(j + 1)")"
        do throws(PriceEntryFault) {
          try read(model, of: id, page, place, defaults, &result)
        } catch {
          result.skip(place, error.message)
        }
      }
    }
    return result
  }

  // MARK: Reading

  private struct Stretch {
    var dates = DatedRange()
    var conditions: [String: String] = [:]
    let prices: [String: String]
  }

  private static func read(
    _ model: JSONTree, of provider: String, _ page: String?, _ place: String, _ defaults: PriceImportDefaults,
    _ result: inout PriceImport
  ) throws(PriceEntryFault) {
    guard let match = model["match"] else { throw PriceEntryFault("match is missing") }
    var patterns: [NamePattern] = []
    collect(match, into: &patterns, place, &result)
    var stretches = try dated(model["prices"], place, &result)
    for variant in model["price_variants"]?.elements ?? [] { stretches += try one(variant, place, &result) }
    stretches.removeAll(where: \.prices.isEmpty)
    if stretches.isEmpty { throw PriceEntryFault("it has no price") }
    var checkedAt = defaults.checkedAt
    if let day = model["prices_checked"]?.text { checkedAt = try FileTime.read(day) }
    for stretch in stretches {
      for pattern in patterns {
        result.add(
          PriceListing(
            id: PriceEntryID(0), provider: provider, pattern: pattern, dates: stretch.dates,
            conditions: stretch.conditions,
            prices: stretch.prices, source: page ?? defaults.source, checkedAt: checkedAt), at: place)
      }
    }
  }

  private static let kinds: [(String, NamePattern.Kind)] = [
    ("equals", .exact), ("starts_with", .prefix), ("ends_with", .suffix), ("contains", .contains), ("regex", .regex),
  ]

  /// A listing has one condition on the name: what must hold together cannot be said.
  private static func collect(
    _ clause: JSONTree, into patterns: inout [NamePattern], _ place: String, _ result: inout PriceImport
  ) {
    if let alternatives = clause["or"]?.elements {
      for one in alternatives { collect(one, into: &patterns, place, &result) }
      return
    }
    for (key, kind) in kinds {
      guard let text = clause[key]?.text else { continue }
      let pattern = NamePattern(kind, text)
      if !patterns.contains(pattern) { patterns.append(pattern) }
      return
    }
    result.skip(
      place,
      clause["and"] == nil
        ? "a match clause is not known" : "a name with several conditions (\"and\") cannot be said in a listing")
  }

  /// Rows in force from a day end where the next begins.
  private static func dated(_ node: JSONTree?, _ place: String, _ result: inout PriceImport) throws(PriceEntryFault)
    -> [Stretch]
  {
    guard let node else { throw PriceEntryFault("prices are missing") }
    guard let rows = node.elements else { return [Stretch(prices: try prices(node))] }
    var stretches: [Stretch] = []
    for row in rows { stretches += try one(row, place, &result) }
    for i in stretches.indices {
      let from = stretches[i].dates.from
      stretches[i].dates.to = stretches.compactMap(\.dates.from).filter { start in from.map { start > $0 } ?? true }
        .min()
    }
    return stretches
  }

  /// A row or variant; none when it holds at hours of the day.
  private static func one(_ row: JSONTree, _ place: String, _ result: inout PriceImport) throws(PriceEntryFault)
    -> [Stretch]
  {
    var stretch = Stretch(prices: try prices(row["prices"] ?? .null))
    if let constraint = row["constraint"], !constraint.isNull {
      guard let day = constraint["start_date"]?.text else {
        result.skip(place, "prices by the hour of the day cannot be said in a listing")
        return []
      }
      stretch.dates.from = try FileTime.read(day)
    }
    for member in row["when"]?.members ?? [] {
      guard let value = member.value.text else { throw PriceEntryFault("condition \(member.key) is no text") }
      stretch.conditions[member.key] = value
    }
    return [stretch]
  }

  private static func prices(_ node: JSONTree) throws(PriceEntryFault) -> [String: String] {
    var prices: [String: String] = [:]
    for member in node.members ?? [] where !member.value.isNull {
      if let plain = member.value.decimal {
        prices[member.key] = plain
        continue
      }
      guard let base = member.value["base"]?.decimal else { throw PriceEntryFault("\(member.key) is no price") }
      var words = [base]
      for tier in member.value["tiers"]?.elements ?? [] {
        guard let start = tier["start"]?.decimal, let price = tier["price"]?.decimal else {
          throw PriceEntryFault("a tier of \(member.key) has no start or price")
        }
        words.append(">\(start):\(price)")
      }
      prices[member.key] = words.joined(separator: " ")
    }
    return prices
  }

  // MARK: Writing

  /// One model for each name; rows that differ in dates or conditions only stand under one.
  static func write(_ agreements: PriceAgreements) -> PriceExport {
    var export = PriceExport(text: "")
    export.leaveOutAllButListings(agreements)
    var models: [String: [(pattern: NamePattern, rows: [PriceListing])]] = [:]
    for listing in agreements.listings {
      guard let provider = listing.provider else {
        export.leaveOut(listing.place, "a price without a provider")
        continue
      }
      if let i = models[provider]?.firstIndex(where: { $0.pattern == listing.pattern }) {
        models[provider]?[i].rows.append(listing)
      } else {
        models[provider, default: []].append((listing.pattern, [listing]))
      }
    }
    let providers = models.sorted { $0.key < $1.key }.map { id, entries in
      let lines = entries.compactMap { model($0.pattern, $0.rows, &export) }
      return JSONText.object([
        ("id", JSONText.string(id)), ("name", JSONText.string(id)), ("api_pattern", JSONText.string("")),
        ("models", JSONText.lines(lines)),
      ])
    }
    export.text = JSONText.lines(providers) + "\n"
    return export
  }

  private static func model(_ pattern: NamePattern, _ rows: [PriceListing], _ export: inout PriceExport) -> String? {
    var kept: [PriceListing] = []
    var variants: [PriceListing] = []
    for row in rows.sorted(by: { ($0.dates.from?.microseconds ?? .min) < ($1.dates.from?.microseconds ?? .min) }) {
      if let reason = unsayable(row, after: row.conditions.isEmpty ? kept.last : nil) {
        export.leaveOut(row.place, reason)
      } else if row.conditions.isEmpty {
        kept.append(row)
      } else {
        variants.append(row)
      }
    }
    if let last = kept.last, last.dates.to != nil { export.leaveOut(last.place, "its end: the format has only starts") }
    if kept.isEmpty {
      for row in variants { export.leaveOut(row.place, "a conditional price without a standard one") }
      return nil
    }
    let key = kinds.first { $0.1 == pattern.kind }?.0 ?? "equals"
    return JSONText.object([
      ("id", JSONText.string(pattern.text)), ("match", JSONText.object([(key, JSONText.string(pattern.text))])),
      ("prices", kept.count == 1 && kept[0].dates.from == nil ? text(kept[0].prices) : JSONText.lines(kept.map(row))),
      ("price_variants", variants.isEmpty ? nil : JSONText.lines(variants.map(row))),
    ])
  }

  private static func unsayable(_ row: PriceListing, after earlier: PriceListing?) -> String? {
    for day in [row.dates.from, row.dates.to] {
      if let day, day.microseconds % 86_400_000_000 != 0 { return "a time within a day: the format has days" }
    }
    if !row.conditions.isEmpty, row.dates.to != nil {
      return "a conditional price that ends: the format has only starts"
    }
    guard let earlier else { return nil }
    if earlier.dates.from == row.dates.from { return "a second price from the same day" }
    return earlier.dates.to != nil && earlier.dates.to != row.dates.from
      ? "a gap or overlap in dates: the format has only starts" : nil
  }

  private static func row(_ listing: PriceListing) -> String {
    JSONText.object([
      ("constraint", listing.dates.from.map { JSONText.object([("start_date", JSONText.string(FileTime.text($0)))]) }),
      ("when", listing.conditions.isEmpty ? nil : JSONText.strings(listing.conditions)),
      ("prices", text(listing.prices)),
    ])
  }

  private static func text(_ prices: [String: String]) -> String {
    JSONText.object(
      prices.sorted { $0.key < $1.key }.map { unit, text in
        let words = text.split(separator: " ")
        guard words.count > 1 else { return (unit, text) }
        let tiers = words.dropFirst().map { word in
          let parts = word.dropFirst().split(separator: ":")
          return JSONText.object([("start", String(parts[0])), ("price", String(parts.last ?? "0"))])
        }
        return (
          unit, JSONText.object([("base", String(words[0])), ("tiers", "[" + tiers.joined(separator: ",") + "]")])
        )
      })
  }
}
