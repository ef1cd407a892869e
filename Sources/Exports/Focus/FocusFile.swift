import Domain

/// What FOCUS rows of one file have in common.
public struct FocusSource: Sendable {
  public var organisation: OrganisationID
  public var organisationName: String
  public var view: ReportView
  public var filter: CostFilter
  /// As `AllocationReport.part`.
  public var part: String?
  public let declared: [DeclaredKey]
  public var priceSet: String
  public var timeZone: String
  public var statement: Statement?
  public var generatedAt: Timestamp
  /// The calendar month, in the organisation's zone, of a day "2026-10-01".
  public var billingPeriod: @Sendable (_ day: String) -> TimeRange
  let extraTags: [(name: String, place: Int)]

  public init(
    organisation: OrganisationID, organisationName: String, view: ReportView, filter: CostFilter, part: String? = nil, declared: [DeclaredKey],
    priceSet: String, timeZone: String, statement: Statement?, generatedAt: Timestamp,
    billingPeriod: @escaping @Sendable (_ day: String) -> TimeRange
  ) {
    self.organisation = organisation
    self.organisationName = organisationName
    self.view = view
    self.filter = filter
    self.part = part
    self.declared = declared
    extraTags = Self.extraTags(declared)
    self.priceSet = priceSet
    self.timeZone = timeZone
    self.statement = statement
    self.generatedAt = generatedAt
    self.billingPeriod = billingPeriod
  }
}

/// Charges as a FOCUS 1.2 file: one row a meter, in pieces, so that no file is held whole. Costs are unrounded and unit price × quantity
/// is the cost exactly; null is an empty field; columns of our own come last.
public struct FocusFile: Sendable {
  private let source: FocusSource
  private var writer: CSVWriter
  private var months: [Substring: TimeRange] = [:]

  /// The header waits to be taken.
  public init(_ source: FocusSource) {
    self.source = source
    writer = CSVWriter()
    writer.header(Self.columns.map(\.name))
  }

  /// Bytes that wait to be taken.
  public var count: Int { writer.count }
  public mutating func take() -> [UInt8] { writer.take() }

  public mutating func append(_ charge: Charge) {
    let month = charge.day.prefix(7)
    let period = months[month] ?? source.billingPeriod(charge.day)
    months[month] = period
    let row = FocusRow(charge, source, period)
    writer.row(Self.columns.map { $0.cell(row) })
  }

  public static var columnNames: [String] { columns.map(\.name) }
}

/// One charge, with what the columns ask more than once.
struct FocusRow {
  let charge: Charge
  let source: FocusSource
  let billingPeriod: TimeRange
  let category: Category
  let pricing: FocusPricing
  let words: FocusWords

  enum Category: String { case usage = "Usage", purchase = "Purchase", adjustment = "Adjustment" }

  init(_ charge: Charge, _ source: FocusSource, _ billingPeriod: TimeRange) {
    self.charge = charge
    self.source = source
    self.billingPeriod = billingPeriod
    category = Self.category(charge)
    pricing = FocusPricing(charge, category)
    words = FocusWords(charge, organisation: source.organisationName)
  }

  var isCorrection: Bool { charge.correctionOf != nil }

  /// What a sender stated can be less than what the meters say: that is no use of anything.
  private static func category(_ charge: Charge) -> Category {
    switch charge.meter {
    case .usage: .usage
    case .stated: charge.amounts.list < .zero || charge.amounts.contracted < .zero ? .adjustment : .usage
    case .shared: .purchase
    case .rounding: .adjustment
    }
  }
}

/// Quantities and unit prices of a row. Unit prices may not be negative and times the quantity are the cost, so what fits no meter's
/// price is one unit at its cost; corrections and adjustments go without where they fit none.
struct FocusPricing {
  var quantity: String?
  var unit: String?
  var listUnit: String?
  var contractedUnit: String?
  var consumed: String?
  var consumedUnit: String?

  init(_ charge: Charge, _ category: FocusRow.Category) {
    if case .usage(let bucket) = charge.meter {
      consumed = String(charge.quantity)
      consumedUnit = MeterWords.unit(bucket)
      if meter(charge, bucket) { return }
    }
    let isLoose = charge.correctionOf != nil || category == .adjustment
    guard !isLoose else { return }
    (quantity, unit) = ("1", category == .purchase ? "Months" : "Units")
    (listUnit, contractedUnit) = (charge.amounts.list.decimal, charge.amounts.contracted.decimal)
    if category == .usage, consumed == nil { (consumed, consumedUnit) = ("1", "Units") }
  }

  /// Tokens are priced by the million, like in price lists, time by the second, the rest by piece.
  private mutating func meter(_ charge: Charge, _ bucket: UsageBucket) -> Bool {
    let contracted = charge.contractedUnitPico ?? 0, list = charge.listUnitPico ?? contracted
    guard list >= 0, contracted >= 0, Int128(list) * Int128(charge.quantity) == charge.amounts.list.pico,
      Int128(contracted) * Int128(charge.quantity) == charge.amounts.contracted.pico
    else { return false }
    let digits = bucket.isTokens ? 6 : bucket == .milliseconds ? 3 : 0
    quantity = Decimals.text(Int128(charge.quantity), digits: digits)
    unit = bucket.isTokens ? "1000000 Tokens" : bucket == .milliseconds ? "Seconds" : MeterWords.unit(bucket)
    listUnit = Decimals.text(Int128(list), digits: 12 - digits)
    contractedUnit = Decimals.text(Int128(contracted), digits: 12 - digits)
    return true
  }
}
