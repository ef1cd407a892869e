import Domain
import Hummingbird
import Store
import Wire

/// `/api/v1/reattributions`: what today's rules would change of booked calls, and the jobs that change it. For keys that may administer:
/// the sums are the whole organisation's.
struct ReattributionRoutes {
  let backend: Backend

  func list(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let jobs = try await backend.reattributions.list(scope: grant.adminScope)
    return .json(.ok, ["reattributions": .array(jobs.map(StructureJSON.job))])
  }

  func one(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let id = ReattributionID(try context.number("id", "re-attribution"))
    guard let job = try await backend.reattributions.find(id, scope: grant.adminScope) else {
      throw Failure.notFound("no re-attribution of this number")
    }
    return .json(.ok, StructureJSON.job(job))
  }

  func dryRun(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    return .json(.ok, StructureJSON.dryRun(try await backend.dryRun(try await wanted(request, grant), scope: grant.adminScope)))
  }

  func begin(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let wanted = try await wanted(request, grant)
    let job = try await backend.reattributions.begin(wanted, scope: grant.adminScope, by: grant.actor)
    return .json(.accepted, StructureJSON.job(job))
  }

  func stop(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let id = ReattributionID(try context.number("id", "re-attribution"))
    guard try await backend.reattributions.stop(id, scope: grant.adminScope, by: grant.actor) else {
      throw Failure.notFound("no re-attribution of this number is running")
    }
    return Response(status: .noContent)
  }

  private func wanted(_ request: Request, _ grant: KeyGrant) async throws -> ReattributionRequest {
    let zone = grant.organisation.timeZone
    let input = try StructureInput(try await request.json(upTo: 1 << 20), zone: zone, fields: ["from", "to", "reason"])
    return try ReattributionRequest(
      from: try input.required("from"), to: try input.text("to") ?? "", reason: try input.text("reason") ?? "", zone: zone,
      now: Timestamp.now)
  }
}
