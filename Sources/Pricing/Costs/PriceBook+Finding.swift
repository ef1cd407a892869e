import Domain

/// How a price is found: the model, the own prices of its names, the catalogue's row, the variants, the term.
extension PriceBook {
  /// - Parameter conditions: nil: what the key and the names say.
  func makeCall(_ key: PriceKey, _ given: PriceConditions? = nil, at time: Timestamp) -> PricedCall {
    let choice = resolver.choose(
      provider: key.provider, served: key.served, requested: key.requested, aliases: aliases, at: time)
    let naming = Naming(choice)
    let names = names(key, choice, naming)
    let evidence = given ?? PriceConditions(tier: key.tier, region: key.region, namedRegion: choice.region)
    let conditions = evidence.served(by: names.served)
    let own = agreed.listings(for: names).filter { $0.listing.dates.contains(time) && conditions.meet($0.listing.conditions) }
    let model = naming.resolution?.model
    let isOff = isSwitchedOff(naming)
    let list = isOff ? nil : model.flatMap { listed($0, at: time, conditions) }
    let term = agreed.terms(for: names).first { $0.term.dates.contains(time) }
    let sheet = sheet(own, list, term, names)
    return PricedCall(
      stretch: stretch(around: time, model), provider: naming.provider ?? key.provider,
      model: model?.id ?? choice.alias?.targetModel ?? key.served ?? key.requested, resolution: naming.resolution,
      sentence: sheet == nil ? noPrice(naming, isOff, at: time) : said(naming, sheet), names: names, conditions: conditions,
      sheet: sheet)
  }

  /// Switched off is who served the call, and whose price would stand in.
  func isSwitchedOff(_ naming: Naming) -> Bool {
    agreed.isSwitchedOff(naming.provider.map(catalogue.comparable)) || agreed.isSwitchedOff(naming.resolution?.model.provider)
  }

  // MARK: The names

  /// What is known of the sent names.
  struct Naming {
    let resolution: Resolution?
    /// The catalogue's id, or as sent.
    let provider: String?
    let sentence: String

    init(_ choice: ModelChoice) {
      switch choice.answer {
      case .found(let found): (resolution, provider, sentence) = (found, found.provider, found.sentence)
      case .unknown(let reason, let id): (resolution, provider, sentence) = (nil, id ?? choice.provider, reason)
      }
    }
  }

  /// Served, asked for, what the alias says, and the catalogue's id. The requested name is left out where it is another model than
  /// the one that served: a price by that name is not for this call.
  private func names(_ key: PriceKey, _ choice: ModelChoice, _ naming: Naming) -> CallNames {
    let model = naming.resolution?.model
    var requested = key.requested
    if let asked = requested, let served = key.served, !served.isEmpty, asked != served, let model,
      case .found(let other) = resolver.resolve(provider: key.provider, model: asked), other.model.id != model.id
    {
      requested = nil
    }
    var models = [key.served, requested, choice.alias?.targetModel].compactMap(\.self).flatMap(NameMatcher.names)
    if let id = model?.id { models.append(lowercased(id)) }
    let served = (naming.provider ?? key.provider).map(catalogue.comparable)
    let sent = key.provider.map(catalogue.comparable)
    return CallNames(providers: Set([served, sent].compactMap(\.self)), served: served, models: models)
  }

  // MARK: The price

  /// The catalogue's row in force and what its variants make of it.
  struct Listed {
    let model: CatalogueModel
    let row: PriceRow
    let set: PriceSet
    let variant: String?
  }

  private func listed(_ model: CatalogueModel, at time: Timestamp, _ conditions: PriceConditions) -> Listed? {
    guard let row = model.row(at: time) else { return nil }
    let set = PriceSet(model, row, variants: model.variants(at: time, conditions))
    guard !set.units.isEmpty || model.isFree else { return nil }
    return Listed(model: model, row: row, set: set, variant: set.conditionWords)
  }

