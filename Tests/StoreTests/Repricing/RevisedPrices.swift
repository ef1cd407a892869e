import Domain
import Postgres

@testable import Store

/// Prices that change: so many pico-USD a token, none for the model "strange" unless it is given one.
struct RevisedPrices: Sendable {
  var picoPerToken: Int64
  var revisions: DecisionRevisions
  var knowsStrange = false

  /// Settles, then prices what is not booked; owners by the user's name.
  var decide: Decide {
    { snapshot in
      let booked = Dictionary(
        snapshot.observations.map { ($0.facts.id, $0.decision) }, uniquingKeysWith: { first, _ in first })
      FixedPrices.decide(&snapshot)
      for i in snapshot.observations.indices {
        let before = booked[snapshot.observations[i].facts.id]
        price(&snapshot.observations[i])
        if let before, before.isBooked, snapshot.observations[i].decision.isBooked {
          snapshot.observations[i].decision.cost = before.cost
          snapshot.observations[i].decision.provider = before.provider
          snapshot.observations[i].decision.model = before.model
        }
      }
    }
  }

  var pricer: Pricer { Pricer(revisions: revisions) { price(&$0) } }

  func price(_ o: inout Observation) {
    o.decision.provider = o.facts.provider
    o.decision.model = o.sentModel == "strange" && knowsStrange ? "known" : o.sentModel
    o.decision.cost = outcome(o)
    o.decision.cost.revision = o.decision.cost.status == .none ? 0 : revisions.catalogue
    o.decision.cost.priceRevision = o.decision.cost.status == .none ? 0 : revisions.agreements
  }

  private func outcome(_ o: Observation) -> CostOutcome {
    let tokens = o.facts.usage?.usage.totalTokens ?? 0
    let amount = USD(pico: Int128(tokens * picoPerToken))
    if o.decision.shadowedBy != nil { return CostOutcome(status: .shadowed, computed: amount, reason: "elsewhere") }
    if !o.decision.isCall { return .none }
    if tokens == 0 { return CostOutcome(status: .unpriced, reason: "no usage") }
    if o.sentModel == "strange", !knowsStrange { return CostOutcome(status: .unpriced, reason: "no such model") }
    return CostOutcome(status: .priced, cost: amount, computed: amount, price: "\(picoPerToken)")
  }
}

extension WriteFixture {
  static let all = AccessScope(organisation: OrganisationID(1), teams: .all, projects: .all, readsContent: false)
  var prices: PriceStore { PriceStore(pool: pool) }
  var repricings: Repricings { Repricings(pool: pool, door: door) }

  /// All of the days that tests write to.
  static let days = TimeRange(spanning: noon.adding(seconds: -20 * 86_400), noon.adding(seconds: 5 * 86_400))

  /// Changes the agreements (what about them doesn't matter here) and gives prices that know it.
  func changed(_ prices: RevisedPrices, picoPerToken: Int64) async throws -> RevisedPrices {
    let term = PriceTerm(id: PriceEntryID(0), factor: "0.5", source: "test")
    _ = try await self.prices.add(term, scope: Self.all, by: "test")
    var changed = prices
    changed.picoPerToken = picoPerToken
    changed.revisions.agreements = try await self.prices.revisions(of: OrganisationID(1)).agreements
    return changed
  }

  /// What re-pricing there and back must restore: all but the record of having been re-priced.
  func money() async throws -> [String: [String]] {
    try await foldAll()
    var state: [String: [String]] = [:]
    for table in ["traces", "observations", "spend_hour", "spend_endpoint_hour", "spend_user_day", "spend_group_hour"] {
      state[table] = try await pool.run { c in
        try c.query(
          """
          select (to_jsonb(t) - '{parts,committed_at,first_cost_pico,first_cost_status,catalogue_revision,price_revision}'::text[])::text
          from \(unescaped: table) t order by 1
          """
        ) { try $0.string(0) }
      }
    }
    return state
  }

  /// Rollups as folded and as rebuilt; empty when they agree.
  func rollupErrors() async throws -> [String] {
    let folded = try await money()
    try await RollupRebuild(pool: pool).run()
    return Self.difference(folded, try await money())
  }
}
