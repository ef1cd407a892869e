import Domain

/// LiteLLM's table: model name to its costs per token, second, image …
enum LiteLLMPrices {
  /// Their key without tier and threshold: our unit, the power of ten from theirs to ours and the factor besides.
  private struct Meaning {
    let unit: PriceUnit
    var shift = 6
    /// Hours are 3,600 of their seconds.
    var isHourly = false
  }
  private static let meanings: [String: Meaning] = [
    "input_cost_per_token": Meaning(unit: .input), "output_cost_per_token": Meaning(unit: .output),
    "cache_read_input_token_cost": Meaning(unit: .cacheRead),
    "input_cost_per_token_cache_hit": Meaning(unit: .cacheRead),
    "cache_creation_input_token_cost": Meaning(unit: .cacheWrite),
    "cache_creation_input_token_cost_above_1hr": Meaning(unit: .cacheWrite1h),
    "input_cost_per_audio_token": Meaning(unit: .inputAudio),
    "output_cost_per_audio_token": Meaning(unit: .outputAudio),
    "cache_read_input_audio_token_cost": Meaning(unit: .cacheAudioRead),
    "input_cost_per_image_token": Meaning(unit: .inputImage),
    "output_cost_per_image_token": Meaning(unit: .outputImage),
    "cache_read_input_image_token_cost": Meaning(unit: .cacheImageRead),
    "input_cost_per_video_token": Meaning(unit: .inputVideo),
    "output_cost_per_video_token": Meaning(unit: .outputVideo),
    "output_cost_per_reasoning_token": Meaning(unit: .outputReasoning),
    "citation_cost_per_token": Meaning(unit: .outputCitation),
    "input_cost_per_character": Meaning(unit: .characters),
    "input_cost_per_request": Meaning(unit: .requests, shift: 3),
    "ocr_cost_per_page": Meaning(unit: .pages, shift: 3),
    "annotation_cost_per_page": Meaning(unit: .annotatedPages, shift: 3),
    "input_cost_per_text_message": Meaning(unit: .textMessages, shift: 3),
    "output_cost_per_image": Meaning(unit: .images, shift: 0),
    "input_cost_per_second": Meaning(unit: .inputAudioHours, shift: 0, isHourly: true),
    "output_cost_per_second": Meaning(unit: .outputVideoSeconds, shift: 0),
    "output_cost_per_video_per_second": Meaning(unit: .outputVideoSeconds, shift: 0),
    "input_cost_per_video_per_second": Meaning(unit: .inputVideoSeconds, shift: 0),
  ]
  private static let tiers = [
    ("_batches", "batch"), ("_priority", "priority"), ("_flex", "flex"), ("_balanced", "balanced"),
    ("_ultrafast", "ultrafast"),
  ]

  static func read(_ tree: JSONTree, _ defaults: PriceImportDefaults) -> PriceImport {
    var result = PriceImport()
    guard let models = tree.members else {
      result.skip("file", "no object of models")
      return result
    }
    var seen: Set<String> = []
    for member in models where member.key != "sample_spec" {
      if !seen.insert(member.key).inserted {
        result.skip(member.key, "the model is given twice")
        continue
      }
      do throws(PriceEntryFault) {
        try read(member, defaults, &result)
      } catch {
        result.skip(member.key, error.message)
      }
    }
    return result
  }

  // MARK: Reading

