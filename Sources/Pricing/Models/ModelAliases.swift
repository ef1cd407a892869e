import Domain

/// An organisation's own names for models, made ready for look-ups. Safe to share; made anew when the agreements change.
public struct ModelAliases: Sendable {
  private let aliases: [ModelAlias]
  private let matcher: NameMatcher
  /// Positions of the aliases whose pattern fits a name, by precedence. Bounded, because senders choose the names.
  private let memory = NameMemory<[Int]>()

  public init(_ aliases: [ModelAlias]) {
    self.aliases = aliases
    matcher = NameMatcher(aliases.map { ($0.pattern, $0.provider != nil, $0.dates.from, $0.id) })
  }

  public var isEmpty: Bool { aliases.isEmpty }

  /// The alias that holds at `time` for the name as sent, or for it without its path. An exact one comes before a pattern, one
  /// for the provider before one for all, and of equals the one that began later.
  /// - Parameter provider: As sent.
  public func alias(provider: String?, model: String, at time: Timestamp, catalogue: PriceCatalogue) -> ModelAlias? {
    if isEmpty { return nil }
    let fitting = memory.value(provider: nil, model: model) { matcher.matches(NameMatcher.names(of: model)) }
    let position = fitting.first {
      aliases[$0].dates.contains(time) && isServed(aliases[$0].provider, by: provider, model, catalogue)
    }
    return position.map { aliases[$0] }
  }

  private func isServed(_ wanted: String?, by sent: String?, _ model: String, _ catalogue: PriceCatalogue) -> Bool {
    guard let wanted else { return true }
    let id = catalogue.providerID(for: wanted) ?? ProviderName.key(wanted)
    func isIt(_ name: String) -> Bool { (catalogue.providerID(for: name) ?? ProviderName.key(name)) == id }
    if let sent, !sent.isEmpty, isIt(sent) { return true }
    guard let slash = model.utf8.firstIndex(of: UInt8(ascii: "/")) else {
      return id == "aws" && model.utf8.starts(with: "arn:aws:bedrock".utf8)
    }
    return isIt(String(model[..<slash]))
  }
}
