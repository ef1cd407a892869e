import Domain
import Hummingbird
import Pages
import Store

/// End users and their groups.
struct UserSpendPages {
  let backend: Backend

  func users(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try PageParts(request, context, backend)
    var answer: UsersPage.Answer
    do {
      let found = try await UserReport(pool: backend.pool).run(
        parts.range, filter: parts.address.filter, text: parts.address.text, scope: parts.visit.scope, organisation: parts.visit.organisation)
      answer = .users(groups: found.groups, total: found.total, users: found.users, found: found.found)
    } catch let refusal as CostQueryRefusal {
      answer = .refused(refusal.message)
    }
    var bar = try await parts.bar()
    bar.offersEnvironments = UserReport.dimensions.contains(.environment)
    return .page(.ok, UsersPage(frame: parts.frame, bar: bar, answer: answer).render())
  }
}
