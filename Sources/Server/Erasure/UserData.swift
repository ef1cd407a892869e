import Domain
import Store
import Wire

/// What is kept of an end user, as lines of JSON.
struct UserData: Sendable {
  let backend: Backend
  let scope: AccessScope

  typealias Place = (project: ProjectID, trace: TraceID)

  func traces(of user: String, by actor: String) async throws -> [Place] {
    try await EndUserTraces(pool: backend.pool).list(user, scope: scope, by: actor)
  }

  /// A trace with its observations, bodies and scores, and a line end; nil when it has gone meanwhile.
  func line(_ place: Place) async throws -> String? {
    let details = TraceDetailQuery(pool: backend.pool), reader = ObservationQuery(pool: backend.pool)
    guard let detail = try await details.run(project: place.project, trace: place.trace.hex, scope: scope) else { return nil }
    let bodies = try await reader.bodies(of: detail.observations, scope: scope)
    let own = try await reader.traceBodies(project: place.project, trace: place.trace.hex, scope: scope)
    let names = ObservationNames(detail)
    let observations = detail.observations.map { o in
      JSONValue.object(JSONObject(TraceJSON.observation(o, names) + ContentJSON.members(bodies[o.facts.id] ?? Bodies())))
    }
    guard case .object(var object) = TraceJSON.detail(detail) else { return nil }
    if let i = object.members.firstIndex(where: { $0.key == "observations" }) { object.members[i].value = .array(observations) }
    object.members += ContentJSON.members(own ?? Bodies())
    return JSON.serialise(.object(object)) + "\n"
  }
}
