import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Store
import Wire

/// `GET /api/v1/traces`, one trace, one observation.
struct TraceRoutes {
  let backend: Backend

  func list(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let parameters = QueryParameters(request)
    try parameters.allowOnly([
      "from", "to", "timeZone", "q", "session", "name", "errors", "unpriced", "doubt", "costAbove", "sort", "order", "limit", "cursor",
    ])
    let zone = try parameters.zone("timeZone", standard: grant.organisation.timeZone)
    let query = try TraceQuery(parameters, range: parameters.range(zone: zone, defaultDays: 30))
    if query.text != nil {
      guard query.sort == .time, !query.ascending else {
        throw Failure.badRequest("a search has one order, latest first: leave sort and order out beside q")
      }
      let page = try await backend.traces.search(query, scope: grant.scope)
      if page.searchedBodies, !page.found.isEmpty { try await PayloadReads(backend).note("search among traces", by: grant) }
      return .json(.ok, SearchJSON.page(page))
    }
    return .json(.ok, TraceJSON.page(try await backend.traces.list(query, scope: grant.scope)))
  }

  func trace(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let id = try context.decoded("trace")
    guard let detail = try await backend.traces.detail(id, project: nil, scope: grant.scope) else {
      throw Failure.notFound("no trace \(id) in this key's project")
    }
    if detail.tellsContent { try await PayloadReads(backend).note("trace \(id)", by: grant) }
    return .json(.ok, TraceJSON.detail(detail))
  }

  func observation(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let id = try context.decoded("observation")
    guard let trace = QueryParameters(request).text("trace") else {
      throw Failure.badRequest("the trace of the observation is missing: expected ?trace=<trace id>")
    }
    guard let found = try await backend.traces.observation(id, trace: trace, project: nil, scope: grant.scope) else {
      throw Failure.notFound("no observation \(id) in trace \(trace) of this key's project")
    }
    if found.bodies.isContent { try await PayloadReads(backend).note("trace \(trace) observation \(id)", by: grant) }
    let names = ObservationNames(found.detail)
    return .json(.ok, .object(JSONObject(TraceJSON.observation(found.observation, names) + ContentJSON.members(found.bodies))))
  }
}

private enum SortOrder: String, CaseIterable { case asc, desc }

extension TraceQuery {
  /// The names that the page and the API share.
  /// - Throws: `Failure` 400 naming the parameter and what it accepts.
  init(_ parameters: QueryParameters, range: TimeRange) throws {
    self.init(range: range)
    filter = try parameters.checkedFilter()
    session = parameters.text("session")
    text = parameters.text("q")
    name = parameters.text("name")
    errorsOnly = try parameters.flag("errors")
    unpricedOnly = try parameters.flag("unpriced")
    usageFlags = try parameters.doubts("doubt")
    if let text = parameters.text("costAbove") {
      guard let amount = USD(decimal: text) else {
        throw Failure.badRequest("costAbove is \"\(text)\": expected an amount in USD such as 0.05")
      }
      costAbove = amount
    }
    sort = try parameters.choice("sort", TraceSort.self) ?? .time
    ascending = try parameters.choice("order", SortOrder.self) == .asc
    limit = try parameters.number("limit", 1...500) ?? 50
    cursor = parameters.text("cursor")
  }
}

/// Bodies of an observation as JSON: what parses as JSON is embedded, other text is a string.
enum ContentJSON {
  static func members(_ bodies: Bodies) -> [JSONMember] {
    [
      TraceJSON.member("input", value(bodies.input)), TraceJSON.member("output", value(bodies.output)),
      TraceJSON.member("metadata", merged(bodies.metadata)), TraceJSON.member("attributes", merged(bodies.attributes)),
      TraceJSON.member("payloadNotKept", SamplingJSON.sampled(bodies.sampled)),
    ]
  }

  static func value(_ text: String?) -> JSONValue {
    guard let text else { return .null }
    return (try? JSON.parse(text)) ?? .string(text)
  }

  /// Objects merged key by key, later ones over earlier ones, deeply.
  static func merged(_ parts: [String]) -> JSONValue {
    let objects = parts.compactMap { try? JSON.parse($0) }
    guard let first = objects.first else { return .null }
    return objects.dropFirst().reduce(first, merge)
  }

  private static func merge(_ a: JSONValue, _ b: JSONValue) -> JSONValue {
    guard let old = a.objectValue, let new = b.objectValue else { return b.isNull ? a : b }
    var result = old
    for member in new.members {
      let value = old[member.key].map { merge($0, member.value) } ?? member.value
      if let place = result.members.lastIndex(where: { $0.key == member.key }) {
        result.members[place].value = value
      } else {
        result.members.append(JSONMember(key: member.key, value: value))
      }
    }
    return .object(result)
  }
}
