import Domain
import HTML

/// An endpoint with what a request of it costs, and why.
public struct EndpointLine: Sendable {
  public var endpoint: String
  public var type: OperationType?
  public var measures: Measures
  /// Cost per request against the type's band; nil without a type or without a price.
  public var place: OperationType.Place?
  /// nil without a price or without tokens.
  public var makeUp: CostMakeUp?
  /// Against the period before.
  public var sinceBefore: CostDriver?
  /// Against the other endpoints of the type.
  public var amongPeers: CostDriver?

  /// How far outside its band, as a factor of 1 or more; 1 within.
  var distance: Double {
    guard let type, let cost = measures.costPerRequest, let place else { return 1 }
    switch place {
    case .within: return 1
    case .over: return Double(cost.pico) / Double(max(1, type.high.pico))
    case .under: return Double(type.low.pico) / Double(max(1, cost.pico))
    }
  }

  /// Those outside their band first, the dearest before the cheap ones; then by type known and by cost.
  private var rank: Int {
    switch place {
    case .over: 0
    case .under: 1
    case .within: 2
    case nil: type == nil ? 4 : 3
    }
  }

  /// Endpoints of two reports by endpoint and model, of this period and of the one before.
  public static func lines(
    _ now: CostReport, before: CostReport?, types: [OperationType], assignments: [String: String]
  ) -> [EndpointLine] {
    let here = byModel(now), earlier = before.map(byModel) ?? [:]
    let typeOf = Dictionary(types.map { ($0.name, $0) }) { first, _ in first }
    let ofType = Dictionary(grouping: here.keys.filter { assignments[$0] != nil }) { assignments[$0] ?? "" }
    let lines = here.map { endpoint, models in
      let type = assignments[endpoint].flatMap { typeOf[$0] }
      let sum = models.values.reduce(Measures(), +)
      let peers = type.map { type in merged((ofType[type.name] ?? []).filter { $0 != endpoint }.compactMap { here[$0] }) }
      return EndpointLine(
        endpoint: endpoint, type: type, measures: sum, place: type.flatMap { type in sum.costPerRequest.map(type.place) },
        makeUp: CostMakeUp(models),
        sinceBefore: earlier[endpoint].flatMap { CostDriver(models, against: $0) }, amongPeers: peers.flatMap { CostDriver(models, against: $0) })
    }
    return lines.sorted { a, b in
      if a.rank != b.rank { return a.rank < b.rank }
      if a.distance != b.distance { return a.distance > b.distance }
      return (a.measures.cost ?? .zero, b.endpoint) > (b.measures.cost ?? .zero, a.endpoint)
    }
  }

  /// Sums by model of each endpoint; calls without an endpoint are left out.
  private static func byModel(_ report: CostReport) -> [String: [String: Measures]] {
    var sums: [String: [String: Measures]] = [:]
    for row in report.rows {
      guard let endpoint = row.values.first?.value, row.values.count > 1 else { continue }
      sums[endpoint, default: [:]][row.values[1].value ?? "", default: Measures()] = row.measures
    }
    return sums
  }

  private static func merged(_ all: [[String: Measures]]) -> [String: Measures] {
    all.reduce(into: [:]) { sum, models in sum.merge(models) { $0 + $1 } }
  }
}

/// What drives an endpoint's cost, in words.
struct DriverWords: HTMLConvertible {
  let line: EndpointLine
  /// "the 30 days before".
  let before: String

  var html: HTML {
    let sentences = [isOutside ? line.makeUp?.sentence : nil, sentence(line.amongPeers, against: line.type.map { "the other \($0.name.lowercased()) endpoints" }), sinceBefore].compactMap { $0 }
    return sentences.isEmpty ? "<span class=\"note\">nothing to compare with</span>" : "\(sentences.joined(separator: "; "))"
  }

  private var isOutside: Bool { line.place == .over || line.place == .under }

  /// The one cause, for narrow pages; nil within the band.
  var cause: String? {
    guard isOutside, let driver = line.amongPeers ?? line.sinceBefore, let cause = driver.main else { return nil }
    return "mostly " + Self.words(cause, driver)
  }

  private var sinceBefore: String? {
    guard let driver = line.sinceBefore else { return nil }
    guard let cause = driver.main else { return "steady since \(before)" }
    return "\(Self.percent(driver.cost)) since \(before), mostly \(Self.words(cause, driver))"
  }

  private func sentence(_ driver: CostDriver?, against whom: String?) -> String? {
    guard let driver, let whom else { return nil }
    guard let cause = driver.main else { return "as \(whom)" }
    return "\(Self.times(driver.cost)) \(whom), mostly \(Self.words(cause, driver))"
  }

  private static func words(_ cause: CostDriver.Cause, _ driver: CostDriver) -> String {
    switch cause {
    case .tokens: "\(times(driver.tokens)) the tokens per request"
    case .mix: "\(driver.mix > 1 ? "dearer" : "cheaper") models (\(times(driver.mix)))"
    case .price: "the price of a token in the same models (\(times(driver.price)))"
    }
  }

  /// "2.1×".
  static func times(_ factor: Double) -> String { Digits.fixed(factor, places: factor < 0.095 ? 3 : factor < 1.495 ? 2 : factor < 9.95 ? 1 : 0) + "×" }
  private static func percent(_ factor: Double) -> String { ChangeText(from: 1, to: factor).text }
}
