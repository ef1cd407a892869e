import Domain
import Pages
import Pricing

/// Looking through the price list.
struct CatalogueSearch {
  let book: PriceBook
  let now: Timestamp

  /// Models whose provider, id or name has every word, in the catalogue's order of sellers; `provider` is one seller's id.
  func models(words: String?, provider: String?) -> [CatalogueModel] {
    let words = (words ?? "").lowercased().split(separator: " ")
    return book.catalogue.models.filter { model in
      if let provider, model.provider != provider { return false }
      let text = "\(model.provider) \(model.id) \(model.name)".lowercased()
      return words.allSatisfy { text.contains($0) }
    }
  }

  func row(_ model: CatalogueModel) -> PriceListRow {
    let row = model.row(at: now)
    return PriceListRow(
      provider: model.provider, model: model.id, prices: Self.texts(row?.prices ?? []),
      dates: DatedRange(from: row?.validity.from, to: row?.validity.to), others: max(0, model.rows.count - 1) + model.variants.count,
      source: source(row?.prices ?? []), checked: checked(row?.prices ?? []), isFree: model.isFree,
      isOff: book.agreements.withoutCatalogue.contains(model.provider))
  }

  func model(provider: String, id: String) -> CatalogueModel? {
    book.catalogue.models.first { $0.provider == provider && $0.id == id }
  }

  /// Newest first.
  func history(_ model: CatalogueModel) -> [ModelPriceRow] {
    let current = model.row(at: now)
    return model.rows.reversed().map { row in
      ModelPriceRow(
        dates: DatedRange(from: row.validity.from, to: row.validity.to), hours: hours(row.validity), conditions: [:],
        prices: Self.texts(row.prices), source: otherSource(row.prices), isInForce: row == current)
    }
  }

  func variants(_ model: CatalogueModel) -> [ModelPriceRow] {
    model.variants.map { variant in
      ModelPriceRow(
        dates: DatedRange(from: variant.validity.from, to: variant.validity.to), hours: hours(variant.validity),
        conditions: variant.when, prices: Self.texts(variant.prices), source: otherSource(variant.prices),
        isInForce: variant.validity.contains(now))
    }
  }

  private func hours(_ validity: Validity) -> String? {
    validity.daily.map { "\(clock($0.start))–\(clock($0.end)) UTC" }
  }

  private func clock(_ minutes: Int) -> String {
    let (hour, minute) = (minutes / 60, minutes % 60)
    return "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
  }

  /// As the catalogue writes them, "1.25 >200000:2.5".
  static func texts(_ prices: [UnitPrice]) -> [String: String] {
    Dictionary(
      prices.map { price in
        (price.unit.rawValue, ([price.base.decimal] + price.tiers.map { ">\($0.over):\($0.rate.decimal)" }).joined(separator: " "))
      }, uniquingKeysWith: { first, _ in first })
  }

  private func origins(_ prices: [UnitPrice]) -> [PriceSource] {
    let all = book.catalogue.origins
    let used = Set(prices.map { Int($0.origin) }).sorted()
    return used.compactMap { all.indices.contains($0) ? all[$0] : nil }
  }

  func source(_ prices: [UnitPrice]) -> String {
    Self.names(origins(prices).isEmpty ? [book.catalogue.source] : origins(prices))
  }

  /// Each source once, whatever number of its pages.
  private static func names(_ sources: [PriceSource]) -> String {
    var names: [String] = []
    for name in sources.map({ "\($0.name) \($0.version)" }) where !names.contains(name) { names.append(name) }
    return names.joined(separator: " and ")
  }

  /// The oldest day: none of the prices was looked at before.
  private func checked(_ prices: [UnitPrice]) -> String {
    origins(prices).map(\.checked).min() ?? book.catalogue.source.checked
  }

  /// nil where everything is the backbone's.
  private func otherSource(_ prices: [UnitPrice]) -> String? {
    prices.contains { $0.origin != 0 } ? "\(source(prices)), checked \(checked(prices))" : nil
  }

  /// "genai-prices 0.0.73 and litellm 1.106.2, checked 2026-11-22", with the oldest day.
  var wholeSource: String {
    let origins = book.catalogue.origins
    return "\(Self.names(origins)), checked \(origins.map(\.checked).min() ?? book.catalogue.source.checked)"
  }

  /// The same of one model.
  func source(of model: CatalogueModel) -> String {
    let prices = model.rows.flatMap(\.prices) + model.variants.flatMap(\.prices)
    return "\(source(prices)), checked \(checked(prices))"
  }

  /// Own entries that are for a model: their pattern fits its id, and their provider is this one or any.
  func agreements(for model: CatalogueModel) -> PriceAgreements {
    let all = book.agreements
    func isFor(_ provider: String?, _ pattern: NamePattern?) -> Bool {
      let isProvider = provider.map { book.catalogue.providerID(for: $0) == model.provider } ?? true
      return isProvider && (pattern.map { $0.fits(model: model.id) } ?? true)
    }
    return PriceAgreements(
      listings: all.listings.filter { isFor($0.provider, $0.pattern) }, terms: all.terms.filter { isFor($0.provider, $0.pattern) },
      aliases: all.aliases.filter { $0.targetModel == model.id },
      withoutCatalogue: all.withoutCatalogue.contains(model.provider) ? [model.provider] : [], revision: all.revision)
  }
}

/// A catalogue model whose whole name stands in a name that has no price ("acme-gpt-4o-mini-prod"): offered to a person, never taken
/// by itself.
struct LikelyModels {
  private let candidates: [(provider: String, id: String, letters: String)]

  init(_ catalogue: PriceCatalogue) {
    candidates = catalogue.models.compactMap { model in
      let letters = Self.letters(model.id)
      return letters.utf8.count >= 5 && !model.id.contains("/") ? (model.provider, model.id, letters) : nil
    }
  }

  /// Longest first; the sent provider's own before its namesakes, makers before resellers by the catalogue's order.
  func likely(provider: String?, model: String?, catalogue: PriceCatalogue) -> (provider: String, model: String)? {
    guard let model else { return nil }
    let letters = Self.letters(model)
    let seller = provider.flatMap { catalogue.providerID(for: $0) }
    let found = candidates.filter { letters.contains($0.letters) }
    guard let longest = found.map(\.letters.utf8.count).max() else { return nil }
    let best = found.filter { $0.letters.utf8.count == longest }
    let makers = ["openai", "anthropic", "google", "mistral", "x-ai", "deepseek", "cohere"]
    let choice = best.first { $0.provider == seller } ?? makers.lazy.compactMap { maker in best.first { $0.provider == maker } }.first ?? best.first
    return choice.map { ($0.provider, $0.id) }
  }

  /// Letters and digits alone: dots, dashes and underscores are written in every way.
  private static func letters(_ name: String) -> String {
    String(decoding: name.lowercased().utf8.filter { (97...122).contains($0) || (48...57).contains($0) }, as: UTF8.self)
  }
}
