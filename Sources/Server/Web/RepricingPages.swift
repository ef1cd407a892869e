import Domain
import HTTPTypes
import Hummingbird
import Pages
import Pricing
import Store

/// Jobs that decide booked calls again, and the dry run before each.
struct RepricingPages {
  let backend: Backend

  func list(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try PriceParts(request, context, backend)
    let jobs = try await backend.repricings.list(scope: parts.visit.scope)
    return .page(.ok, RepricingListPage(prices: parts.frame(), jobs: jobs.map(RepricingView.init)).render())
  }

  func job(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try PriceParts(request, context, backend)
    let job = try await backend.repricings.find(try context.repricing(), scope: parts.visit.scope)
    guard let job else { throw Failure.notFound("no re-pricing of this number") }
    var response = Response.page(.ok, RepricingJobPage(prices: parts.frame(), job: RepricingView(job)).render())
    // Shows progress without a script.
    if !job.isFinished, let refresh = HTTPField.Name("Refresh") { response.headers[refresh] = "2" }
    return response
  }

  /// The form, and with "dry" what it would change. Looking writes nothing.
  func new(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try PriceParts(request, context, backend)
    let parameters = QueryParameters(request)
    let choice = RepricingChoice(parameters, from: parameters.text("from") ?? monthStart(parts))
    guard parameters.text("dry") == "1" else { return .page(.ok, try await page(parts, choice).render()) }
    do {
      let wanted = try RepricingRequest(choice, zone: parts.zone, now: parts.now)
      let run = try await backend.dryRun(wanted, scope: parts.visit.scope)
      // What was looked at is what is applied, also when "now" has moved on.
      var looked = choice
      looked.from = ISOTime.text(wanted.range.from)
      looked.to = ISOTime.text(wanted.range.to)
      return .page(.ok, try await page(parts, looked, run: RepricingDryRunView(run)).render())
    } catch {
      return .page(.badRequest, try await page(parts, choice, problem: try PriceParts.sentence(error)).render())
    }
  }

  func apply(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await PriceParts.changing(request, context, backend)
    let choice = RepricingChoice(form, from: form.text("from") ?? "")
    do {
      let wanted = try RepricingRequest(choice, zone: parts.zone, now: parts.now)
      let job = try await backend.withPrices { book in
        try await backend.repricings.begin(wanted, pricer: book.pricer, scope: parts.visit.scope, by: parts.actor)
      }
      return .seeOther(Route.repricing(job.id))
    } catch {
      return .page(.badRequest, try await page(parts, choice, problem: try PriceParts.sentence(error)).render())
    }
  }

  private func page(
    _ parts: PriceParts, _ choice: RepricingChoice, problem: String? = nil, run: RepricingDryRunView? = nil
  ) async throws -> NewRepricingPage {
    let models = try await parts.parts.costs([.model], filter: [:]).rows.compactMap { $0.values.first?.value }
    return NewRepricingPage(prices: parts.frame(problem), choice: choice, models: models, dryRun: run)
  }

  private func monthStart(_ parts: PriceParts) -> String {
    let date = parts.parts.frame.moneyZone.civil(parts.now).date
    return "\(date.description.dropLast(2))01"
  }
}

extension Context {
  /// - Throws: `Failure` 404 for what is no number of a run.
  func repricing() throws -> RepricingID {
    guard let id = Int32(try decoded("repricing")), id > 0 else { throw Failure.notFound("no re-pricing of this number") }
    return RepricingID(id)
  }
}

extension RepricingChoice {
  /// Models may stand in one field with blanks between, or in several.
  init(_ parameters: QueryParameters, from: String) {
    self.init(
      from: from, to: parameters.text("to") ?? "",
      models: parameters.all("model").flatMap { $0.split(whereSeparator: { $0 == " " || $0 == "," }).map(String.init) },
      reason: parameters.text("reason") ?? "")
  }
}

extension RepricingRequest {
  /// Days begin in the zone; without an end it is now.
  /// - Throws: `Failure` 400 naming the field and what it accepts.
  init(_ choice: RepricingChoice, zone: String, now: Timestamp) throws {
    func time(_ name: String, _ text: String) throws -> Timestamp {
      guard let time = ISOTime.parse(text, zone: zone) else {
        throw Failure.badRequest("\(name) is \"\(text)\": expected a date such as 2026-11-01, or an ISO 8601 time")
      }
      return time
    }
    let from = try time("from", choice.from)
    // Calls may start a little ahead of this clock.
    let to = choice.to.isEmpty ? now.adding(seconds: 86_400) : try time("to", choice.to)
    guard let range = TimeRange(from: from, to: to), from < to else { throw Failure.badRequest("from is not before to") }
    self.init(range: range, models: choice.models, reason: choice.reason)
  }
}

extension RepricingView {
  init(_ job: Repricing) {
    self.init(
      id: job.id, range: job.range, models: job.models, reason: job.reason, createdAt: job.createdAt, createdBy: job.createdBy,
      doneBefore: job.doneBefore, rowsChanged: job.rowsChanged, before: job.before, after: job.after, finishedAt: job.finishedAt,
      failure: job.failure)
  }
}

extension RepricingDryRunView {
  init(_ run: RepricingDryRun) {
    func sum(_ label: String, _ sum: RepricingSum) -> RepricingSumView {
      RepricingSumView(
        label: label, calls: sum.calls, changed: sum.changed, before: sum.before, after: sum.after,
        unpricedBefore: sum.unpricedBefore, unpricedAfter: sum.unpricedAfter)
    }
    self.init(
      total: sum("Total", run.total), teams: run.teams.map { sum($0.team?.name ?? "Unallocated", $0.sum) },
      models: run.models.map { sum($0.model ?? "No model", $0.sum) },
      changes: run.changes.map { call in
        RepricingChange(
          startedAt: call.startedAt, model: call.model ?? "No model",
          address: Route.trace(project: call.projectSlug, trace: call.trace.hex) + "?observation=\(call.observation.hex)",
          before: call.before, after: call.after, reason: call.reason)
      })
  }
}
