import Domain

/// Why a price could not be changed.
public enum PriceStoreError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A field that is empty or not in the accepted form.
  case invalid(field: String, accepted: String)
  /// It doesn't exist in this organisation, or has ended.
  case unknownEntry(String)
  case unknownOrganisation

  public var description: String {
    switch self {
    case .invalid(let field, let accepted): "The \(field) is not in the accepted form: \(accepted)."
    case .unknownEntry(let what): "There is no such \(what), or it has ended already."
    case .unknownOrganisation: "There is no such organisation."
    }
  }
}

/// What of an entry the database must be able to hold and a reader to understand. Whether a unit or a regular
/// expression is one is asked of `Pricing`, by whoever takes the input.
enum PriceEntryChecks {
  static func text(_ text: String, _ field: String, most: Int = 300) throws -> String {
    let trimmed = text.trimmedBlanks
    guard !trimmed.isEmpty, trimmed.utf8.count <= most, trimmed.isStorable else {
      throw PriceStoreError.invalid(field: field, accepted: "1 to \(most) bytes of text")
    }
    return trimmed
  }

  /// Lower case, as the catalogue's; an empty text is nil.
  static func provider(_ provider: String?) throws -> String? {
    guard let trimmed = provider?.trimmedBlanks, !trimmed.isEmpty else { return nil }
    return try text(trimmed.lowercased(), "provider", most: 100)
  }

  static func pattern(_ pattern: NamePattern) throws -> NamePattern {
    NamePattern(pattern.kind, try text(pattern.text, "model pattern", most: 500))
  }

  static func dates(_ dates: DatedRange) throws -> DatedRange {
    for time in [dates.from, dates.to].compactMap({ $0 }) where !ItemChecks.sensible.contains(time) {
      throw PriceStoreError.invalid(field: "validity", accepted: "dates from 2001-09-09 to 2200-01-01")
    }
    if let from = dates.from, let to = dates.to, from >= to {
      throw PriceStoreError.invalid(field: "validity", accepted: "a first day before the last")
    }
    return dates
  }

  static func pairs(_ pairs: [String: String], _ field: String) throws -> [String: String] {
    guard pairs.count <= 100 else { throw PriceStoreError.invalid(field: field, accepted: "at most 100 of them") }
    var checked: [String: String] = [:]
    for (key, value) in pairs {
      checked[try text(key, field, most: 100)] = try text(value, "\(field) of \(key.prefix(100))")
    }
    return checked
  }

  /// Without zeros at the end.
  static func factor(_ factor: String) throws -> String {
    let accepted = "a decimal number from 0 to 100 with at most 9 places, such as 0.85"
    let text = factor.trimmedBlanks
    guard text.utf8.count <= 40, let scaled = DecimalText.scaled(text, scaleDigits: PriceTerm.factorScale),
      DecimalText.scaled(text, scaleDigits: 18) == scaled * 1_000_000_000, (0...100_000_000_000).contains(scaled)
    else { throw PriceStoreError.invalid(field: "factor", accepted: accepted) }
    return PriceTerm.factorText(scaled)
  }
}

extension PriceTerm {
  /// Decimal places of the column.
  static let factorScale = 9
  static func factorText(_ scaled: Int128) -> String { USD(pico: scaled * 1000).decimal }
}
