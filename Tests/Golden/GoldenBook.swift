import Domain
import Pricing
import Wire

/// The price book of a case: the shipped catalogue, and what the case's organisation agreed.
enum GoldenBook {
  static let catalogue = Result { try PriceCatalogue.bundled() }
  static let plain = Result { PriceBook(catalogue: try catalogue.get()) }

  static func book(_ golden: JSONObject) throws -> PriceBook {
    let agreements = try agreements(golden)
    if agreements == PriceAgreements() { return try plain.get() }
    return PriceBook(catalogue: try catalogue.get(), agreements: agreements)
  }

  struct Unreadable: Error, CustomStringConvertible {
    let description: String
  }

  private static func agreements(_ golden: JSONObject) throws -> PriceAgreements {
    func entries(_ key: String) -> [(PriceEntryID, JSONObject)] {
      (golden[key]?.arrayValue ?? []).compactMap(\.objectValue).enumerated().map { (PriceEntryID(Int32($0 + 1)), $1) }
    }
    return PriceAgreements(
      listings: try entries("prices").map { id, entry in
        PriceListing(
          id: id, provider: entry["provider"]?.stringValue, pattern: try pattern(entry), dates: try dates(entry),
          conditions: texts(entry["when"]), prices: texts(entry["prices"]),
          source: entry["source"]?.stringValue ?? "the case")
      },
      terms: try entries("terms").map { id, entry in
        PriceTerm(
          id: id, provider: entry["provider"]?.stringValue, pattern: entry["model"] == nil ? nil : try pattern(entry),
          dates: try dates(entry), factor: entry["factor"]?.stringValue ?? "", source: "the case")
      },
      aliases: try entries("aliases").map { id, entry in
        ModelAlias(
          id: id, provider: entry["provider"]?.stringValue, pattern: try pattern(entry), dates: try dates(entry),
          targetProvider: entry["toProvider"]?.stringValue, targetModel: entry["toModel"]?.stringValue ?? "")
      },
      withoutCatalogue: Set((golden["withoutCatalogue"]?.arrayValue ?? []).compactMap(\.stringValue)))
  }

  /// "exact gpt-4o", "prefix claude-", "regex ^ltx".
  private static func pattern(_ entry: JSONObject) throws -> NamePattern {
    let text = entry["model"]?.stringValue ?? ""
    guard let space = text.firstIndex(of: " "), let kind = NamePattern.Kind(rawValue: String(text[..<space])) else {
      throw Unreadable(description: "model: \(text)")
    }
    return NamePattern(kind, String(text[text.index(after: space)...]))
  }

  private static func dates(_ entry: JSONObject) throws -> DatedRange {
    func time(_ key: String) throws -> Timestamp? {
      guard let text = entry[key]?.stringValue else { return nil }
      guard let microseconds = GoldenTime.microseconds(text) else { throw Unreadable(description: "\(key): \(text)") }
      return Timestamp(microseconds: microseconds)
    }
    return DatedRange(from: try time("from"), to: try time("to"))
  }

  private static func texts(_ value: JSONValue?) -> [String: String] {
    let members = (value?.objectValue?.members ?? []).map { ($0.key, $0.value.stringValue ?? "") }
    return Dictionary(members) { _, last in last }
  }
}
