import Domain

/// Which catalogue model a call used, and how that was found out.
public struct Resolution: Sendable, Hashable {
  /// Who served the call: the catalogue's id where the sent name is known, else as sent, else whose price it is.
  public let provider: String
  public let model: CatalogueModel
  /// The rule that matched: the model's own id ("id gpt-4o"), or as the catalogue writes it ("starts_with gpt-4o-").
  public let rule: String
  /// One sentence for people: which name, what was stripped from it, which rule, whose price.
  public let sentence: String
  /// The price of another provider than the one that was sent stands in.
  public let isFallback: Bool
  /// "eu", "global", "us-east-1", as the name says it: a condition on prices. nil: it doesn't say.
  public let region: String?

  init(
    provider: String, model: CatalogueModel, rule: String, sentence: String, isFallback: Bool, region: String? = nil
  ) {
    self.provider = provider
    self.model = model
    self.rule = rule
    self.sentence = sentence
    self.isFallback = isFallback
    self.region = region
  }

  func saying(_ sentence: String) -> Resolution {
    Resolution(
      provider: provider, model: model, rule: rule, sentence: sentence, isFallback: isFallback, region: region)
  }
}

public enum ResolverAnswer: Sendable, Hashable {
  case found(Resolution)
  /// Why there is no price, one sentence; and the provider's catalogue id, if known.
  case unknown(reason: String, provider: String?)

  var isFound: Bool {
    if case .found = self { true } else { false }
  }
}
