import Domain

/// Something in an organisation's prices that will not work as written.
public struct AgreementProblem: Sendable, Hashable {
  public enum Entry: Sendable, Hashable {
    case listing(PriceEntryID), term(PriceEntryID), alias(PriceEntryID)
  }
  public let entry: Entry
  /// What is wrong, the field's name first: "pattern", "price input_mtok", "factor", "conditions".
  public let field: String
  public let message: String
  /// In a pattern, the UTF-8 byte at which it was noticed.
  public let offset: Int?
}

extension PriceListing {
  /// Empty: it works as written.
  public var problems: [AgreementProblem] {
    var found = patternProblems(.listing(id), pattern)
    if prices.isEmpty { add("prices", "no price is given") }
    for (key, text) in prices.sorted(by: { $0.key < $1.key }) {
      guard let unit = PriceUnit(rawValue: key) else {
        add("price \(key)", "no such unit")
        continue
      }
      if PriceEntryRules.priceText(text).flatMap({ UnitPrice(unit: unit, text: $0) }) == nil {
        add("price \(key)", "\"\(text)\" is no price: US dollars, with tiers as in \"1.25 >200000:2.5\"")
      }
    }
    for key in conditions.keys.sorted() where !PriceConditions.knownKeys.contains(key) {
      add("conditions", "no evidence of a call is called \(key)")
    }
    return found

    func add(_ field: String, _ message: String) {
      found.append(AgreementProblem(entry: .listing(id), field: field, message: message, offset: nil))
    }
  }
}

extension PriceListing {
  /// As every file gives it back, so that an export taken in again adds nothing: prices as plain decimals, the pattern
  /// in lower case. What is a problem stays as it is.
  public var tidied: PriceListing {
    var copy = self
    copy.pattern = pattern.tidied
    copy.prices = prices.mapValues { PriceEntryRules.priceText($0) ?? $0 }
    return copy
  }
}

extension NamePattern {
  /// In lower case, as names are compared; a regular expression as written.
  public var tidied: NamePattern { kind == .regex ? self : NamePattern(kind, lowercased(text)) }
}

extension PriceTerm {
  /// Empty: it works as written.
  public var problems: [AgreementProblem] {
    var found = pattern.map { patternProblems(.term(id), $0) } ?? []
    if Factor(factor) == nil {
      found.append(
        AgreementProblem(
          entry: .term(id), field: "factor", message: "\"\(factor)\" is no factor from 0 to 100 with at most 9 decimal places",
          offset: nil))
    }
    return found
  }
}

extension ModelAlias {
  /// Empty: it works as written.
  public var problems: [AgreementProblem] {
    var found = patternProblems(.alias(id), pattern)
    if lowercased(targetModel).isEmpty {
      found.append(AgreementProblem(entry: .alias(id), field: "targetModel", message: "no model is given", offset: nil))
    }
    return found
  }
}

extension PriceAgreements {
  /// All that will not work as written: listings, terms, aliases, in their order.
  public var problems: [AgreementProblem] {
    listings.flatMap(\.problems) + terms.flatMap(\.problems) + aliases.flatMap(\.problems)
  }
}

private func patternProblems(_ entry: AgreementProblem.Entry, _ pattern: NamePattern) -> [AgreementProblem] {
  pattern.problem.map { [AgreementProblem(entry: entry, field: "pattern", message: $0.message, offset: $0.offset)] } ?? []
}
