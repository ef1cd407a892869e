import Domain

/// Which of a call's names says its model, after the organisation's aliases.
public struct ModelChoice: Sendable, Hashable {
  public let answer: ResolverAnswer
  /// Provider and name that were looked up: as sent, or what the alias says. nil: none.
  public let provider: String?
  public let model: String?
  /// The alias that was used.
  public let alias: ModelAlias?
  /// "eu", "global", "us-east-1", as the name says it.
  public let region: String?
}

extension ModelResolver {
  /// The served model's name first, then the one that was asked for; for each the organisation's alias, then the catalogue.
  /// - Parameters:
  ///   - provider: As sent.
  ///   - time: When the call started: aliases are dated.
  public func choose(
    provider: String?, served: String?, requested: String?, aliases: ModelAliases? = nil, at time: Timestamp
  ) -> ModelChoice {
    let served = served.flatMap { $0.isEmpty ? nil : $0 }
    let requested = requested.flatMap { $0.isEmpty ? nil : $0 }
    guard let name = served ?? requested else {
      let reason = ResolverAnswer.unknown(reason: "no model was sent", provider: provider.flatMap(catalogue.providerID))
      return ModelChoice(answer: reason, provider: provider, model: nil, alias: nil, region: nil)
    }
    let first = choice(provider, name, aliases, time)
    guard !first.answer.isFound, first.alias == nil, served != nil, let requested, requested != name else { return first }
    let second = choice(provider, requested, aliases, time)
    if case .found(let asked) = second.answer {
      return second.answering(
        .found(asked.saying("No price for the served model \(name); by the requested one: \(asked.sentence)")))
    }
    return second.alias == nil ? first : second
  }

  private func choice(
    _ provider: String?, _ name: String, _ aliases: ModelAliases?, _ time: Timestamp
  ) -> ModelChoice {
    guard let alias = aliases?.alias(provider: provider, model: name, at: time, catalogue: catalogue) else {
      let known = know(provider, name)
      return ModelChoice(answer: known.answer, provider: provider, model: name, alias: nil, region: known.region)
    }
    let target = alias.targetProvider ?? provider
    let known = know(target, alias.targetModel)
    let region = known.region ?? know(provider, name).region
    return ModelChoice(
      answer: known.answer.through(alias, from: name), provider: target, model: alias.targetModel, alias: alias,
      region: region)
  }
}

extension ModelChoice {
  fileprivate func answering(_ answer: ResolverAnswer) -> ModelChoice {
    ModelChoice(answer: answer, provider: provider, model: model, alias: alias, region: region)
  }
}

extension ResolverAnswer {
  fileprivate func through(_ alias: ModelAlias, from name: String) -> ResolverAnswer {
    let text = "\(name) stands for \(alias.targetModel) by the alias \"\(alias.pattern.kind.rawValue) \(alias.pattern.text)\""
    return switch self {
    case .found(let resolution): .found(resolution.saying("\(text); \(resolution.sentence)"))
    case .unknown(let reason, let provider): .unknown(reason: "\(text); \(reason)", provider: provider)
    }
  }
}
