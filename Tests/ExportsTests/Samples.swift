import Domain
import Exports

/// A month of two teams, with everything that can be hostile in a file.
enum Samples {
  static let october = TimeRange(
    spanning: Timestamp(seconds: 1_790_805_600), Timestamp(seconds: 1_793_487_600))  // Europe/Berlin: the month has 745 hours.
  static let period = ReportPeriod(
    month: "2026-10", firstDay: "2026-10-01", endDay: "2026-11-01", range: october, timeZone: "Europe/Berlin")
  static let generated = Timestamp(seconds: 1_793_620_800)

  static func usd(_ text: String) -> USD { USD(decimal: text) ?? .zero }

  static func line(_ kind: AllocationLine.Kind, _ team: Int32?, _ name: String, _ exact: String, _ rounded: String) -> AllocationLine {
    var line = AllocationLine(kind: kind, team: team.map { TeamID($0) }, name: name)
    line.calls = 7
    line.errors = 1
    line.unpricedCalls = 2
    line.usage = Usage([.input: 1_000_000, .output: 20_000, .cacheWrite1h: 3, .milliseconds: 1_500])
    line.exact = Amounts(list: usd(exact), contracted: usd(exact), effective: usd(exact), avoided: usd("0.000000000001"))
    line.rounded = Amounts(list: usd(rounded), contracted: usd(rounded), effective: usd(rounded))
    return line
  }

  static var report: AllocationReport {
    var search = line(.team, 1, "=Search \"R&D\", EU", "1234567.123456789012", "1234567.12")
    search.costCentre = "CC-1"
    search.glAccount = "-4711"
    search.owner = "ada@example.org"
    search.activeUsers = 3
    search.previous = usd("1000000")
    var shared = line(.shared, 1, "=Search \"R&D\", EU", "66.666666666667", "66.67")
    shared.calls = 0
    shared.shared = SharedOrigin(
      pool: PoolID(4), poolName: "GPU; node", method: .proportionalCost, driver: 1_234_567_123_456_789_012, driverTotal: 1_234_567_623_456_789_012)
    var correction = line(.adjustment, 2, "Support", "-0.005", "0.00")
    correction.correctionOf = "2026-09"
    let total = line(.total, nil, "Total", "1234634.285123455679", "1234634.29")
    var report = AllocationReport(
      organisation: "Example, Inc.", period: period, view: .bookedMonth,
      lines: [line(.unallocated, nil, "Unallocated", "0.5", "0.50"), search, shared, correction], total: total,
      priceSet: "catalogue 12, own prices 3", generatedAt: generated)
    report.filter = [.environment: ["prod", ""], .extra1: ["gold"]]
    report.declared = [DeclaredKey(key: "tier", place: 1, label: "Customer tier", declaredAt: generated)]
    var statement = Statement(period: period, state: .closed, closableFrom: generated)
    statement.id = StatementID(9)
    statement.sha256 = String(repeating: "ab", count: 32)
    statement.closedAt = generated
    report.statement = statement
    return report
  }

  static var broken: AllocationReport {
    var report = self.report
    report.breakdown = [.model, .extra1]
    report.lines[1].values = [DimensionValue(value: "gpt-4o", label: "gpt-4o"), DimensionValue(value: "+gold", label: "+gold")]
    return report
  }

  static var source: FocusSource {
    FocusSource(
      organisation: OrganisationID(1), organisationName: "Example, Inc.", view: .bookedMonth, filter: report.filter,
      declared: report.declared, priceSet: report.priceSet, timeZone: "Europe/Berlin", statement: report.statement,
      generatedAt: generated, billingPeriod: { _ in october })
  }

  static let day = TimeRange(spanning: Timestamp(seconds: 1_790_805_600), Timestamp(seconds: 1_790_892_000))

  static func charge(_ meter: Charge.Meter, _ quantity: Int64 = 0, list: Int64? = nil, contracted: Int64? = nil) -> Charge {
    var charge = Charge(day: "2026-10-01", range: day, team: line(.team, 1, "Search", "1", "1"), meter: meter)
    charge.provider = "openai"
    charge.model = "gpt-4o-mini"
    charge.endpoint = "/summarise"
    charge.extras = ["gold", "", "", ""]
    charge.quantity = quantity
    charge.listUnitPico = list
    charge.contractedUnitPico = contracted
    let listCost = Int128(list ?? contracted ?? 0) * Int128(quantity), contractedCost = Int128(contracted ?? 0) * Int128(quantity)
    charge.amounts = Amounts(list: USD(pico: listCost), contracted: USD(pico: contractedCost), effective: USD(pico: contractedCost))
    return charge
  }

  static func stated(_ amount: String) -> Charge {
    var stated = charge(.stated)
    stated.amounts = Amounts(list: usd(amount), contracted: usd(amount), effective: usd("0.5"))
    return stated
  }

  static var charges: [Charge] {
    var shared = charge(.shared(SharedOrigin(pool: PoolID(4), poolName: "GPU node", method: .even, driver: 1, driverTotal: 3)))
    (shared.provider, shared.model, shared.endpoint) = (nil, nil, nil)
    shared.amounts = Amounts(list: usd("33.33"), contracted: usd("33.33"), effective: usd("33.33"))
    var rounding = charge(.rounding)
    (rounding.provider, rounding.model) = (nil, nil)
    rounding.amounts.effective = usd("-0.0025")
    var correction = charge(.usage(.output), -5, list: 600_000, contracted: 600_000)
    correction.correctionOf = "2026-09"
    var unowned = charge(.usage(.searches), 2, list: 10_000_000_000, contracted: 10_000_000_000)
    unowned.team = line(.unallocated, nil, "Unallocated", "1", "1")
    var odd = charge(.usage(.input), 3, list: 7, contracted: 7)
    odd.amounts.list = usd("1")
    return [
      charge(.usage(.input), 1_234_567, list: 150_000, contracted: 127_500), charge(.usage(.output), 1, list: 600_000, contracted: 1),
      charge(.usage(.milliseconds), 1_501, list: 333_333, contracted: 333_333), charge(.usage(.input), 10), unowned, odd,
      stated("0.25"), stated("-0.25"), shared, rounding, correction,
    ]
  }
}
