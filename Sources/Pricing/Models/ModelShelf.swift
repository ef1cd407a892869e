/// One provider's models by their names.
struct ModelShelf: Sendable {
  /// As the catalogue writes them, lower case.
  private var exact: [String: Int32] = [:]
  /// Dots and hyphens alike.
  private var folded: [String: Int32] = [:]
  /// Without date and revision, where the catalogue lists the dated name only.
  private var undated: [String: Int32] = [:]
  private var families = FamilyRules()
  /// Stands for a spelling that several models share.
  private static let several: Int32 = -1

  struct Found: Sendable {
    let model: Int32
    /// What was left of the sent name.
    let name: String
    let losses: [String]
    /// "id gpt-4o", "equals gpt-4o-2024-08-06", "starts_with gpt-4o-realtime".
    let rule: String
  }

  init(models: some Sequence<(index: Int32, model: CatalogueModel)>) {
    for (index, model) in models {
      for name in model.match.names where exact[name] == nil {
        exact[name] = index
        add(foldedKey(name), index, to: \.folded)
        addUndated(name, index)
      }
      for (clauses, text) in zip(model.match.alternatives, model.match.texts) {
        guard let rule = NameFamily(clauses, text: text, model: index, isFree: model.isFree) else { continue }
        families.add(rule)
        if rule.others.isEmpty { addUndated(String(decoding: rule.literal, as: UTF8.self), index) }
      }
    }
    // An entry's own id is a name of it unless another entry claims it.
    for (index, model) in models {
      let id = lowercased(model.id)
      if exact[id] == nil { exact[id] = index }
      let key = foldedKey(id)
      if folded[key] == nil { folded[key] = index }
    }
  }

  private mutating func add(_ key: String, _ index: Int32, to map: WritableKeyPath<ModelShelf, [String: Int32]>) {
    let known = self[keyPath: map][key]
    self[keyPath: map][key] = known == nil || known == index ? index : Self.several
  }

  private mutating func addUndated(_ name: String, _ index: Int32) {
    let bytes = Array(name.utf8)
    guard !bytes.contains(UInt8(ascii: "#")) else { return }
    let tail = NameTail(bytes: bytes, folded: fold(bytes), floor: 0)
    var end = bytes.count
    while let cut = tail.strict(before: end), Self.isOnlyAVersion(cut, bytes[cut.at..<end]) { end = cut.at }
    if end < bytes.count { add(foldedKey(tail.folded[..<end]), index, to: \.undated) }
  }

  /// A full date or a revision: "-0324" and "-v1" may have been another model before.
  private static func isOnlyAVersion(_ cut: NameTail.Cut, _ text: ArraySlice<UInt8>) -> Bool {
    switch cut.kind {
    case .date: text.count > 7
    case .revision: text.contains(UInt8(ascii: ":"))
    case .version, .latest: true
    case .context, .quantisation, .preview: false
    }
  }

  // MARK: Looking up

  /// The model that goes by this name: as sent before stripped, exactly before by family rule.
  /// - Parameter hidden: A model to leave out; none by default.
  func find(_ name: ModelName, besides hidden: Int32 = -1) -> Found? {
    for start in name.starts {
      for end in name.ends where end.at > start.at {
        if let found = named(name, start, end, hidden) { return found }
      }
      if let rule = families.best(name, from: start.at, besides: hidden) {
        return Found(
          model: rule.model, name: name.text(start, name.ends[0]), losses: start.losses, rule: rule.text)
      }
      if let end = name.ends.last, end.at > start.at, let model = undated[name.key(start, end)], model >= 0, model != hidden {
        return Found(
          model: model, name: name.text(start, end), losses: start.losses + end.losses, rule: "only dated listing")
      }
    }
    return nil
  }

  private func named(_ name: ModelName, _ start: ModelName.Cut, _ end: ModelName.Cut, _ hidden: Int32) -> Found? {
    let text = name.text(start, end)
    if let model = exact[text], model != hidden {
      return Found(model: model, name: text, losses: start.losses + end.losses, rule: "equals \(text)")
    }
    let key = name.key(start, end)
    guard let model = folded[key], model >= 0, model != hidden else { return nil }
    return Found(
      model: model, name: text, losses: start.losses + end.losses, rule: "equals \(text), dots and hyphens alike")
  }

  /// An exact name only: for the question who else sells it.
  func exactly(_ name: ModelName) -> Found? {
    for start in name.starts {
      for end in name.ends where end.at > start.at {
        if let found = named(name, start, end, -1) { return found }
      }
    }
    return nil
  }

  /// The model of which the name looks like a newer version.
  func older(_ name: ModelName) -> Int32? {
    for start in name.starts {
      if let model = families.older(name, from: start.at) { return model }
    }
    return nil
  }
}
