import CPrices
import Domain

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Why a price file was refused.
public enum PriceFileError: Error, Sendable, Hashable {
  case unreadable(String)
  case badValue(model: String, what: String)
}

extension PriceCatalogue {
  /// The catalogue inside this binary.
  /// - Throws: `PriceFileError` when the data is damaged.
  public static func bundled() throws -> PriceCatalogue {
    try PriceCatalogue(json: UnsafeBufferPointer(start: quipu_prices(), count: quipu_prices_count()))
  }

  /// Reads a file of the shape that `Resources/build_prices.py` writes.
  /// - Throws: `PriceFileError`; nothing of a file with a bad row is used.
  public init(json: some Collection<UInt8>) throws {
    let file: CatalogueFile
    do {
      file = try JSONDecoder().decode(CatalogueFile.self, from: Data(json))
    } catch {
      throw PriceFileError.unreadable("\(error)")
    }
    guard let day = Int32(file.source.checked.replacing("-", with: "")), Timestamp(day: file.source.checked) != nil
    else {
      throw PriceFileError.unreadable("the checked day is no date")
    }
    for (key, quantity) in file.units {
      let millisecondFactor: Int64 = key.hasSuffix("_hours") ? 1000 : 1
      guard let unit = PriceUnit(rawValue: key), unit.quantity == quantity * millisecondFactor else {
        throw PriceFileError.unreadable("unknown unit \(key)")
      }
    }
    let providers = try file.providers.map { try $0.provider() }
    let models = try file.models.map { try $0.model() }
    self.init(source: file.source, providers: providers, models: models, day: day)
  }
}

struct CatalogueFile: Decodable {
  let source: PriceSource
  let units: [String: Int64]
  let providers: [Provider]
  let models: [Model]

  struct Provider: Decodable {
    let id: String
    let name: String
    let urls: [String]
    let model_match: [String]?
    let provider_match: [String]?
    let fallback: [String]?

    func provider() throws -> CatalogueProvider {
      CatalogueProvider(
        id: id, name: name, urls: urls, modelMatch: try model_match.map { try rule($0, of: id) },
        providerMatch: try provider_match.map { try rule($0, of: id) }, fallback: fallback ?? [])
    }
  }

  struct Row: Decodable {
    let when: [String: String]?
    let from: String?
    let daily: String?
    let prices: [String: String]
  }

  struct Model: Decodable {
    let provider: String
    let id: String
    let name: String?
    let match: [String]
    let rows: [Row]
    let variants: [Row]?
    let free: Bool?

    func model() throws -> CatalogueModel {
      let label = "\(provider)/\(id)"
      let starts = try rows.filter { $0.daily == nil }.compactMap { try $0.from.map { try day($0, of: label) } }
      let priced = try rows.map { row in
        PriceRow(validity: try validity(row, starts: starts, of: label), prices: try prices(row, of: label), of: label)
      }
      let special = try (variants ?? []).map { row in
        PriceVariant(
          when: row.when ?? [:], validity: try validity(row, starts: [], of: label), prices: try prices(row, of: label))
      }
      return CatalogueModel(
        provider: provider, id: id, name: name ?? id, match: try rule(match, of: label), rows: priced,
        variants: special,
        isFree: free ?? false)
    }
  }
}

private func rule(_ texts: [String], of label: String) throws -> MatchRule {
  guard let rule = MatchRule(texts) else { throw PriceFileError.badValue(model: label, what: "match rule") }
  return rule
}

private func day(_ text: String, of label: String) throws -> Timestamp {
  guard let time = Timestamp(day: text) else { throw PriceFileError.badValue(model: label, what: "date \(text)") }
  return time
}

/// A dated row ends where the next later start of its model begins.
private func validity(_ row: CatalogueFile.Row, starts: [Timestamp], of label: String) throws -> Validity {
  let from = try row.from.map { try day($0, of: label) }
  if let daily = row.daily {
    let ends = daily.split(separator: "-").compactMap(minutes)
    guard ends.count == 2 else { throw PriceFileError.badValue(model: label, what: "hours \(daily)") }
    return Validity(from: from, daily: (ends[0], ends[1]), fromDay: row.from)
  }
  let to = starts.filter { start in from.map { start > $0 } ?? true }.min()
  return Validity(from: from, to: to, fromDay: row.from)
}

private func minutes(_ clock: Substring) -> Int? {
  let parts = clock.split(separator: ":").compactMap { Int($0) }
  guard parts.count == 2, (0...24).contains(parts[0]), (0...59).contains(parts[1]) else { return nil }
  return parts[0] * 60 + parts[1]
}

private func prices(_ row: CatalogueFile.Row, of label: String) throws -> [UnitPrice] {
  try row.prices.map { key, text in
    guard let unit = PriceUnit(rawValue: key), let price = UnitPrice(unit: unit, text: text) else {
      throw PriceFileError.badValue(model: label, what: "\(key) \(text)")
    }
    return price
  }.sorted { $0.unit.rawValue < $1.unit.rawValue }
}

extension Timestamp {
  /// Midnight UTC of "2025-06-10"; nil when it is no such date.
  init?(day text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard text.utf8.count == 10, parts.count == 3, let year = Int64(parts[0]), let month = Int64(parts[1]),
      let day = Int64(parts[2]), (1...12).contains(month), (1...31).contains(day), year > 0
    else { return nil }
    // Days from the civil calendar, with March as the first month so that the leap day comes last.
    let y = month <= 2 ? year - 1 : year
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let days = 365 * y + y / 4 - y / 100 + y / 400 + dayOfYear - 719_468
    self.init(seconds: days * 86_400)
  }
}
