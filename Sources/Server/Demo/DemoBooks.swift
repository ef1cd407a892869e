import Domain
import Pages
import Store

/// The demo's shared costs, and its first month closed, so that what is sent afterwards shows as a correction.
struct DemoBooks {
  let backend: Backend
  let scope: AccessScope
  let organisation: Organisation
  /// The first instant of the demo.
  let start: Timestamp
  private static let actor = "demo"

  private var zone: ClockZone { ClockZone(organisation.timeZone) }
  /// The first instant after the demo's first month.
  var firstMonthEnd: Timestamp { zone.startOfMonth(start, addingMonths: 1) }
  private var firstMonth: String { String(zone.civil(start).date.description.prefix(7)) }

  func make() async throws {
    try await pools()
    try await close()
  }

  private func pools() async throws {
    let store = PoolStore(pool: backend.pool)
    guard try await store.list(scope: scope).isEmpty else { return }
    let node = CostPool(
      id: PoolID(0), name: "GPU node for intent-tagger-7b", amount: .hourly(USD(pico: 12 * USD.scale / 1000), hours: "720"),
      purchase: "reserved", method: .proportionalCost, monthFrom: firstMonth)
    let shares = ["Search": "40", "Growth": "30", "Support": "20", "Platform": "10"]
    let teams = try await backend.accounts.teams(scope: scope)
    let fee = CostPool(
      id: PoolID(0), name: "Evaluation platform", amount: .monthly(USD(pico: 6 * USD.scale)), purchase: nil, method: .fixedPercent,
      percentages: Dictionary(uniqueKeysWithValues: teams.compactMap { team in shares[team.name].map { (team.id, $0) } }),
      monthFrom: firstMonth)
    for pool in [node, fee] { _ = try await store.save(pool, scope: scope, by: Self.actor) }
  }

  private func close() async throws {
    let statements = Statements(pool: backend.pool)
    guard try await statements.find(firstMonth, scope: scope, organisation: organisation).state == .ready else { return }
    _ = try await statements.close(
      firstMonth, comment: "Agreed with the invoices of the providers.", by: Self.actor, scope: scope, organisation: organisation)
  }
}
