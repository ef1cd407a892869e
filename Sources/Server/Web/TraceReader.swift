import Domain
import Ingest
import Postgres
import Store

/// The trace questions that pages and the API share.
struct TraceReader: Sendable {
  private let lists: TraceList
  private let details: TraceDetailQuery
  private let observations: ObservationQuery
  private let searches: TraceSearch

  init(pool: ConnectionPool) {
    lists = TraceList(pool: pool)
    details = TraceDetailQuery(pool: pool)
    observations = ObservationQuery(pool: pool)
    searches = TraceSearch(pool: pool)
  }

  /// - Throws: `Failure` 400 for a cursor of another list.
  func list(_ query: TraceQuery, scope: AccessScope) async throws -> TracePage {
    do {
      return try await lists.run(query, scope: scope)
    } catch let error as InvalidCursor {
      throw Failure.badRequest(error.message)
    }
  }

  /// - Throws: `Failure` 400 for a text that can't be searched for, or a cursor of another search.
  func search(_ query: TraceQuery, scope: AccessScope) async throws -> TraceSearchPage {
    do {
      return try await searches.run(query, scope: scope)
    } catch let error as SearchTextRefusal {
      throw Failure.badRequest(error.message)
    } catch let error as InvalidCursor {
      throw Failure.badRequest(error.message)
    }
  }

  /// Whether anything was ever received.
  func hasAny(scope: AccessScope) async throws -> Bool {
    guard let ever = TimeRange(from: Timestamp(microseconds: 0), to: Timestamp.now.adding(seconds: 2 * 86_400)) else { return false }
    var query = TraceQuery(range: ever)
    query.limit = 1
    return try await !list(query, scope: scope).traces.isEmpty
  }

  /// In the project, or in the first project of the scope that holds such a trace.
  func detail(_ trace: String, project slug: String?, scope: AccessScope) async throws -> TraceDetail? {
    if let slug { return try await details.run(project: slug, trace: trace, scope: scope) }
    guard let project = try await find(trace, scope: scope) else { return nil }
    return try await details.run(project: project.id, trace: trace, scope: scope)
  }

  func find(_ trace: String, scope: AccessScope) async throws -> Project? {
    try await details.find(trace: trace, scope: scope).first
  }

  /// One observation with the names around it and its bodies, content events folded in; nil when there is none in reach.
  func observation(
    _ id: String, trace: String, project slug: String?, scope: AccessScope
  ) async throws -> (detail: ObservationDetail, observation: Observation, bodies: Bodies)? {
    guard let found = try await found(id, trace: trace, project: slug, scope: scope) else { return nil }
    let detail = Self.assembled(found)
    return (detail, detail.observation, detail.bodies ?? Bodies())
  }

  private func found(
    _ id: String, trace: String, project slug: String?, scope: AccessScope
  ) async throws -> ObservationDetail? {
    if let slug { return try await observations.run(project: slug, trace: trace, id: id, scope: scope) }
    guard let project = try await find(trace, scope: scope) else { return nil }
    return try await observations.run(project: project.id, trace: trace, id: id, scope: scope)
  }

  /// Bodies of one observation of a trace that was read already; nil without the grant for content.
  func bodies(_ observation: Observation, trace: String, scope: AccessScope) async throws -> Bodies? {
    let found = try await observations.run(
      project: observation.facts.project, trace: trace, id: observation.displayID, scope: scope)
    return found.flatMap { Self.assembled($0).bodies }
  }

  func traceBodies(_ item: TraceItem, scope: AccessScope) async throws -> Bodies? {
    try await observations.traceBodies(project: item.project, trace: item.displayID, scope: scope)
  }

  private static func assembled(_ found: ObservationDetail) -> ObservationDetail {
    guard let bodies = found.bodies else { return found }
    let chat = ChatContent.assemble(
      input: bodies.input, output: bodies.output, attributes: bodies.attributes,
      responseID: found.observation.facts.responseID)
    var copy = found
    copy.bodies = Bodies(
      input: chat.input, output: chat.output, metadata: bodies.metadata, attributes: chat.attributes.map { [$0] } ?? [])
    copy.bodies?.sampled = bodies.sampled
    return copy
  }
}
