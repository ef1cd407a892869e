import Domain
import Hummingbird
import Pages
import Pricing
import Store
import Wire

/// `/api/v1/repricings`: what today's prices would change, and the jobs that change it. For keys that may administer: the sums are the
/// whole organisation's.
struct RepricingRoutes {
  let backend: Backend

  func list(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let jobs = try await backend.repricings.list(scope: grant.adminScope)
    return .json(.ok, ["repricings": .array(jobs.map(PriceJSON.job))])
  }

  func one(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    guard let job = try await backend.repricings.find(try context.repricing(), scope: grant.adminScope) else {
      throw Failure.notFound("no re-pricing of this number")
    }
    return .json(.ok, PriceJSON.job(job))
  }

  /// Without `"dryRun": false` nothing is written.
  func begin(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    guard let object = try await request.json(upTo: 1 << 20).objectValue else { throw Failure.badRequest("expected a JSON object") }
    let (wanted, isDryRun) = try Self.wanted(object, zone: grant.organisation.timeZone)
    if isDryRun {
      let run = try await backend.dryRun(wanted, scope: grant.adminScope)
      return .json(.ok, PriceJSON.dryRun(run, wanted))
    }
    let job = try await backend.withPrices { book in
      try await backend.repricings.begin(wanted, pricer: book.pricer, scope: grant.adminScope, by: grant.actor)
    }
    return .json(.accepted, PriceJSON.job(job))
  }

  func stop(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    guard try await backend.repricings.stop(try context.repricing(), scope: grant.adminScope, by: grant.actor) else {
      throw Failure.notFound("no re-pricing of this number is running")
    }
    return Response(status: .noContent)
  }

  private static func wanted(_ object: JSONObject, zone: String) throws -> (RepricingRequest, Bool) {
    let known = ["from", "to", "models", "reason", "dryRun"]
    if let unknown = object.members.first(where: { !known.contains($0.key) })?.key {
      throw Failure.badRequest("\(unknown) is no field here: expected \(known.joined(separator: ", "))")
    }
    func text(_ name: String) throws -> String {
      guard let value = object[name], !value.isNull else { return "" }
      guard let text = value.stringValue else { throw Failure.badRequest("\(name) is expected to be a text") }
      return text
    }
    let models = try (object["models"] ?? []).arrayValue?.map { value in
      guard let text = value.stringValue else { throw Failure.badRequest("models is expected to be a list of texts") }
      return text
    }
    guard let models else { throw Failure.badRequest("models is expected to be a list of texts") }
    if let flag = object["dryRun"], flag.boolValue == nil { throw Failure.badRequest("dryRun is expected to be true or false") }
    let choice = RepricingChoice(from: try text("from"), to: try text("to"), models: models, reason: try text("reason"))
    return (try RepricingRequest(choice, zone: zone, now: Timestamp.now), object["dryRun"]?.boolValue ?? true)
  }
}
