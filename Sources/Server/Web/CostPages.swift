import Domain
import Exports
import Hummingbird
import Pages
import Store

/// Cost by any two dimensions, as a page and as a file of what the page shows.
struct CostPages {
  let backend: Backend

  func costs(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try PageParts(request, context, backend)
    var answer: CostsPage.Answer
    do {
      answer = .table(try await CostQuestion(parts).source())
    } catch let refusal as CostQueryRefusal {
      answer = .refused(refusal.message)
    }
    return .page(.ok, CostsPage(frame: parts.frame, bar: try await parts.bar(), answer: answer).render())
  }

  /// The same question, order and columns as the page at the same address.
  func file(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try PageParts(request, context, backend)
    let source = try await CostQuestion(parts).source()
    let pivot = PivotTable(
      source, address: parts.address, starts: CostsPage.starts(source.overTime, frame: parts.frame, address: parts.address))
    let day = parts.frame.moneyZone.civil(parts.frame.now).date
    return .download("costs-\(day).csv", "text/csv; charset=utf-8", PivotFile(pivot: pivot, address: parts.address, names: CostNames(backend.directory.current.declaredKeys)).text)
  }
}

/// What the costs page asks, as its address says.
struct CostQuestion {
  let parts: PageParts
  let by: [CostDimension]
  private let order: PivotOrder

  init(_ parts: PageParts) {
    self.parts = parts
    by = CostsPage.by(parts.address)
    order = PivotOrder(parts.address)
  }

  func source() async throws -> PivotSource {
    let interval = PageAddress.interval(for: parts.range)
    let first = Array(by.prefix(1)), top = self.top
    async let overTime = run(first, interval: interval, measures: overTimeMeasures, top: top)
    let rows = try await run(first, measures: measures, top: top, compares: true)
    var source = PivotSource(by: by, rows: rows, overTime: try await overTime)
    guard by.count > 1 else { return source }
    var filter = parts.address.filter
    filter[by[0]] = PivotSource.shown(rows, parts.address).map { $0.value ?? "" }
    if filter[by[0]]?.isEmpty == true { return source }
    let within = filter
    async let partsOverTime = run(by, interval: interval, filter: within, measures: overTimeMeasures)
    source.parts = try await run(by, filter: within, measures: measures, compares: true)
    source.partsOverTime = try await partsOverTime
    return source
  }

  /// One more than is shown in short, so that an "Other" of one is never needed; nil where the store's order is another.
  private var top: Int? { order.isUsual && topBy != nil ? PivotTable.limit(parts.address) + 1 : nil }

  private var topBy: CostMeasure? {
    let asked = parts.address.measure.measures
    return asked.count == 1 ? asked.first : nil
  }

  private var overTimeMeasures: Set<CostMeasure> { CostMeasure.basic.union(parts.address.measure.measures) }
  private var measures: Set<CostMeasure> {
    parts.address.columns.reduce(overTimeMeasures.union(CostMeasure.tokens)) { $0.union($1.measures) }
  }

  private func run(
    _ groupBy: [CostDimension], interval: CostInterval? = nil, filter: CostFilter? = nil, measures: Set<CostMeasure>, top: Int? = nil,
    compares: Bool = false
  ) async throws -> CostReport {
    let query = CostQuery(
      range: parts.range, timeZone: parts.visit.organisation.timeZone, interval: interval, groupBy: groupBy,
      filter: filter ?? parts.address.filter, measures: measures, top: top, topBy: topBy ?? .cost)
    return try await parts.backend.reports.run(
      query, comparing: compares && parts.address.compares ? .previous : nil, scope: parts.visit.scope, organisation: parts.visit.organisation)
  }
}

/// A pivot as CSV: the lines and columns of the page, numbers with every digit.
struct PivotFile {
  let pivot: PivotTable
  let address: PageAddress
  /// Dimensions are columns named as in the API.
  let names: CostNames

  var text: String {
    var writer = CSVWriter()
    writer.header(header)
    for line in pivot.lines { writer.row(cells(line)) }
    return writer.text
  }

  private var columns: [CostFigure] { address.columns.filter { $0 != address.measure } + [address.measure] }
  private var compares: Bool { pivot.total.previous != nil }

  private var header: [String] {
    ["line"] + pivot.by.map { CostCSV.column(names.name($0)) } + ["unpriced_calls"] + columns.map(\.column) + ["share"]
      + (compares ? ["previous_" + address.measure.column, "change"] : [])
  }

  private func cells(_ line: PivotTable.Line) -> [Cell] {
    var labels = line.values.map(\.label)
    if line.isOther { labels.append(line.label) }
    let own: [Cell] = pivot.by.indices.map { $0 < labels.count ? .text(labels[$0]) : .empty }
    return [.text(line.kind.rawValue)] + own + [.integer(line.measures.unpricedCalls)]
      + columns.map { Self.cell($0.value(line.measures)) } + [share(line)] + (compares ? [previous(line), change(line)] : [])
  }

  private static func cell(_ value: CostValue) -> Cell {
    switch value {
    case .money(let amount): .exact(amount)
    case .count(let count): .integer(count)
    case .ratio(let part, let whole): Decimals.ratio(part, whole, digits: 6).map(Cell.decimal) ?? .empty
    case .milliseconds(let time): .integer(orEmpty: time.map { Int64($0.rounded()) })
    }
  }

  private func share(_ line: PivotTable.Line) -> Cell {
    guard let part = address.measure.amount(line.measures), let whole = address.measure.amount(pivot.total.measures) else { return .empty }
    return Decimals.ratio(part.pico, whole.pico, digits: 6).map(Cell.decimal) ?? .empty
  }

  private func previous(_ line: PivotTable.Line) -> Cell {
    guard let before = line.previous else { return .empty }
    return address.measure.isMoney ? .exact(before) : .integer(Int64(clamping: before.pico / USD.scale))
  }

  private func change(_ line: PivotTable.Line) -> Cell {
    guard let before = line.previous else { return .empty }
    let now = address.measure.amount(line.measures) ?? .zero
    return Decimals.ratio(now.pico - before.pico, before.pico, digits: 6).map(Cell.decimal) ?? .empty
  }
}
