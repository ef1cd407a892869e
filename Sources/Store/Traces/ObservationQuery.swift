import Domain
import Postgres

/// One observation with what its page and its JSON name beside it.
public struct ObservationDetail: Sendable {
  public var observation: Observation
  /// nil without the grant for content.
  public var bodies: Bodies?
  /// The owner.
  public var team: Team?
  public var parent: ObservationName?
  /// The row that counts in its place.
  public var shadower: ObservationName?
  /// Rows that it counts for, by start.
  public var shadows: [ObservationName]
  /// Of this observation, oldest first.
  public var scores: [Score]
}

/// What other rows call an observation.
public struct ObservationName: Sendable, Hashable {
  public var id: ObservationID
  /// The sender's id when it is not 16 hex digits.
  public var externalID: String?
  public var kind: ObservationKind
  public var name: String?
}

/// Single observations and bodies.
public struct ObservationQuery: Sendable {
  let pool: ConnectionPool

  public init(pool: ConnectionPool) { self.pool = pool }

  /// nil when it doesn't exist, has not arrived, or its project is out of reach. Ids are the sender's or their hex
  /// digits. A body that retention has dropped is missing. *Cost:* its row, its bodies, and an index scan over the
  /// trace's rows for those that it counts for.
  public func run(project: ProjectID, trace: String, id: String, scope: AccessScope) async throws -> ObservationDetail?
  {
    try await run(where: "p.id = \(project)", trace, id, scope)
  }

  /// The same by the project's name in addresses.
  public func run(project slug: String, trace: String, id: String, scope: AccessScope) async throws
    -> ObservationDetail?
  {
    guard slug.isStorable else { return nil }
    return try await run(where: "p.slug = \(slug)", trace, id, scope)
  }

  private func run(where project: SQL, _ trace: String, _ id: String, _ scope: AccessScope) async throws
    -> ObservationDetail?
  {
    try await pool.transaction(TransactionOptions(isolation: .repeatableRead, readOnly: true)) { c in
      guard let place = try TracePlace.find(project, trace, scope, c),
        let found = try place.observations(where: "o.id = \(ObservationID.named(id).id)", c, limit: 1).first
      else { return nil }
      let names = try place.names(around: found, c)
      let readsContent = scope.readsContent(of: place.project)
      let told = try UserTelling.read(scope, c).told(found)
      let scores = try Score.ofTrace(place.project, place.trace, observation: found.facts.id, c)
      return ObservationDetail(
        observation: readsContent ? told : told.withoutContent,
        bodies: readsContent
          ? try c.bodies(of: found.facts.parts, project: place.project, trace: place.trace) : nil,
        team: try found.decision.team.flatMap { try c.first("\(Team.select) where id = \($0)", Team.init(row:)) },
        parent: names.first { $0.name.id == found.facts.parent }?.name,
        shadower: names.first { $0.name.id == found.decision.shadowedBy }?.name,
        shadows: names.filter { $0.shadowedBy == found.facts.id }.map(\.name),
        scores: readsContent ? scores : scores.map(\.withoutContent))
    }
  }

  /// The trace's own bodies; nil when it doesn't exist, is out of reach, or without the grant for content.
  public func traceBodies(project: ProjectID, trace: String, scope: AccessScope) async throws -> Bodies? {
    guard scope.readsContent(of: project) else { return nil }
    return try await pool.transaction(TransactionOptions(isolation: .repeatableRead, readOnly: true)) { c in
      guard let place = try TracePlace.find("p.id = \(project)", trace, scope, c) else { return nil }
      return try c.bodies(of: place.parts, project: place.project, trace: place.trace)
    }
  }

  /// Bodies of several observations of one trace, by id, for exports and the read-back API; empty without the grant for
  /// content.
  public func bodies(of observations: [Observation], scope: AccessScope) async throws -> [ObservationID: Bodies] {
    guard let trace = observations.first?.facts.trace, let project = observations.first?.facts.project,
      scope.readsContent(of: project),
      observations.allSatisfy({ $0.facts.trace == trace && $0.facts.project == project })
    else { return [:] }
    return try await pool.transaction(TransactionOptions(isolation: .repeatableRead, readOnly: true)) { c in
      guard let place = try TracePlace.find("p.id = \(project)", trace.hex, scope, c) else { return [:] }
      var result: [ObservationID: Bodies] = [:]
      for observation in observations where !observation.facts.parts.isEmpty {
        result[observation.facts.id] = try c.bodies(
          of: observation.facts.parts, project: place.project, trace: place.trace)
      }
      return result
    }
  }
}

extension TracePlace {
  /// Arrived rows that stand above or beside `observation` or that it counts for, by start, with what counts for them.
  fileprivate func names(around observation: Observation, _ c: Connection) throws
    -> [(name: ObservationName, shadowedBy: ObservationID?)]
  {
    let named = [observation.facts.parent, observation.decision.shadowedBy].compactMap { $0?.signed }
    let sql: SQL = """
      select o.id, o.external_id, o.kind, o.name, o.shadowed_by from observations o
      where o.project_id = \(project) and o.trace_id = \(trace) and \(bounds("o")) and o.is_arrived
        and (o.id = any(\(named)) or o.shadowed_by = \(observation.facts.id))
      order by o.started_at, o.id
      """
    return try c.query(sql.named("ObservationNames").uncached()) { row in
      let name = ObservationName(
        id: try row.observationID(0), externalID: try row.stringOrNil(1),
        kind: ObservationKind(code: try row.int16(2)) ?? .span, name: try row.stringOrNil(3))
      return (name, try row.observationIDOrNil(4))
    }
  }
}
