/// Finds the catalogue model for a provider and model name as sent. Pure: same catalogue and names, same answer.
///
/// Who served the call is asked first: the provider that was sent, else the one that the name's path, ARN or Bedrock form
/// tells. Then whose prices that provider's catalogue entry says hold there, then the maker, with a sentence that says so.
/// A provider that nobody knows hides nothing: the model is looked for everywhere, at its maker first; where several sell it at
/// different prices there is none. In each list a name is looked for as sent first, then stripped; exactly before by family.
public struct ModelResolver: Sendable {
  public let catalogue: PriceCatalogue
  let index: ModelIndex
  private let memory = NameMemory<Known>()

  struct Known: Sendable {
    let answer: ResolverAnswer
    /// As the name says it, priced or not.
    let region: String?
  }

  public init(catalogue: PriceCatalogue) {
    self.catalogue = catalogue
    index = ModelIndex(catalogue)
  }

  public func resolve(provider: String?, model: String) -> ResolverAnswer { know(provider, model).answer }

  func know(_ provider: String?, _ model: String) -> Known {
    memory.value(provider: provider, model: model) {
      guard model.utf8.count <= ModelName.longest else {
        return Known(answer: .unknown(reason: "the model name is too long to be one", provider: nil), region: nil)
      }
      let name = ModelName(model)
      return Known(answer: resolve(provider.flatMap { $0.isEmpty ? nil : $0 }, name), region: name.region)
    }
  }

  private func resolve(_ given: String?, _ name: ModelName) -> ResolverAnswer {
    let id = given.flatMap(catalogue.providerID)
    guard !name.isEmpty else { return .unknown(reason: "the model name is empty", provider: id) }
    if let obstacle = name.obstacle {
      return .unknown(reason: "\(name.sent): \(obstacle)", provider: id ?? known("aws"))
    }
    if let local = LocalRunner(given, name, catalogue) { return local.answer(name) }
    let head = pathProvider(name)
    if let id { return sold(by: id, head, name) }
    if let given, let hit = sibling(ProviderName.key(given), name) { return found(hit, served: given, name) }
    let unknown = given.map { "\($0) is not in the catalogue; " }
    guard let head else { return everywhere(name, served: given, because: unknown ?? "no provider was sent; ") }
    if let hit = sale(head, name) { return found(hit, served: head, name, because: unknown ?? "") }
    if let free = freeVariant(head, name) { return free }
    return everywhere(name, served: head, because: unknown ?? "")
  }

  /// A provider of the catalogue was sent.
  private func sold(by id: String, _ head: String?, _ name: ModelName) -> ResolverAnswer {
    let isProtocol = ProviderName.protocolNames.contains(id)
    let spoken = "\(id) does not sell it, its protocol is spoken by others; "
    if isProtocol, let head, head != id {
      if let hit = sale(head, name) { return found(hit, served: head, name, because: spoken) }
      if let free = freeVariant(head, name) { return free }
    }
    if let hit = sale(id, name) { return found(hit, served: id, name) }
    if let free = freeVariant(id, name) { return free }
    if isProtocol, !isClaimed(by: id, name), case .found(let other) = everywhere(name, served: nil, because: spoken) { return .found(other) }
    if !isProtocol, let hit = maker(name) {
      return found(hit, served: id, name)
    }
    return .unknown(reason: "no price for model \(name.sent) of \(id)\(nearest(id, name))", provider: id)
  }

  /// The maker's price, else the price of all who sell it, if it is one.
  private func everywhere(_ name: ModelName, served: String?, because: String) -> ResolverAnswer {
    if let hit = maker(name) { return found(hit, served: served, name, because: because) }
    let isSomebodys = catalogue.providers.contains { isClaimed(by: $0.id, name) }
    let sellers = isSomebodys ? [] : index.everywhere(name)
    if let first = sellers.first, sellers.allSatisfy({ model($0).hasPrices(of: model(first)) }) {
      let provider = model(first).provider
      if let hit = own(provider, name) {
        let agreed = sellers.count > 1 ? "all \(sellers.count) listings ask the same; " : ""
        return found(hit, served: served, name, because: because + agreed)
      }
    }
    let count = Set(sellers.map { model($0).provider }).count
    let hint = count > 1 ? ": \(count) providers sell it at prices of their own" : ""
    return .unknown(
      reason: "\(because)no price for model \(name.sent)\(hint)", provider: served.flatMap(catalogue.providerID))
  }

  // MARK: Where to look

  struct Hit {
    let model: CatalogueModel
    let found: ModelShelf.Found
    /// The listing is the served provider's own, under another id.
    var isSibling = false
  }

  private func model(_ index: Int32) -> CatalogueModel { catalogue.models[Int(index)] }
  private func known(_ id: String) -> String? { catalogue.providerIndex[id] == nil ? nil : id }
  private func hit(_ found: ModelShelf.Found) -> Hit { Hit(model: model(found.model), found: found) }

  private func own(_ id: String, _ name: ModelName) -> Hit? {
    catalogue.providerIndex[id].flatMap { index.shelves[$0].find(name) }.map(hit)
  }

  /// By the provider's own list, the lists that its entry points to, or its listing at a router that passes prices on.
  private func sale(_ id: String, _ name: ModelName) -> Hit? {
    if let hit = own(id, name) { return hit }
    for other in catalogue.provider(id)?.fallback ?? [] {
      if let hit = own(other, name) { return hit }
    }
    return sibling(id, name)
  }

