/// One meter of the calls that share a day, their dimensions and their unit prices: what FOCUS calls a row.
public struct Charge: Sendable, Hashable {
  public enum Meter: Sendable, Hashable {
    /// Quantity × unit price is the cost exactly, list and contracted. Without a price the quantity alone is known.
    case usage(UsageBucket)
    /// Costs that a trusted sender stated, less what the meters say; and costs without unit prices. No quantity.
    case stated
    /// A team's part of a shared cost.
    case shared(SharedOrigin)
    /// What rounding to cents added to or took from a team's lines.
    case rounding
  }

  /// "2026-10-01" in the organisation's calendar; the first of the month for shared, rounding and corrections.
  public var day: String
  /// The day (or month) as instants.
  public var range: TimeRange
  public var project: DimensionValue?
  public var team: AllocationLine
  public var environment: String?
  public var service: String?
  public var provider: String?
  public var model: String?
  public var endpoint: String?
  public var userGroup: String?
  public var serviceTier: String?
  public var region: String?
  /// By place of the declared dimension, "" for none; empty when there are none.
  public var extras: [String] = []
  public var meter: Meter
  /// In smallest units: tokens, requests, searches, characters, pages, images, milliseconds.
  public var quantity: Int64 = 0
  /// Pico-USD per smallest unit.
  public var listUnitPico: Int64?
  public var contractedUnitPico: Int64?
  public var amounts = Amounts()
  /// Price row, conditions and context tier of the unit prices.
  public var rates: CallRates?
  /// Counted on the first meter of its calls only.
  public var calls: Int64 = 0
  public var errors: Int64 = 0
  public var unpricedCalls: Int64 = 0
  /// The month that it corrects, "2026-09"; nil: a charge of its own month.
  public var correctionOf: String?

  public init(day: String, range: TimeRange, team: AllocationLine, meter: Meter) {
    self.day = day
    self.range = range
    self.team = team
    self.meter = meter
  }
}
