import Domain
import Hummingbird

/// What `GET /api/v1/costs` is asked: the query, the figures to print, and how.
struct CostRequest {
  enum Format: String, CaseIterable { case json, csv }
  enum Comparison: String, CaseIterable { case previous }

  var query: CostQuery
  var figures: [CostFigure]
  var comparison: CostComparison?
  var format: Format

  /// - Throws: `Failure` 400 naming the parameter and what it accepts.
  init(_ parameters: QueryParameters, organisation: Organisation, declared: [DeclaredKey]) throws {
    let names = CostNames(declared)
    let parameters = parameters.renamed { names.dimension($0)?.rawValue ?? $0 }
    try parameters.allowOnly(
      ["groupBy", "interval", "from", "to", "timeZone", "measures", "top", "topBy", "compare", "format"],
      dimensions: names.accepted)
    let zone = try parameters.zone("timeZone", standard: organisation.timeZone)
    figures = try Self.figures(parameters)
    comparison = try parameters.choice("compare", Comparison.self).map { _ in .previous }
    format = try parameters.choice("format", Format.self) ?? .json
    query = CostQuery(
      range: try parameters.range(zone: zone, defaultDays: 30), timeZone: zone,
      interval: try parameters.choice("interval", CostInterval.self),
      groupBy: try Self.dimensions(parameters, names), filter: try parameters.checkedFilter(),
      measures: figures.reduce(into: CostMeasure.basic) { $0.formUnion($1.measures) })
    query.top = try parameters.number("top", 1...1000)
    if query.top != nil, query.groupBy.isEmpty { throw Failure.badRequest("top keeps values of the first dimension: expected groupBy with it") }
    if let name = parameters.text("topBy") { query.topBy = try Self.topBy(name) }
  }

  private static func dimensions(_ parameters: QueryParameters, _ names: CostNames) throws -> [CostDimension] {
    let asked = parameters.all("groupBy").flatMap { $0.split(separator: ",").map(String.init) }
    let dimensions = try asked.map { name in
      guard let dimension = names.dimension(name) else {
        throw Failure.badRequest("groupBy has \"\(name)\": expected none, one or two of \(names.accepted.joined(separator: ", "))")
      }
      return dimension
    }
    guard dimensions.count <= 2, Set(dimensions).count == dimensions.count else {
      throw Failure.badRequest("groupBy has \(asked.count) names: expected none, one or two different ones")
    }
    return dimensions
  }

  /// Names with commas between them, in the order asked.
  private static func figures(_ parameters: QueryParameters) throws -> [CostFigure] {
    let asked = parameters.all("measures").flatMap { $0.split(separator: ",").map(String.init) }
    var figures: [CostFigure] = []
    for name in asked {
      guard let figure = CostFigure(rawValue: name) else {
        throw Failure.badRequest("measures has \"\(name)\": expected \(CostFigure.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      if !figures.contains(figure) { figures.append(figure) }
    }
    return figures.isEmpty ? CostFigure.standard : figures
  }

  private static func topBy(_ name: String) throws -> CostMeasure {
    let accepted: [(String, CostMeasure)] = [
      ("cost", .cost), ("calls", .calls), ("errors", .errors), ("unpricedCalls", .unpriced), ("listCost", .listCost),
      ("contractedCost", .contractedCost), ("avoidedCost", .avoidedCost),
    ]
    guard let found = accepted.first(where: { $0.0 == name }) else {
      throw Failure.badRequest("topBy is \"\(name)\": expected one of \(accepted.map(\.0).joined(separator: ", "))")
    }
    return found.1
  }
}

/// Names of dimensions in addresses, JSON and CSV: declared keys are `metadata.KEY`; `extra1` … are accepted too.
struct CostNames: Sendable {
  private let keys: [CostDimension: String]

  init(_ declared: [DeclaredKey]) {
    keys = declared.reduce(into: [:]) { keys, key in
      if let dimension = key.dimension { keys[dimension] = key.key }
    }
  }

  var accepted: [String] {
    CostDimension.allCases.filter { $0.place == nil || keys[$0] != nil }.map(name)
  }

  func name(_ dimension: CostDimension) -> String { keys[dimension].map { "metadata." + $0 } ?? dimension.rawValue }

  /// Dimensions by their names as metadata.
  var declared: [String: CostDimension] {
    keys.reduce(into: [:]) { names, key in names[name(key.key)] = key.key }
  }

  /// Pages ignore names that they don't know, but not those of filters: what is shown would be everything.
  /// - Throws: `Failure` 400 naming what is accepted.
  func checkDeclared(_ parameters: QueryParameters) throws {
    let asked = parameters.names + parameters.all("by").flatMap { $0.split(separator: ",").map(String.init) }
    guard let unknown = asked.first(where: { $0.hasPrefix("metadata.") && declared[$0] == nil }) else { return }
    let known = declared.keys.sorted().joined(separator: ", ")
    throw Failure.badRequest("\(unknown) is no declared dimension: expected \(known.isEmpty ? "none, because no key is one" : known)")
  }

  func dimension(_ name: String) -> CostDimension? {
    if let plain = CostDimension(rawValue: name) { return plain }
    guard name.hasPrefix("metadata.") else { return nil }
    return keys.first { "metadata." + $0.value == name }?.key
  }
}