  private static func read(
    _ member: JSONTree.Member, _ defaults: PriceImportDefaults, _ result: inout PriceImport
  ) throws(PriceEntryFault) {
    guard let fields = member.value.members else { throw PriceEntryFault("no object of costs") }
    var found: [String: [PriceUnit: [Int64: String]]] = [:]
    for field in fields {
      guard field.key.contains("cost"), case .number(let number) = field.value else { continue }
      let (key, tier, over) = parts(field.key)
      guard let meaning = meaning(key, mode: member.value["mode"]?.text) else {
        if PlainDecimal.text(number) != "0" { result.skip(member.key, "\(field.key) has no unit here") }
        continue
      }
      guard let price = price(number, meaning) else {
        throw PriceEntryFault("\(field.key) is no price: \(PriceEntryRules.shortened(number))")
      }
      found[tier, default: [:]][meaning.unit, default: [:]][over] = price
    }
    dropPieces(&found, member.key, &result)
    let provider = member.value["litellm_provider"]?.text.map(provider)
    let listings = found.sorted { $0.key < $1.key }.map { tier, units in
      PriceListing(
        id: PriceEntryID(0), provider: provider, pattern: NamePattern(.exact, name(member.key, member.value)),
        conditions: tier.isEmpty ? [:] : ["service_tier": tier], prices: texts(units),
        source: member.value["source"]?.text ?? defaults.source, checkedAt: defaults.checkedAt)
    }.filter { !$0.prices.isEmpty }
    if listings.isEmpty { throw PriceEntryFault("it has no price: 0 means free or unknown there") }
    for listing in listings { result.add(listing, at: member.key) }
  }

  /// A model is sold by tokens or by pieces; the table often says what a piece comes to in tokens, and both would bill it twice.
  private static func dropPieces(
    _ found: inout [String: [PriceUnit: [Int64: String]]], _ place: String, _ result: inout PriceImport
  ) {
    let isByTokens = found.values.contains { units in
      units.contains { $0.key.rawValue.hasSuffix("_mtok") && $0.value[0].map { $0 != "0" } ?? false }
    }
    guard isByTokens else { return }
    for tier in found.keys.sorted() {
      for piece in pieces {
        guard let steps = found[tier]?.removeValue(forKey: piece), steps[0] != "0" else { continue }
        result.skip(place, "\(piece.rawValue) left out: the model is sold by the token")
      }
    }
  }

  private static let pieces: [PriceUnit] = [
    .images, .inputImages, .inputAudioHours, .inputVideoSeconds, .outputVideoSeconds, .characters,
  ]

  /// "input_cost_per_token_above_200k_tokens_priority": key, tier, threshold.
  private static func parts(_ field: String) -> (key: String, tier: String, over: Int64) {
    var key = field[...]
    var tier = ""
    for (suffix, name) in tiers where key.hasSuffix(suffix) {
      key = key.dropLast(suffix.count)
      tier = name
    }
    guard key.hasSuffix("k_tokens") else { return (String(key), tier, 0) }
    let head = key.dropLast("k_tokens".count)
    let digits = String(head.reversed().prefix { $0.isASCII && $0.isNumber }.reversed())
    let rest = head.dropLast(digits.count)
    guard let thousands = Int64(digits), thousands < 1_000_000, rest.hasSuffix("_above_") else {
      return (String(key), tier, 0)
    }
    return (String(rest.dropLast("_above_".count)), tier, thousands * 1000)
  }

  /// What some keys are for hangs on what the model does.
  private static func meaning(_ key: String, mode: String?) -> Meaning? {
    switch (key, mode) {
    case ("input_cost_per_query", "rerank"): Meaning(unit: .rerankSearches, shift: 3)
    case ("input_cost_per_query", _): Meaning(unit: .webSearches, shift: 3)
    case ("input_cost_per_image", "image_generation"), ("input_cost_per_image", "image_edit"):
      Meaning(unit: .images, shift: 0)
    case ("input_cost_per_image", _): Meaning(unit: .inputImages, shift: 0)
    case ("output_cost_per_second", "audio_transcription"): nil
    default: meanings[key]
    }
  }

  private static func price(_ number: String, _ meaning: Meaning) -> String? {
    guard let plain = PlainDecimal.text(number, shift: meaning.shift) else { return nil }
    guard meaning.isHourly else { return plain }
    guard let scaled = DecimalText.scaled(plain, scaleDigits: 18) else { return nil }
    let (hourly, overflow) = scaled.multipliedReportingOverflow(by: 3600)
    return overflow ? nil : PlainDecimal.text("\(hourly)", shift: -18)
  }

