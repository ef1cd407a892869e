/// Which catalogue model a call used, and how that was found out.
public struct Resolution: Sendable, Hashable {
  /// Who served the call: the catalogue's id where the sent name is known, else as sent, else whose price it is.
  public let provider: String
  public let model: CatalogueModel
  /// The rule that matched: the model's own id ("id gpt-4o"), or as the catalogue writes it ("starts_with gpt-4o-").
  public let rule: String
  /// One sentence for people.
  public let sentence: String
  /// The price of another provider than the one that was sent stands in.
  public let isFallback: Bool
}

public enum ResolverAnswer: Sendable, Hashable {
  case found(Resolution)
  /// Why there is no price, one sentence; and the provider's catalogue id, if known.
  case unknown(reason: String, provider: String?)
}

/// Finds the catalogue model for a provider and model name as sent. Pure: same catalogue and names, same answer.
///
/// Order: the sent provider's own list, then the lists its catalogue entry falls back to; for a provider that the
/// catalogue does not know, or whose name only says which protocol was spoken, the maker's own price; for none, the maker
/// or the only seller. In each list a name is looked for as sent first, then stripped; and exactly before by family rule.
public struct ModelResolver: Sendable {
  public let catalogue: PriceCatalogue

  public init(catalogue: PriceCatalogue) { self.catalogue = catalogue }

  public func resolve(provider sent: String?, model: String) -> ResolverAnswer {
    let name = ModelName(model)
    guard !name.forms.isEmpty else { return .unknown(reason: "the model name is empty", provider: nil) }
    let given = sent.flatMap { $0.isEmpty ? nil : $0 }
    if let given, let id = catalogue.providerID(for: given) { return known(id, name) }
    if let head = pathProvider(name), let hit = own(head, name) ?? fallback(head, name) {
      return found(hit, served: head, name, because: given.map { "\($0) is not in the catalogue; " } ?? "")
    }
    return inferred(name, served: given)
  }

  /// A provider of the catalogue was sent.
  private func known(_ id: String, _ name: ModelName) -> ResolverAnswer {
    if let hit = own(id, name) ?? fallback(id, name) { return found(hit, served: id, name) }
    guard ProviderName.protocolNames.contains(id), let hit = maker(name) else {
      return .unknown(reason: "no price for model \(name.sent) of \(id)\(nearest(id, name))", provider: id)
    }
    return found(
      hit, served: hit.model.provider, name, because: "\(id) does not sell it, its protocol is spoken by others; ")
  }

  /// No provider, or one that the catalogue does not know: the maker's price.
  private func inferred(_ name: ModelName, served: String?) -> ResolverAnswer {
    let prefix = served.map { "\($0) is not in the catalogue; " } ?? "no provider was sent; "
    if let hit = maker(name) ?? onlySeller(name) { return found(hit, served: served, name, because: prefix) }
    let sellers = Set(name.forms.flatMap { catalogue.sellers[$0.name] ?? [] }.map { catalogue.models[$0].provider })
    let hint = sellers.isEmpty ? "" : ": \(sellers.count) providers sell it at prices of their own"
    return .unknown(reason: "\(prefix)no price for model \(name.sent)\(hint)", provider: nil)
  }

  // MARK: Where to look

  private struct Hit {
    let model: CatalogueModel
    let form: ModelName.Form
    let rule: String
  }

  private func named(_ index: Int, _ form: ModelName.Form) -> Hit {
    let model = catalogue.models[index]
    let kind = form.name.utf8.elementsEqual(model.id.utf8) ? "id" : "equals"
    return Hit(model: model, form: form, rule: "\(kind) \(form.name)")
  }

  private func own(_ id: String, _ name: ModelName) -> Hit? {
    guard let shelf = catalogue.providerIndex[id].map({ catalogue.shelves[$0] }) else { return nil }
    for form in name.forms {
      if let i = shelf.exact[form.name] { return named(i, form) }
      if let rule = family(shelf, form.name) {
        return Hit(model: catalogue.models[rule.model], form: form, rule: rule.text)
      }
    }
    return nil
  }

  private func family(_ shelf: PriceCatalogue.Shelf, _ name: String) -> FamilyRule? {
    if shelf.families.isEmpty { return nil }
    let bytes = Array(name.utf8)
    return shelf.families.first { $0.verdict(bytes) == .match }
  }

  private func fallback(_ id: String, _ name: ModelName) -> Hit? {
    for other in catalogue.provider(id)?.fallback ?? [] {
      if let hit = own(other, name) { return hit }
    }
    return nil
  }

  /// Who makes the model: by the makers' own patterns for names, then by an exact name in their lists.
  private func maker(_ name: ModelName) -> Hit? {
    for provider in catalogue.providers {
      guard let match = provider.modelMatch, name.forms.contains(where: { match.matches($0.name) }) else { continue }
      if let hit = own(provider.id, name) { return hit }
    }
    for id in ProviderName.firstParties {
      guard let shelf = catalogue.providerIndex[id].map({ catalogue.shelves[$0] }) else { continue }
      for form in name.forms {
        if let i = shelf.exact[form.name] { return named(i, form) }
      }
    }
    return nil
  }

  private func onlySeller(_ name: ModelName) -> Hit? {
    for form in name.forms {
      guard let sellers = catalogue.sellers[form.name] else { continue }
      return sellers.count == 1 ? named(sellers[0], form) : nil
    }
    return nil
  }

  /// "openrouter/openai/gpt-4o", "bedrock/…", "us.anthropic.claude-…": the name itself says who serves it.
  private func pathProvider(_ name: ModelName) -> String? {
    let base = name.forms[0].name
    if let slash = base.utf8.firstIndex(of: UInt8(ascii: "/")) {
      return catalogue.providerID(for: String(base[..<slash]))
    }
    let parts = base.split(separator: ".", maxSplits: 2)
    if parts.count == 3, ModelName.regions.contains(String(parts[0])), ModelName.vendors.contains(String(parts[1])) {
      return "aws"
    }
    return base.hasPrefix("arn:aws:bedrock") ? "aws" : nil
  }

  // MARK: Saying it

  private func found(_ hit: Hit, served: String?, _ name: ModelName, because: String = "") -> ResolverAnswer {
    let model = hit.model
    let provider = served ?? model.provider
    let change = hit.form.change.isEmpty ? "" : " \(hit.form.change)"
    let price = model.provider == provider ? "" : ", at the price of \(model.provider)"
    return .found(
      Resolution(
        provider: provider, model: model, rule: hit.rule,
        sentence:
          "\(because)\(name.sent)\(change) is \(model.provider)/\(model.id) by the rule \"\(hit.rule)\"\(price)",
        isFallback: model.provider != provider))
  }

  /// Names the model whose family rule would have taken this name but for the version guard.
  private func nearest(_ id: String, _ name: ModelName) -> String {
    guard let shelf = catalogue.providerIndex[id].map({ catalogue.shelves[$0] }) else { return "" }
    for form in name.forms {
      let bytes = Array(form.name.utf8)
      if let rule = shelf.families.first(where: { $0.verdict(bytes) == .newerVersion }) {
        return ": it looks like a newer version than \(catalogue.models[rule.model].id)"
      }
    }
    return ""
  }
}
