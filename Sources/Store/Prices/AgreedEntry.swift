import Domain
import Postgres

/// A row of one of the tables of agreements.
protocol AgreedEntry: Sendable, Hashable {
  static var table: String { get }
  /// "price listing", for people and the audit log.
  static var word: String { get }
  /// Columns without the id, and how each is read.
  static var columns: [(name: String, reading: String)] { get }
  var id: PriceEntryID { get set }
  var dates: DatedRange { get set }
  /// What it is about.
  var place: AgreedPlace { get }
  /// By place in `columns`.
  var values: [SQL] { get }
  /// As it is stored. *Errors:* `PriceStoreError.invalid`.
  func checked() throws -> Self
  /// Reads `selection`.
  init(row: Row) throws
}

/// What an entry is about. Two of one sort for the same place contradict each other.
struct AgreedPlace: Hashable {
  var provider: String?
  var pattern: NamePattern?
  var conditions: [String: String] = [:]
  var from: Timestamp?
}

extension AgreedEntry {
  static var selection: SQL { SQL((["id"] + columns.map(\.reading)).joined(separator: ", ")) }
  static var names: String { columns.map(\.name).joined(separator: ", ") }

  /// To compare what it says.
  var withoutID: Self {
    var copy = self
    copy.id = PriceEntryID(0)
    return copy
  }

  static func plain(_ names: String...) -> [(name: String, reading: String)] { names.map { ($0, $0) } }
}

extension SQL {
  fileprivate static func value(_ value: some PostgresEncodable) -> SQL { "\(value)" }
  fileprivate static func object(_ pairs: [String: String]) -> SQL {
    let sorted = pairs.sorted { $0.key < $1.key }
    return "jsonb_object(\(sorted.map(\.key)), \(sorted.map(\.value)))"
  }
}

extension Row {
  /// Keys and values of an object, read by `objectReading`.
  fileprivate func pairs(_ keys: Int, _ values: Int) throws -> [String: String] {
    Dictionary(zip(try strings(keys), try strings(values)), uniquingKeysWith: { first, _ in first })
  }

  fileprivate func pattern(_ kind: Int, _ text: Int) throws -> NamePattern? {
    guard let kind = try stringOrNil(kind).flatMap(NamePattern.Kind.init(rawValue:)) else { return nil }
    return NamePattern(kind, try string(text))
  }

  fileprivate func dates(_ from: Int) throws -> DatedRange {
    DatedRange(from: try timestampOrNil(from), to: try timestampOrNil(from + 1))
  }
}

/// Keys and values as two arrays in one order.
private func objectReading(_ column: String) -> String {
  "array(select key from jsonb_each_text(\(column)) order by key), array(select value from jsonb_each_text(\(column)) order by key)"
}

extension PriceListing: AgreedEntry {
  static let table = "price_listings"
  static let word = "price listing"
  static let columns =
    plain("provider", "pattern_kind", "pattern", "valid_from", "valid_to", "source", "checked_at")
    + [("conditions", objectReading("conditions")), ("prices", objectReading("prices"))]

  var place: AgreedPlace {
    AgreedPlace(provider: provider, pattern: pattern, conditions: conditions, from: dates.from)
  }

  var values: [SQL] {
    [
      .value(provider), .value(pattern.kind.rawValue), .value(pattern.text), .value(dates.from), .value(dates.to),
      .value(source), .value(checkedAt), .object(conditions), .object(prices),
    ]
  }

  func checked() throws -> PriceListing {
    if prices.isEmpty { throw PriceStoreError.invalid(field: "prices", accepted: "at least one unit with its price") }
    var copy = self
    copy.provider = try PriceEntryChecks.provider(provider)
    copy.pattern = try PriceEntryChecks.pattern(pattern)
    copy.dates = try PriceEntryChecks.dates(dates)
    copy.conditions = try PriceEntryChecks.pairs(conditions, "condition")
    copy.prices = try PriceEntryChecks.pairs(prices, "price")
    copy.source = try PriceEntryChecks.text(source, "source", most: 1000)
    return copy
  }

  init(row: Row) throws {
    self.init(
      id: try row.id(0), provider: try row.stringOrNil(1), pattern: try row.pattern(2, 3) ?? NamePattern(.exact, ""),
      dates: try row.dates(4), conditions: try row.pairs(8, 9), prices: try row.pairs(10, 11),
      source: try row.string(6), checkedAt: try row.timestampOrNil(7))
  }
}

extension PriceTerm: AgreedEntry {
  static let table = "price_terms"
  static let word = "price term"
  static let columns = plain("provider", "pattern_kind", "pattern", "valid_from", "valid_to", "source", "factor")

  var place: AgreedPlace { AgreedPlace(provider: provider, pattern: pattern, from: dates.from) }

  var values: [SQL] {
    let scaled = DecimalText.scaled(factor, scaleDigits: Self.factorScale) ?? 0
    return [
      .value(provider), .value(pattern?.kind.rawValue), .value(pattern?.text), .value(dates.from), .value(dates.to),
      .value(source), .value(PostgresValue.decimal(unscaled: scaled, scale: Self.factorScale)),
    ]
  }

  func checked() throws -> PriceTerm {
    var copy = self
    copy.provider = try PriceEntryChecks.provider(provider)
    copy.pattern = try pattern.map(PriceEntryChecks.pattern)
    copy.dates = try PriceEntryChecks.dates(dates)
    copy.factor = try PriceEntryChecks.factor(factor)
    copy.source = try PriceEntryChecks.text(source, "source", most: 1000)
    return copy
  }

  init(row: Row) throws {
    self.init(
      id: try row.id(0), provider: try row.stringOrNil(1), pattern: try row.pattern(2, 3), dates: try row.dates(4),
      factor: Self.factorText(try row.numericScaled(7, scale: Self.factorScale)), source: try row.string(6))
  }
}

extension ModelAlias: AgreedEntry {
  static let table = "model_aliases"
  static let word = "model alias"
  static let columns = plain(
    "provider", "pattern_kind", "pattern", "valid_from", "valid_to", "target_provider", "target_model")

  var place: AgreedPlace { AgreedPlace(provider: provider, pattern: pattern, from: dates.from) }

  var values: [SQL] {
    [
      .value(provider), .value(pattern.kind.rawValue), .value(pattern.text), .value(dates.from), .value(dates.to),
      .value(targetProvider), .value(targetModel),
    ]
  }

  func checked() throws -> ModelAlias {
    var copy = self
    copy.provider = try PriceEntryChecks.provider(provider)
    copy.pattern = try PriceEntryChecks.pattern(pattern)
    copy.dates = try PriceEntryChecks.dates(dates)
    copy.targetProvider = try PriceEntryChecks.provider(targetProvider)
    copy.targetModel = try PriceEntryChecks.text(targetModel, "target model")
    return copy
  }

  init(row: Row) throws {
    self.init(
      id: try row.id(0), provider: try row.stringOrNil(1), pattern: try row.pattern(2, 3) ?? NamePattern(.exact, ""),
      dates: try row.dates(4), targetProvider: try row.stringOrNil(6), targetModel: try row.string(7))
  }
}
