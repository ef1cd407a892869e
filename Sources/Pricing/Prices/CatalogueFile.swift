import CPrices
import Domain

/// Why a price file was refused.
public enum PriceFileError: Error, Sendable, Hashable {
  case unreadable(String)
  case badValue(model: String, what: String)
}

extension PriceCatalogue {
  /// The catalogue inside this binary.
  /// - Throws: `PriceFileError` when the data is damaged.
  public static func bundled() throws -> PriceCatalogue {
    try PriceCatalogue(file: UnsafeBufferPointer(start: quipu_prices(), count: quipu_prices_count()))
  }

  /// Reads a file of the shape that `Resources/build_prices.py` writes.
  /// - Throws: `PriceFileError`; nothing of a file with a bad row is used.
  public init(json: some Collection<UInt8>) throws {
    let bytes = Array(json)
    self = try bytes.withUnsafeBufferPointer { try PriceCatalogue(file: $0) }
  }

  private init(file bytes: UnsafeBufferPointer<UInt8>) throws {
    var file = CatalogueFile()
    do {
      try file.read(bytes)
    } catch let fault as JSONFault {
      throw PriceFileError.unreadable("line \(fault.line): \(fault.message)")
    }
    guard let source = file.source, let day = Int32(source.checked.replacing("-", with: "")),
      Timestamp(day: source.checked) != nil
    else { throw PriceFileError.unreadable("the source or its checked day is missing") }
    try file.checkUnits()
    self.init(
      source: source, origins: [source] + file.overlaid(), providers: file.providers, models: file.models, day: day)
  }
}

/// A price file, read model by model, so that no more than one is in memory as JSON.
struct CatalogueFile {
  var source: PriceSource?
  var overlay: PriceSource?
  /// Price pages that prices of the overlay name by position, from 1.
  var pages: [String] = []
  var units: [String: Int64] = [:]
  var providers: [CatalogueProvider] = []
  var models: [CatalogueModel] = []

  mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) throws {
    var reader = JSONReader(bytes)
    try reader.members { key, reader in
      switch key {
      case "source": source = try Self.source(reader.value())
      case "overlay": overlay = try Self.source(reader.value())
      case "pages": pages = try reader.value().strings ?? []
      case "units": units = try Self.units(reader.value())
      case "providers": try reader.elements { providers.append(try Self.provider($0.value())) }
      case "models": try reader.elements { models.append(try Self.model($0.value())) }
      default: _ = try reader.value()
      }
    }
    try reader.end()
    let known = pages.count + 1
    for model in models {
      guard (model.rows.map(\.prices) + model.variants.map(\.prices)).allSatisfy({ $0.allSatisfy { $0.origin <= known } })
      else { throw PriceFileError.badValue(model: "\(model.provider)/\(model.id)", what: "page") }
    }
  }

  /// The overlay itself and then each of its pages: what a price's origin counts.
  func overlaid() -> [PriceSource] {
    guard let overlay else { return [] }
    return [overlay]
      + pages.map {
        PriceSource(
          name: overlay.name, version: overlay.version, url: $0, licence: overlay.licence, checked: overlay.checked)
      }
  }

  func checkUnits() throws {
    for (key, quantity) in units {
      let isTime = key.hasSuffix("_hours") || key.hasSuffix("seconds")
      guard let unit = PriceUnit(rawValue: key), unit.quantity == quantity * (isTime ? 1000 : 1) else {
        throw PriceFileError.unreadable("unknown unit \(key)")
      }
    }
  }

  // MARK: Lines

  private static func source(_ node: JSONTree) throws -> PriceSource {
    func text(_ key: String) throws -> String {
      guard let text = node[key]?.text else { throw PriceFileError.unreadable("a source without \(key)") }
      return text
    }
    return PriceSource(
      name: try text("name"), version: try text("version"), url: try text("url"), licence: try text("licence"),
      checked: try text("checked"))
  }

  private static func units(_ node: JSONTree) throws -> [String: Int64] {
    var units: [String: Int64] = [:]
    for member in node.members ?? [] {
      guard let text = member.value.decimal, let count = Int64(text), (1...1_000_000_000).contains(count) else {
        throw PriceFileError.unreadable("unit \(member.key)")
      }
      units[member.key] = count
    }
    return units
  }

  private static func provider(_ node: JSONTree) throws -> CatalogueProvider {
    guard let id = node["id"]?.text, let name = node["name"]?.text else {
      throw PriceFileError.unreadable("a provider without id and name")
    }
    return CatalogueProvider(
      id: id, name: name, urls: node["urls"]?.strings ?? [],
      modelMatch: try node["model_match"].map { try rule($0, of: id) },
      providerMatch: try node["provider_match"].map { try rule($0, of: id) }, fallback: node["fallback"]?.strings ?? [])
  }

  private static func model(_ node: JSONTree) throws -> CatalogueModel {
    guard let provider = node["provider"]?.text, let id = node["id"]?.text, let match = node["match"],
      let rows = node["rows"]?.elements
    else { throw PriceFileError.unreadable("a model without provider, id, match or rows") }
    let label = "\(provider)/\(id)"
    let starts = try rows.filter { $0["daily"] == nil }.compactMap { try time("from", $0, of: label) }
    let priced = try rows.map { row in
      PriceRow(validity: try validity(row, starts: starts, of: label), prices: try prices(row, of: label), of: label)
    }
    let variants = try (node["variants"]?.elements ?? []).map { row in
      PriceVariant(
        when: try conditions(row, of: label), validity: try validity(row, starts: [], of: label),
        prices: try prices(row, of: label))
    }
    return CatalogueModel(
      provider: provider, id: id, name: node["name"]?.text ?? id, match: try rule(match, of: label), rows: priced,
      variants: variants, isFree: node["free"] == .bool(true),
      isOverlaid: rows.allSatisfy { $0["prices"] == nil })
  }
}

