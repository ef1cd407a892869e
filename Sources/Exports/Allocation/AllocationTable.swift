import Domain

/// The columns of the cost allocation report: the one list that CSV, XLSX and JSON are made from, so that they agree.
public struct AllocationTable: Sendable {
  public struct Column: Sendable {
    /// How a spreadsheet shows it.
    public enum Form: Sendable {
      case text, count, money, ratio
      /// All digits; a text in spreadsheets.
      case exact
      /// All digits in CSV and JSON; a number in spreadsheets, to calculate with.
      case amount
    }
    /// In JSON: "effectiveCost".
    public var name: String
    /// In CSV: "effective_cost", of a declared dimension "metadata_KEY".
    public var snakeName: String
    /// In spreadsheets: "Effective cost".
    public var title: String
    public var form: Form
    public var cell: @Sendable (AllocationLine) -> Cell

    init(_ name: String, _ title: String, _ form: Form = .text, snake: String? = nil, _ cell: @escaping @Sendable (AllocationLine) -> Cell) {
      self.name = name
      self.snakeName = snake ?? SnakeCase.of(name)
      self.title = title
      self.form = form
      self.cell = cell
    }
  }

  /// What is the same for every line: period, filter, statement.
  public struct Fact: Sendable, Hashable {
    public var name: String
    public var title: String
    public var cell: Cell
    public var snakeName: String { SnakeCase.of(name) }
  }

  public let report: AllocationReport
  public let columns: [Column]
  public let facts: [Fact]

  public init(_ report: AllocationReport) {
    self.report = report
    columns =
      Self.owner + Self.dimensions(report.breakdown, report.declared) + Self.origin + Self.counts + Self.money
      + Self.comparisons(report)
    facts = Self.facts(report)
  }

  /// Lines in the order they are printed, the total last.
  public var lines: [AllocationLine] { report.lines + [report.total] }
  public func cells(_ line: AllocationLine) -> [Cell] { columns.map { $0.cell(line) } }
}

extension AllocationTable {
  private static let owner: [Column] = [
    Column("line", "Line") { .text($0.kind.rawValue) },
    Column("teamId", "Team id", .count) { .integer(orEmpty: $0.team.map { Int64($0.rawValue) }) },
    Column("team", "Team") { .text($0.name) },
    Column("costCentre", "Cost centre") { .text(orEmpty: $0.costCentre) },
    Column("glAccount", "GL account", snake: "gl_account") { .text(orEmpty: $0.glAccount) },
    Column("owner", "Owner") { .text(orEmpty: $0.owner) },
  ]

  private static func dimensions(_ breakdown: [CostDimension], _ declared: [DeclaredKey]) -> [Column] {
    var columns: [Column] = []
    for (place, dimension) in breakdown.enumerated() where dimension != .team {
      let label = declared.first { $0.dimension == dimension }?.label
      let name = name(dimension, declared)
      // Keys that differ in signs only.
      let snake = columns.contains { $0.snakeName == SnakeCase.name(name) } ? dimension.rawValue : SnakeCase.name(name)
      columns.append(
        Column(name, label ?? SnakeCase.title(name), snake: snake) {
          $0.values.indices.contains(place) ? .text(orEmpty: $0.values[place].value) : .empty
        })
    }
    return columns
  }

  /// As `GET /api/v1/costs` names it: "userGroup", "metadata.tenant".
  public static func name(_ dimension: CostDimension, _ declared: [DeclaredKey]) -> String {
    declared.first { $0.dimension == dimension }.map { "metadata." + $0.key } ?? dimension.rawValue
  }

  private static let origin: [Column] = [
    Column("correctionOf", "Correction of") { .text(orEmpty: $0.correctionOf) },
    Column("pool", "Pool") { .text(orEmpty: $0.shared?.poolName) },
    Column("allocationMethod", "Allocation method") { .text(orEmpty: $0.shared?.method.rawValue) },
    Column("allocationDriver", "Driver", .exact) { .driver($0.shared, \.driver) },
    Column("allocationDriverTotal", "Driver of all", .exact) { .driver($0.shared, \.driverTotal) },
  ]

  private static let counts: [Column] =
    [
      Column("calls", "Calls", .count) { .integer($0.calls) },
      Column("errors", "Errors", .count) { .integer($0.errors) },
      Column("unpricedCalls", "Unpriced calls", .count) { .integer($0.unpricedCalls) },
      Column("activeUsers", "Active users", .count) { .integer(orEmpty: $0.activeUsers) },
    ]
    + UsageBucket.allCases.map { bucket in
      Column(MeterWords.column(bucket), MeterWords.name(bucket), .count) { .integer($0.usage[bucket]) }
    }

  private static let money: [Column] =
    amount("listCost", "List cost") { $0.list } + amount("contractedCost", "Contracted cost") { $0.contracted }
    + amount("effectiveCost", "Effective cost") { $0.effective } + amount("avoidedCost", "Avoided cost (memo)") { $0.avoided }

  private static func amount(_ name: String, _ title: String, _ of: @escaping @Sendable (Amounts) -> USD) -> [Column] {
    [
      Column(name, title, .money) { .cents(of($0.rounded)) },
      Column(name + "Exact", title + ", exact", .exact) { .exact(of($0.exact)) },
    ]
  }

  private static func comparisons(_ report: AllocationReport) -> [Column] {
    let whole = report.total.exact.effective.pico, lines = report.lines
    @Sendable func calls(_ line: AllocationLine) -> [AllocationLine] { line.kind == .total ? lines : [line] }
    return [
      Column("previousEffectiveCost", "Period before", .amount) { .exact($0.previous) },
      Column("change", "Change", .amount) { line in .exact(line.previous.map { line.exact.effective - $0 }) },
      Column("changeShare", "Change, share", .ratio) { line in
        .ratio(line.previous.flatMap { Decimals.ratio(line.exact.effective.pico &- $0.pico, $0.pico, digits: 6) })
      },
      Column("shareOfTotal", "Share of total", .ratio) { .ratio(Decimals.ratio($0.exact.effective.pico, whole, digits: 6)) },
      Column("costPerCall", "Cost per call", .amount) { .exact(AllocationLine.costPerRequest(calls($0))) },
      Column("costPerActiveUser", "Cost per active user", .amount) {
        .exact(AllocationLine.costPerActiveUser(calls($0), users: $0.activeUsers))
      },
    ]
  }
}

extension Cell {
  static func ratio(_ text: String?) -> Cell { text.map(Cell.decimal) ?? .empty }
  /// Own cost in USD or its share of all, teams, or a percentage.
  static func driver(_ origin: SharedOrigin?, _ value: KeyPath<SharedOrigin, Int128>) -> Cell {
    guard let origin else { return .empty }
    let digits =
      switch origin.method {
      case .proportionalCost: origin.isShareOnly ? 6 : 12
      case .even: 0
      case .fixedPercent: 6
      }
    return .decimal(Decimals.text(origin[keyPath: value], digits: digits))
  }
}
