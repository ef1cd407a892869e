import Domain
import HTML

/// An amount of a report: whole cents, in which its columns add up, with every digit on hover. What is less than a cent is never
/// shown as nothing.
struct ReportMoney: HTMLConvertible {
  var rounded: USD
  var exact: USD

  init(rounded: USD, exact: USD) {
    self.rounded = rounded
    self.exact = exact
  }

  init(_ line: AllocationLine, _ amount: KeyPath<Amounts, USD>) {
    self.init(rounded: line.rounded[keyPath: amount], exact: line.exact[keyPath: amount])
  }

  static func + (a: Self, b: Self) -> ReportMoney { ReportMoney(rounded: a.rounded + b.rounded, exact: a.exact + b.exact) }
  static let zero = ReportMoney(rounded: .zero, exact: .zero)

  var isZero: Bool { rounded.pico == 0 && exact.pico == 0 }
  var text: String { MoneyText(rounded.pico == 0 ? exact : rounded).text }
  var html: HTML {
    let title = MoneyText(exact).exact
    return title == text ? "\(text)" : "<span title=\"\(title)\">\(text)</span>"
  }
}

/// What reports call things.
enum ReportWords {
  static func view(_ view: ReportView) -> String {
    switch view {
    case .usageMonth: "Usage month"
    case .bookedMonth: "Booked month"
    }
  }

  static func state(_ state: Statement.State) -> String {
    switch state {
    case .open: "open"
    case .closing: "waiting for late calls"
    case .ready: "ready to close"
    case .before: "before the books"
    case .closed: "closed"
    }
  }

  /// The raw value is what files print; people read the words beside it.
  static func method(_ method: AllocationMethod) -> String {
    switch method {
    case .proportionalCost: "by own cost"
    case .even: "evenly"
    case .fixedPercent: "by fixed percentages"
    }
  }

  /// "$120.00 of $480.00", "1 of 6 teams", "30 %".
  static func driver(_ origin: SharedOrigin) -> String {
    switch origin.method {
    case .proportionalCost where origin.isShareOnly: percent(origin.driver &* 100)
    case .proportionalCost:
      "\(MoneyText(USD(pico: origin.driver)).text) of \(MoneyText(USD(pico: origin.driverTotal)).text)"
    case .even: "\(origin.driver) of \(origin.driverTotal) teams"
    case .fixedPercent: percent(origin.driver)
    }
  }

  /// "27.85 %" of 27,850,000.
  private static func percent(_ millionths: Int128) -> String { USD(pico: millionths &* 1_000_000).decimal + "\u{A0}%" }

  static func dimension(_ dimension: CostDimension, _ declared: [DeclaredKey]) -> String {
    declared.first { $0.dimension == dimension }?.label ?? DimensionWords.name(dimension)
  }
}
