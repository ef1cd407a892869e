import Domain

/// When a price holds. Dates are UTC days, as the providers' announcements are read.
public struct Validity: Sendable, Hashable {
  /// nil: since ever.
  public let from: Timestamp?
  /// nil: until further notice.
  public let to: Timestamp?
  /// Minutes of the UTC day, end excluded; an end before the start runs over midnight.
  public let daily: (start: Int, end: Int)?
  /// "2025-06-10"; nil as `from`.
  public let fromDay: String?

  public init(
    from: Timestamp? = nil, to: Timestamp? = nil, daily: (start: Int, end: Int)? = nil, fromDay: String? = nil
  ) {
    self.from = from
    self.to = to
    self.daily = daily
    self.fromDay = fromDay
  }

  public func contains(_ time: Timestamp) -> Bool {
    if let from, time < from { return false }
    if let to, time >= to { return false }
    guard let daily else { return true }
    let day: Int64 = 86_400_000_000
    let minute = Int(((time.microseconds % day) + day) % day / 60_000_000)
    return daily.start <= daily.end
      ? daily.start <= minute && minute < daily.end
      : daily.start <= minute || minute < daily.end
  }

  public static func == (a: Self, b: Self) -> Bool {
    a.from == b.from && a.to == b.to && a.daily?.start == b.daily?.start && a.daily?.end == b.daily?.end
  }
  public func hash(into hasher: inout Hasher) {
    hasher.combine(from)
    hasher.combine(to)
    hasher.combine(daily?.start)
    hasher.combine(daily?.end)
  }
}

/// The prices of a model in one stretch of time.
public struct PriceRow: Sendable, Hashable {
  public let validity: Validity
  public let prices: [UnitPrice]
  /// "provider/model@from", with "always" where no start is known; a row that holds at certain hours adds them. Every
  /// priced call stores it.
  public let label: String

  /// `model` is "provider/model".
  public init(validity: Validity, prices: [UnitPrice], of model: String) {
    self.validity = validity
    self.prices = prices
    let hours = validity.daily.map { " \(clock($0.start))-\(clock($0.end)) UTC" } ?? ""
    label = "\(model)@\(validity.fromDay ?? "always")\(hours)"
  }

  public func price(_ unit: PriceUnit) -> UnitPrice? { prices.first { $0.unit == unit } }
}

/// Prices that replace single ones of the row when the request has all these properties ("service_tier": "flex").
public struct PriceVariant: Sendable, Hashable {
  public let when: [String: String]
  public let validity: Validity
  public let prices: [UnitPrice]
}

/// A model as one provider sells it.
public struct CatalogueModel: Sendable, Hashable {
  public let provider: String
  public let id: String
  public let name: String
  public let match: MatchRule
  /// Where two hold at once, the later one in the list wins (a time of day is listed after the dates).
  public let rows: [PriceRow]
  public let variants: [PriceVariant]
  /// Listed as costing nothing.
  public let isFree: Bool
  /// The backbone has no such entry: every price of it is the overlay's.
  public let isOverlaid: Bool

  init(
    provider: String, id: String, name: String, match: MatchRule, rows: [PriceRow], variants: [PriceVariant],
    isFree: Bool, isOverlaid: Bool = false
  ) {
    self.provider = provider
    self.id = id
    self.name = name
    self.match = match
    self.rows = rows
    self.variants = variants
    self.isFree = isFree
    self.isOverlaid = isOverlaid
  }

  /// The row in force at `time`; before the first dated row, the first row. nil when none is listed.
  public func row(at time: Timestamp) -> PriceRow? {
    rows.last { $0.validity.contains(time) } ?? rows.first
  }
}

func clock(_ minutes: Int) -> String {
  let hour = minutes / 60
  let minute = minutes % 60
  return (hour < 10 ? "0" : "") + "\(hour):" + (minute < 10 ? "0" : "") + "\(minute)"
}
