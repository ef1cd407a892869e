import Domain
import Foundation
import Ingest
import Store
import Wire

/// Loads the demo's two months: teams, groups and keys first, then every day's requests through the same pipeline as real traffic.
/// The first run stores their end in the organisation, so that a repetition sends the same bytes and changes no total.
struct DemoLoader {
  let backend: Backend
  private var accounts: AccountStore { backend.accounts }

  func load() async throws {
    let scope = try await Commands.everything(accounts)
    let anchor = try await accounts.demoAnchor(organisation: scope.organisation, orSet: Timestamp.now)
    try await DemoStructure(backend: backend, scope: scope).make()
    let senders = try await senders(scope)
    try await backend.directory.refresh()
    try await backend.prices.refresh()
    let traffic = DemoTraffic(anchor: anchor)
    let started = Date()
    guard let organisation = try await accounts.organisation(scope.organisation) else { return }
    let books = DemoBooks(backend: backend, scope: scope, organisation: organisation, start: traffic.dayStart(0))
    var spans = 0
    var late: [(requests: [[OTLPResourceSpans]], sender: IngestContext)] = []
    for day in 0..<DemoPlan.days {
      for (index, sender) in senders.enumerated() {
        let requests = traffic.requests(team: DemoPlan.teams[index], teamIndex: index, day: day)
        // One team's last day of the first month comes after the month was closed.
        if DemoPlan.teams[index].name == "Growth", traffic.dayStart(day + 1) == books.firstMonthEnd {
          late.append((requests, sender))
        } else {
          spans += try await send(requests, sender)
        }
      }
      progress(day: day + 1, spans: spans, started)
    }
    while try await backend.fold.run() > 0 {}
    try await books.make()
    for (requests, sender) in late { spans += try await send(requests, sender) }
    while try await backend.fold.run() > 0 {}
    try await TableStatistics(pool: backend.pool).refresh()
    Terminal.say("")
  }

  /// A few requests under way at once, as from several processes.
  private func send(_ requests: [[OTLPResourceSpans]], _ context: IngestContext) async throws -> Int {
    try await withThrowingTaskGroup(of: Int.self) { group in
      for request in requests {
        let batch = OTLPNormaliser.batch(request, context)
        let pipeline = backend.pipeline
        group.addTask { try await pipeline.store(batch, context).accepted }
      }
      return try await group.reduce(0, +)
    }
  }

  private func progress(day: Int, spans: Int, _ started: Date) {
    let seconds = max(Date().timeIntervalSince(started), 0.001)
    let done = day * 30 / DemoPlan.days
    let bar = String(repeating: "█", count: done) + String(repeating: "·", count: 30 - done)
    Terminal.say("\rdemo data  \(bar)  day \(day) of \(DemoPlan.days), \(spans) spans, \(Int(Double(spans) / seconds))/s ", terminator: "")
  }

  /// One key per team, fixed to it, except the platform team's shared gateway: its key names no team, so its calls go to the user
  /// group's team or stay unallocated.
  private func senders(_ scope: AccessScope) async throws -> [IngestContext] {
    var contexts: [IngestContext] = []
    for plan in DemoPlan.teams {
      let team = try await team(plan.name, scope)
      let project = try await project(plan.project, team, scope)
      let name = "Demo \(plan.name)"
      let known = try await accounts.keys(project: project.id, scope: scope).first { $0.key.name == name }?.key
      let owner: KeyTeam = plan.name == "Platform" ? .none : .fixed(team.id)
      let key: APIKey
      if let known {
        key = known
      } else {
        key = try await accounts.createKey(NewKey(project: project.id, name: name, environment: nil, scopes: [.ingest], team: owner), scope: scope).key
      }
      var context = IngestContext(project: project.id, key: key.id, environment: nil, receivedAt: Timestamp.now)
      context.declaredKeys = [DemoPlan.customerKey]
      contexts.append(context)
    }
    return contexts
  }

  private func team(_ name: String, _ scope: AccessScope) async throws -> Team {
    if let known = try await accounts.teams(scope: scope).first(where: { $0.name == name }) { return known }
    return try await accounts.createTeam(name: name, scope: scope)
  }

  private func project(_ slug: String, _ team: Team, _ scope: AccessScope) async throws -> Project {
    if let known = try await accounts.project(slug: slug, scope: scope) { return known }
    return try await accounts.createProject(name: DemoPlan.projects[slug] ?? slug, slug: slug, team: team.id, scope: scope)
  }
}