  private func sibling(_ key: String, _ name: ModelName) -> Hit? {
    for shelf in index.siblings[ProviderName.aliases[key] ?? key] ?? [] {
      guard let found = index.shelves[shelf].find(name) else { continue }
      return Hit(model: model(found.model), found: found, isSibling: true)
    }
    return nil
  }

  /// Who makes the model: by the makers' own patterns for names, then by an exact name in their lists.
  private func maker(_ name: ModelName) -> Hit? {
    let forms = name.starts.map { Array(name.bytes[$0.at...]) }
    for provider in catalogue.providers {
      guard let match = provider.modelMatch, forms.contains(where: match.holds) else { continue }
      if let hit = own(provider.id, name) { return hit }
    }
    for id in ProviderName.firstParties {
      guard let shelf = catalogue.providerIndex[id] else { continue }
      if let found = index.shelves[shelf].exactly(name) { return hit(found) }
    }
    return nil
  }

  /// The maker's pattern for names says that it is its own: what it doesn't list, others don't sell in its stead.
  private func isClaimed(by id: String, _ name: ModelName) -> Bool {
    guard let match = catalogue.provider(id)?.modelMatch else { return false }
    return name.starts.contains { match.holds(Array(name.bytes[$0.at...])) }
  }

  /// "openrouter/openai/gpt-4o", "bedrock/…", "us.anthropic.claude-…", an ARN: the name itself says who serves it.
  private func pathProvider(_ name: ModelName) -> String? {
    if name.isARN { return known("aws") }
    let parts = name.pathParts
    switch parts.first {
    case "publishers", "projects": return known("google")
    case "@cf": return known("cloudflare")
    case "ollama", "ollama_chat": return nil
    case nil: return name.starts.contains { $0.losses == ["region", "vendor"] } ? known("aws") : nil
    default: break
    }
    for part in parts {
      if let id = catalogue.providerID(for: part) { return id }
    }
    return nil
  }

  /// OpenRouter: whatever ends in ":free" costs nothing, listed or not.
  private func freeVariant(_ id: String, _ name: ModelName) -> ResolverAnswer? {
    guard id == "openrouter", name.bytes.count > 5, name.bytes.suffix(5).elementsEqual(":free".utf8) else { return nil }
    return .free(id, name, because: "what ends in \":free\" costs nothing at openrouter")
  }

  // MARK: Saying it

  private func found(_ hit: Hit, served: String?, _ name: ModelName, because: String = "") -> ResolverAnswer {
    let model = hit.model
    let provider = served ?? model.provider
    let isFallback = model.provider != provider && !hit.isSibling
    let rule = hit.found.rule == "equals \(lowercased(model.id))" ? "id \(hit.found.name)" : hit.found.rule
    let price = model.provider == provider ? "" : ", at the price of \(model.provider)"
    let because = isFallback && because.isEmpty ? "\(provider) lists no price of its own for it; " : because
    return .found(
      Resolution(
        provider: provider, model: model, rule: rule,
        sentence:
          "\(because)\(name.sent)\(said(hit.found.losses)) is \(model.provider)/\(model.id) by the rule \"\(rule)\"\(price)",
        isFallback: isFallback, region: name.region))
  }

  /// ["path", "date"]: " without its path and its date".
  private func said(_ losses: [String]) -> String {
    guard let last = losses.last else { return "" }
    let words = losses.map { $0 == "latest" ? "\"latest\"" : "its \($0)" }
    let rest = words.dropLast().joined(separator: ", ")
    return " without " + (rest.isEmpty ? "" : rest + " and ") + (last == "latest" ? "\"latest\"" : "its \(last)")
  }

  /// Names the model whose family rule would have taken this name but for its version.
  private func nearest(_ id: String, _ name: ModelName) -> String {
    guard let shelf = catalogue.providerIndex[id], let older = index.shelves[shelf].older(name) else { return "" }
    return ": it looks like a newer version than \(model(older).id)"
  }
}

extension ResolverAnswer {
  /// A model that nobody charges for and no catalogue lists.
  static func free(_ provider: String, _ name: ModelName, because: String) -> ResolverAnswer {
    let id = String(decoding: name.bytes, as: UTF8.self)
    guard let rule = MatchRule(["equals \(id)"]) else { return .unknown(reason: because, provider: provider) }
    let row = PriceRow(validity: Validity(), prices: [], of: "\(provider)/\(id)")
    let model = CatalogueModel(
      provider: provider, id: id, name: name.sent, match: rule, rows: [row], variants: [], isFree: true)
    return .found(
      Resolution(
        provider: provider, model: model, rule: because, sentence: "\(name.sent): \(because)", isFallback: false,
        region: name.region))
  }
}

extension MatchRule {
  func holds(_ name: [UInt8]) -> Bool { alternatives.contains { $0.allSatisfy { $0.holds(name) } } }
}

extension CatalogueModel {
  /// Whether the other is sold at the same prices at all times.
  fileprivate func hasPrices(of other: CatalogueModel) -> Bool {
    isFree == other.isFree && rows.count == other.rows.count && variants == other.variants
      && (isFree || rows.contains { !$0.prices.isEmpty })
      && zip(rows, other.rows).allSatisfy { $0.validity == $1.validity && $0.prices == $1.prices }
  }
}
