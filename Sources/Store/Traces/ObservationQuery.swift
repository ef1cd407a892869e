import Domain
import Postgres

/// One observation, with its bodies for those who may read them.
public struct ObservationDetail: Sendable {
  public var observation: Observation
  /// nil without the grant for content.
  public var bodies: Bodies?
}

/// Single observations and bodies.
public struct ObservationQuery: Sendable {
  let pool: ConnectionPool

  public init(pool: ConnectionPool) { self.pool = pool }

  /// nil when it doesn't exist, has not arrived, or its project is out of reach. Ids are the sender's or their hex
  /// digits. A body that retention has dropped is missing.
  public func run(project: ProjectID, trace: String, id: String, scope: AccessScope) async throws -> ObservationDetail?
  {
    try await pool.transaction(TransactionOptions(isolation: .repeatableRead, readOnly: true)) { c in
      guard let place = try TracePlace.find("p.id = \(project)", trace, scope, c) else { return nil }
      let found = try place.observations(where: "o.id = \(ObservationID.named(id).id)", c, limit: 1)
      guard let observation = found.first else { return nil }
      guard scope.readsContent else { return ObservationDetail(observation: observation.withoutContent, bodies: nil) }
      let bodies = try c.bodies(of: observation.facts.parts, project: place.project, trace: place.trace)
      return ObservationDetail(observation: observation, bodies: bodies)
    }
  }

  /// The trace's own bodies; nil when it doesn't exist, is out of reach, or without the grant for content.
  public func traceBodies(project: ProjectID, trace: String, scope: AccessScope) async throws -> Bodies? {
    guard scope.readsContent else { return nil }
    return try await pool.transaction(TransactionOptions(isolation: .repeatableRead, readOnly: true)) { c in
      guard let place = try TracePlace.find("p.id = \(project)", trace, scope, c) else { return nil }
      return try c.bodies(of: place.parts, project: place.project, trace: place.trace)
    }
  }

  /// Bodies of several observations of one trace, by id, for exports and the read-back API; empty without the grant for
  /// content.
  public func bodies(of observations: [Observation], scope: AccessScope) async throws -> [ObservationID: Bodies] {
    guard scope.readsContent, let trace = observations.first?.facts.trace,
      let project = observations.first?.facts.project,
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

extension Observation {
  /// Status messages are written by providers, who quote prompts in them; parts tell how long the bodies are.
  var withoutContent: Observation {
    var copy = self
    copy.facts.statusMessage = nil
    copy.facts.parts = []
    return copy
  }
}

extension TraceDetail {
  var withoutContent: TraceDetail {
    TraceDetail(
      item: item, observations: observations.map(\.withoutContent), scores: scores.map(\.withoutContent), teams: teams,
      hasInput: hasInput, hasOutput: hasOutput)
  }
}