  private static func texts(_ units: [PriceUnit: [Int64: String]]) -> [String: String] {
    var prices: [String: String] = [:]
    for (unit, steps) in units {
      guard let base = steps[0], base != "0" else { continue }
      let tiers = steps.filter { $0.key > 0 }.sorted { $0.key < $1.key }.map { ">\($0):\($1)" }
      prices[unit.rawValue] = ([base] + tiers).joined(separator: " ")
    }
    return prices
  }

  private static func provider(_ name: String) -> String {
    let key = ProviderName.key(name.hasPrefix("vertex_ai") ? "vertex_ai" : name)
    return ProviderName.aliases[key] ?? lowercased(name)
  }

  /// Their names carry the provider in front: "gemini/gemini-2.5-pro".
  private static func name(_ key: String, _ value: JSONTree) -> String {
    guard let slash = key.firstIndex(of: "/"), let sender = value["litellm_provider"]?.text,
      provider(String(key[..<slash])) == provider(sender)
    else { return key }
    return String(key[key.index(after: slash)...])
  }

  // MARK: Writing

  static func write(_ agreements: PriceAgreements) -> PriceExport {
    var export = PriceExport(text: "")
    export.leaveOutAllButListings(agreements)
    var models: [(key: String, provider: String?, fields: [(String, String)])] = []
    for listing in agreements.listings {
      if let reason = unsayable(listing) {
        export.leaveOut(listing.place, reason)
        continue
      }
      let key = listing.provider.map { "\($0)/\(listing.pattern.text)" } ?? listing.pattern.text
      let fields = fields(listing, &export)
      if let i = models.firstIndex(where: { $0.key == key }) {
        let taken = Set(models[i].fields.map(\.0))
        if fields.contains(where: { taken.contains($0.0) }) {
          export.leaveOut(listing.place, "a second price of the name")
        }
        models[i].fields += fields.filter { !taken.contains($0.0) }
      } else {
        models.append((key, listing.provider, fields))
      }
    }
    let lines = models.filter { !$0.fields.isEmpty }.map { model in
      let head = model.provider.map { [("litellm_provider", Optional(JSONText.string($0)))] } ?? []
      return "\(JSONText.string(model.key)):\(JSONText.object(head + model.fields.map { ($0.0, Optional($0.1)) }))"
    }
    export.text = "{\n" + lines.joined(separator: ",\n") + "\n}\n"
    return export
  }

  private static func unsayable(_ listing: PriceListing) -> String? {
    if listing.pattern.kind != .exact { return "a pattern: the format has exact names" }
    if listing.dates != DatedRange() { return "dates: the format has none" }
    if listing.conditions.count > 1 || listing.conditions.keys.contains(where: { $0 != "service_tier" }) {
      return "conditions other than a service tier"
    }
    if let tier = listing.conditions.values.first, !tiers.contains(where: { $0.1 == tier }) {
      return "the tier \(tier)"
    }
    return nil
  }

  private static func fields(_ listing: PriceListing, _ export: inout PriceExport) -> [(String, String)] {
    let suffix = listing.conditions.values.first.flatMap { tier in tiers.first { $0.1 == tier }?.0 } ?? ""
    var fields: [(String, String)] = []
    for (unit, text) in listing.prices.sorted(by: { $0.key < $1.key }) {
      let sayable = meanings.filter { $0.value.unit.rawValue == unit && !$0.value.isHourly }.min { $0.key < $1.key }
      guard let (key, meaning) = sayable else {
        export.leaveOut(listing.place, "\(unit): the format has no such unit")
        continue
      }
      for word in text.split(separator: " ") {
        let parts = word.split(separator: ":")
        let over = parts.count == 2 ? Int64(parts[0].dropFirst()) ?? -1 : 0
        guard over >= 0, over % 1000 == 0,
          let price = parts.last.flatMap({ PlainDecimal.text(String($0), shift: -meaning.shift) })
        else {
          export.leaveOut(listing.place, "\(unit): a threshold that is no whole thousand")
          continue
        }
        fields.append((key + (over == 0 ? "" : "_above_\(over / 1000)k_tokens") + suffix, price))
      }
    }
    return fields
  }
}
