import Domain
import HTTPTypes
import Hummingbird
import Pages
import Store

/// Runs that attribute booked calls again, and the dry run before each.
struct ReattributionPages {
  let backend: Backend

  func list(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    let jobs = try await backend.reattributions.list(scope: parts.scope)
    return .page(.ok, ReattributionListPage(work: parts.frame(), jobs: jobs.map(ReattributionView.init)).render())
  }

  func job(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    let id: ReattributionID = try context.id("run", of: "re-attribution")
    guard let job = try await backend.reattributions.find(id, scope: parts.scope) else {
      throw Failure.notFound("no re-attribution of this number")
    }
    var response = Response.page(.ok, ReattributionJobPage(work: parts.frame(), job: ReattributionView(job)).render())
    // Shows progress without a script.
    if !job.isFinished, let refresh = HTTPField.Name("Refresh") { response.headers[refresh] = "2" }
    return response
  }

  func stop(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, _) = try await WorkParts.changing(request, context, backend)
    let id: ReattributionID = try context.id("run", of: "re-attribution")
    _ = try await backend.reattributions.stop(id, scope: parts.scope, by: parts.actor)
    return .seeOther(Route.reattribution(id))
  }

  /// The form, and with "dry" what it would change. Looking writes nothing.
  func new(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    let parameters = QueryParameters(request)
    let start = parts.clock.civil(parts.clock.startOfMonth(parts.now)).date
    let choice = ReattributionChoice(from: parameters.text("from") ?? start, to: parameters.typed("to"), reason: parameters.typed("reason"))
    guard parameters.text("dry") == "1" else { return .page(.ok, NewReattributionPage(work: parts.frame(), choice: choice).render()) }
    do {
      let wanted = try wanted(choice, parts)
      let run = try await backend.dryRun(wanted, scope: parts.scope)
      // What was looked at is what is applied, also when "now" has moved on.
      let looked = ReattributionChoice(from: ISOTime.text(wanted.range.from), to: ISOTime.text(wanted.range.to), reason: choice.reason)
      let page = NewReattributionPage(work: parts.frame(), choice: looked, dryRun: ReattributionDryRunView(run))
      return .page(.ok, page.render())
    } catch {
      return .page(.badRequest, NewReattributionPage(work: parts.frame(try PriceParts.sentence(error)), choice: choice).render())
    }
  }

  func apply(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    let choice = ReattributionChoice(from: form.typed("from"), to: form.typed("to"), reason: form.typed("reason"))
    do {
      let job = try await backend.reattributions.begin(try wanted(choice, parts), scope: parts.scope, by: parts.actor)
      return .seeOther(Route.reattribution(job.id))
    } catch {
      let work = parts.frame(try PriceParts.sentence(error), at: Route.newReattribution)
      return .page(.badRequest, NewReattributionPage(work: work, choice: choice).render())
    }
  }

  private func wanted(_ choice: ReattributionChoice, _ parts: WorkParts) throws -> ReattributionRequest {
    try ReattributionRequest(from: choice.from, to: choice.to, reason: choice.reason, zone: parts.zone, now: parts.now)
  }
}

extension ReattributionView {
  init(_ job: Reattribution) {
    self.init(
      id: job.id, range: job.range, reason: job.reason, createdAt: job.createdAt, createdBy: job.createdBy, doneBefore: job.doneBefore,
      rowsDone: job.calls, rowsChanged: job.changed, costMoved: job.moved, finishedAt: job.finishedAt, failure: job.failure)
  }
}

extension ReattributionDryRunView {
  init(_ run: ReattributionDryRun) {
    self.init(
      calls: run.total.calls, changed: run.changed, moved: run.moved.calls, movedCost: run.moved.cost,
      teams: run.teams.map { team in
        TeamMovementView(
          name: team.team?.name ?? "Unallocated", callsBefore: team.before.calls, callsAfter: team.after.calls, before: team.before.cost,
          after: team.after.cost)
      }, changes: run.examples.map(Change.init),
      closedMonths: run.closedMonths.map { ClosedMonth(month: $0.month, calls: $0.calls, cost: $0.cost) },
      onlyFrom: run.isComplete ? nil : run.covered.from)
  }
}

extension ReattributionDryRunView.Change {
  init(_ call: ReattributedCall) {
    self.init(
      startedAt: call.startedAt, name: call.model ?? "No model",
      address: Route.trace(project: call.projectSlug, trace: call.trace.hex) + "?observation=\(call.observation.hex)",
      before: call.before.words(unlike: call.after), after: call.after.words(unlike: call.before), cost: call.cost)
  }
}

extension ReattributedCall.Place {
  /// What differs: "Search, endpoint /chat".
  func words(unlike other: Self) -> String {
    var words: [String] = []
    if team != other.team { words.append(team ?? "Unallocated") }
    if endpoint != other.endpoint { words.append(endpoint ?? "no endpoint") }
    if userGroup != other.userGroup { words.append(userGroup.map { "group \($0)" } ?? "no group") }
    // Another dimension, which the run has no name for.
    return words.isEmpty ? team ?? "Unallocated" : words.joined(separator: ", ")
  }
}
