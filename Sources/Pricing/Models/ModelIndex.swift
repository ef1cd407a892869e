/// The catalogue's names, made ready for look-ups; built once for a catalogue.
final class ModelIndex: Sendable {
  /// By position in the catalogue's providers.
  let shelves: [ModelShelf]
  /// Every listed name (folded) to the models that go by it, and every listed name without its path.
  let sellers: [String: [Int32]]
  let pathlessSellers: [String: [Int32]]
  /// Short provider name to listings of the same provider that stand under another id ("nebius": "huggingface_nebius").
  let siblings: [String: [Int]]

  init(_ catalogue: PriceCatalogue) {
    var models = [[(index: Int32, model: CatalogueModel)]](repeating: [], count: catalogue.providers.count)
    var sellers: [String: [Int32]] = [:]
    var pathless: [String: [Int32]] = [:]
    for (i, model) in catalogue.models.enumerated() {
      guard let provider = catalogue.providerIndex[model.provider], let index = Int32(exactly: i) else { continue }
      models[provider].append((index, model))
      var keys = Set<String>()
      for name in model.match.names + [lowercased(model.id)] where keys.insert(foldedKey(name)).inserted {
        // Another seller's price must not make a name ambiguous that the backbone knows from one.
        let isKnown = sellers[foldedKey(name)]?.first.map { !catalogue.models[Int($0)].isOverlaid } ?? false
        if model.isOverlaid, isKnown { continue }
        sellers[foldedKey(name), default: []].append(index)
        guard let slash = name.utf8.lastIndex(of: UInt8(ascii: "/")) else { continue }
        pathless[foldedKey(String(name[name.utf8.index(after: slash)...])), default: []].append(index)
      }
    }
    shelves = models.map { ModelShelf(models: $0) }
    self.sellers = sellers
    pathlessSellers = pathless
    siblings = Self.siblings(catalogue)
  }

  private static func siblings(_ catalogue: PriceCatalogue) -> [String: [Int]] {
    var result: [String: [Int]] = [:]
    for (i, provider) in catalogue.providers.enumerated() where provider.id.hasPrefix("huggingface_") {
      let key = ProviderName.key(String(provider.id.dropFirst("huggingface_".count)))
      result[ProviderName.aliases[key] ?? key, default: []].append(i)
    }
    return result
  }

  /// The models that are sold under this name, anywhere.
  func everywhere(_ name: ModelName) -> [Int32] {
    for map in [sellers, pathlessSellers] {
      for start in name.starts {
        for end in name.ends where end.at > start.at {
          if let found = map[name.key(start, end)] { return found }
        }
      }
    }
    return []
  }
}
