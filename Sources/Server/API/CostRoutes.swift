import Domain
import Hummingbird
import Store
import Wire

/// `GET /api/v1/costs`: the same question and answer as the pages.
struct CostRoutes {
  let backend: Backend

  func costs(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try await backend.keys.grant(request, scope: .read)
    let query = try CostQuery(QueryParameters(request), organisation: grant.organisation)
    let report = try await backend.reports.run(query, scope: grant.scope, organisation: grant.organisation)
    return .json(.ok, CostJSON.report(report))
  }
}

extension CostQuery {
  /// - Throws: `Failure` 400 naming the parameter and what it accepts.
  init(_ parameters: QueryParameters, organisation: Organisation) throws {
    try parameters.allowOnly(["groupBy", "interval", "from", "to", "timeZone"])
    let zone = try parameters.zone("timeZone", standard: organisation.timeZone)
    let names = parameters.all("groupBy").flatMap { $0.split(separator: ",").map(String.init) }
    let dimensions = try names.map { name in
      guard let dimension = CostDimension(rawValue: name) else {
        let known = CostDimension.allCases.map(\.rawValue).joined(separator: ", ")
        throw Failure.badRequest("groupBy has \"\(name)\": expected none, one or two of \(known)")
      }
      return dimension
    }
    guard dimensions.count <= 2, Set(dimensions).count == dimensions.count else {
      throw Failure.badRequest("groupBy has \(names.count) names: expected none, one or two different ones")
    }
    self.init(
      range: try parameters.range(zone: zone, defaultDays: 30), timeZone: zone,
      interval: try parameters.choice("interval", CostInterval.self), groupBy: dimensions, filter: try parameters.checkedFilter())
  }
}

/// Cost reports as JSON: money as decimal text of full precision, unknown cost null.
enum CostJSON {
  static func report(_ report: CostReport) -> JSONValue {
    [
      "currency": "USD",
      "from": .string(ISOTime.text(report.query.range.from)),
      "to": .string(ISOTime.text(report.query.range.to)),
      "timeZone": .string(report.query.timeZone),
      "source": .string(report.source),
      "rows": .array(report.rows.map { row($0, report.query) }),
      "total": .object(JSONObject(measures(report.total))),
    ]
  }

  private static func row(_ row: CostRow, _ query: CostQuery) -> JSONValue {
    var members = zip(query.groupBy, row.values).map { dimension, value in
      JSONMember(key: dimension.rawValue, value: value.value.map(JSONValue.string) ?? .null)
    }
    if let start = row.start { members.append(JSONMember(key: "start", value: .string(ISOTime.text(start)))) }
    return .object(JSONObject(members + measures(row.measures)))
  }

  static func measures(_ measures: Measures) -> [JSONMember] {
    [
      JSONMember(key: "calls", value: .number(String(measures.calls))),
      JSONMember(key: "errors", value: .number(String(measures.errors))),
      JSONMember(key: "unpricedCalls", value: .number(String(measures.unpricedCalls))),
      JSONMember(key: "tokens", value: tokens(measures.usage)),
      JSONMember(key: "cost", value: money(measures.cost)),
    ]
  }

  /// The main token buckets always, others when they count something.
  static func tokens(_ usage: Usage) -> JSONValue {
    let always: Set<UsageBucket> = [.input, .cacheRead, .cacheWrite, .output, .reasoning]
    return .object(
      JSONObject(
        UsageBucket.allCases.filter { always.contains($0) || usage[$0] != 0 }.map { bucket in
          JSONMember(key: bucket.rawValue, value: .number(String(usage[bucket])))
        }))
  }

  static func money(_ amount: USD?) -> JSONValue { amount.map { .string($0.decimal) } ?? .null }
}