private func rule(_ node: JSONTree, of label: String) throws -> MatchRule {
  guard let texts = node.strings, let rule = MatchRule(texts) else {
    throw PriceFileError.badValue(model: label, what: "match rule")
  }
  return rule
}

private func conditions(_ row: JSONTree, of label: String) throws -> [String: String] {
  var conditions: [String: String] = [:]
  for member in row["when"]?.members ?? [] {
    guard let value = member.value.text else { throw PriceFileError.badValue(model: label, what: "when") }
    conditions[member.key] = value
  }
  return conditions
}

private func time(_ key: String, _ row: JSONTree, of label: String) throws -> Timestamp? {
  guard let node = row[key] else { return nil }
  guard let text = node.text, let time = Timestamp(day: text) else {
    throw PriceFileError.badValue(model: label, what: "date in \(key)")
  }
  return time
}

/// A dated row ends where it says, else where the next later start of its model begins.
private func validity(_ row: JSONTree, starts: [Timestamp], of label: String) throws -> Validity {
  let from = try time("from", row, of: label)
  if let daily = row["daily"]?.text {
    let ends = daily.split(separator: "-").compactMap(minutes)
    guard ends.count == 2 else { throw PriceFileError.badValue(model: label, what: "hours \(daily)") }
    return Validity(from: from, daily: (ends[0], ends[1]), fromDay: row["from"]?.text)
  }
  let to = try time("to", row, of: label) ?? starts.filter { start in from.map { start > $0 } ?? true }.min()
  return Validity(from: from, to: to, fromDay: row["from"]?.text)
}

private func minutes(_ clock: Substring) -> Int? {
  let parts = clock.split(separator: ":").compactMap { Int($0) }
  guard parts.count == 2, (0...24).contains(parts[0]), (0...59).contains(parts[1]) else { return nil }
  return parts[0] * 60 + parts[1]
}

/// "prices" are the backbone's, "more" the overlay's, from page "o".
private func prices(_ row: JSONTree, of label: String) throws -> [UnitPrice] {
  let page = row["o"]?.decimal ?? "0"
  guard let page = Int16(page), page >= 0, page < .max else { throw PriceFileError.badValue(model: label, what: "page") }
  var prices: [UnitPrice] = []
  for (key, origin) in [("prices", 0), ("more", page + 1)] {
    for member in row[key]?.members ?? [] {
      guard let unit = PriceUnit(rawValue: member.key), let text = member.value.text,
        let price = UnitPrice(unit: unit, text: text, origin: origin), !prices.contains(where: { $0.unit == unit })
      else { throw PriceFileError.badValue(model: label, what: "\(member.key) \(member.value.text ?? "")") }
      prices.append(price)
    }
  }
  return prices.count < 2 ? prices : prices.sorted { $0.unit.rawValue < $1.unit.rawValue }
}

extension Timestamp {
  /// Midnight UTC of "2025-06-10"; nil when it is no such date.
  init?(day text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2], parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }),
      let year = Int64(parts[0]), let month = Int64(parts[1]), let day = Int64(parts[2]), year > 0,
      (1...12).contains(month), (1...Self.days(of: month, year)).contains(day)
    else { return nil }
    // Days from the civil calendar, with March as the first month so that the leap day comes last.
    let y = month <= 2 ? year - 1 : year
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let days = 365 * y + y / 4 - y / 100 + y / 400 + dayOfYear - 719_468
    self.init(seconds: days * 86_400)
  }

  private static func days(of month: Int64, _ year: Int64) -> Int64 {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
  }
}