  /// Own prices under conditions replace single units of the base: the first own price without conditions, else the catalogue's.
  private func sheet(_ own: [OwnListing], _ list: Listed?, _ term: OwnTerm?, _ names: CallNames) -> PricedCall.Sheet? {
    let special = own.filter { !$0.listing.conditions.isEmpty }.byPatternThenConditions
    let base = own.first { $0.listing.conditions.isEmpty }
    guard base != nil || list != nil || !special.isEmpty else { return nil }
    let ownUnits = special.flatMap(\.units)
    let baseUnits = base?.units ?? list?.set.units.map { PricedUnit(price: $0.price, origin: $0.origin, factor: term?.factor) } ?? []
    let set = PriceSet(
      special: ownUnits, base: baseUnits, provider: list?.model.provider ?? names.served ?? "",
      model: list?.model.id ?? names.models.last ?? "")
    let isOwn = base != nil || !special.isEmpty
    let usesTerm = base == nil && list != nil && term != nil
    let label = base?.label ?? list?.row.label ?? special[0].label
    let variant = ([base == nil ? list?.variant : nil] + special.map(\.listing.conditions.words)).compactMap(\.self)
    let words = variant.isEmpty ? nil : variant.joined(separator: ", ")
    let termWords = usesTerm ? term.map { ", × \($0.factor.decimal) by term \($0.term.id)" } ?? "" : ""
    let end = (words.map { ", \($0)" } ?? "") + termWords
    let table = ChargeTable(set)
    let listTable = isOwn || usesTerm ? list.map { ChargeTable($0.set) } : nil
    let isFree = set.units.isEmpty ? list?.model.isFree ?? false : set.isFree
    return PricedCall.Sheet(
      label: label, set: set, table: table, list: listTable,
      unitPrices: UnitPrices(table, list: listTable, isFree: isFree, label: label, variant: words), needsWholeList: isOwn, variant: words, own: base ?? (list == nil ? special.first : nil), row: base == nil ? list?.row : nil,
      term: usesTerm ? term : nil, isFree: isFree, reason: "priced by \(label)", reasonEnd: end, plainReason: "priced by \(label)\(end)")
  }

  /// How the model was found; a model that only an own price knows is found by that price's pattern.
  private func said(_ naming: Naming, _ sheet: PricedCall.Sheet?) -> String {
    guard naming.resolution == nil, let own = sheet?.own else { return naming.sentence }
    let pattern = own.listing.pattern
    return "\(naming.sentence); the own price \(own.listing.id) is for it by the rule \"\(pattern.kind.rawValue) \(pattern.text)\""
  }

  private func noPrice(_ naming: Naming, _ isOff: Bool, at time: Timestamp) -> String {
    guard let model = naming.resolution?.model else { return naming.sentence }
    let name = "\(model.provider)/\(model.id)"
    if isOff { return "the catalogue's prices are switched off for \(naming.provider ?? model.provider), and no own price is for \(name)" }
    return model.row(at: time) == nil ? "no price is listed for \(name)" : "the catalogue lists \(name) without a price"
  }

  // MARK: How long it holds

  /// The longest stretch around `time` within which no date and no hour of what was looked at begins or ends.
  private func stretch(around time: Timestamp, _ model: CatalogueModel?) -> (from: Timestamp, to: Timestamp) {
    var from = Timestamp.distantPast, to = Timestamp.distantFuture
    func cut(_ boundary: Timestamp) {
      if boundary <= time { from = max(from, boundary) } else { to = min(to, boundary) }
    }
    agreed.boundaries.forEach(cut)
    for validity in (model?.rows.map(\.validity) ?? []) + (model?.variants.map(\.validity) ?? []) {
      [validity.from, validity.to].compactMap(\.self).forEach(cut)
      guard let daily = validity.daily else { continue }
      let midnight = time.startOfDay
      for minute in [0, daily.start, daily.end, 1440] { cut(midnight.adding(seconds: Int64(minute) * 60)) }
    }
    return (from, to)
  }
}

extension OwnListing {
  var units: [PricedUnit] { prices.map { PricedUnit(price: $0, origin: .own(label)) } }
}

extension [OwnListing] {
  /// Already by precedence; of patterns of one rank the row with more conditions first.
  fileprivate var byPatternThenConditions: [OwnListing] {
    enumerated().sorted { a, b in
      let (x, y) = (a.element.listing, b.element.listing)
      return (x.pattern.rank.kind, x.pattern.rank.length, x.provider == nil ? 1 : 0, -x.conditions.count, a.offset)
        < (y.pattern.rank.kind, y.pattern.rank.length, y.provider == nil ? 1 : 0, -y.conditions.count, b.offset)
    }.map(\.element)
  }
}

extension PriceSet {
  /// The conditions that gave at least one price.
  fileprivate var conditionWords: String? {
    var words: [String] = []
    for case .variant(let one) in units.map(\.origin) where !words.contains(one) { words.append(one) }
    return words.isEmpty ? nil : words.joined(separator: ", ")
  }
}

extension Timestamp {
  /// Midnight UTC.
  fileprivate var startOfDay: Timestamp {
    let day: Int64 = 86_400_000_000
    let rest = microseconds % day
    return adding(microseconds: -(rest < 0 ? rest + day : rest))
  }
}
