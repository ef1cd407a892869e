import Domain
import Postgres

@testable import Store

/// Operations on a fixture's ledger in random order: new calls, duplicates, updates, other prices, other owners, removals,
/// folds and sums. Repeats with its seed.
struct RandomOperations {
  private let fixture: WriteFixture
  private var random: SeededNumbers
  /// What was sent last about each observation.
  private var sent: [ObservationFacts] = []
  private var traces = 0
  private var versions: Int64 = 0
  /// What calls are decided by now.
  private var picoPerToken: Int64 = 1000
  private var salt: Int32 = 0

  init(seed: UInt64, _ fixture: WriteFixture) {
    self.fixture = fixture
    random = SeededNumbers(seed: seed)
  }

  mutating func run() async throws {
    switch number(0..<24) {
    case 0..<10: try await insert()
    case 10..<13: if let facts = sent.randomElement(using: &random) { try await send([facts]) }
    case 13..<17: try await update()
    case 17, 18: try await reprice()
    case 19: try await decideAgain()
    case 20: try await remove()
    case 21: _ = try await Fold(pool: fixture.pool).run()
    case 22: _ = try await DailySums(pool: fixture.pool).sumNext(restSeconds: 0)
    default:
      _ = try await MonthlySums(pool: fixture.pool).sumNext(restSeconds: 0)
      _ = try await ChargeSums(pool: fixture.pool).sumNext(restSeconds: 0)
    }
  }

  private mutating func insert() async throws {
    var facts: [ObservationFacts] = []
    for _ in 0..<number(1..<4) {
      if traces == 0 || number(0..<4) > 0 { traces += 1 }
      facts.append(call(UInt64(sent.count + facts.count + 1), of: UInt64(number(max(1, traces - 5)..<traces + 1))))
    }
    sent += facts
    try await send(facts)
  }

  private mutating func update() async throws {
    guard let place = sent.indices.randomElement(using: &random) else { return }
    let known = sent[place]
    var facts = call(known.id.rawValue, of: known.trace.low)
    facts.startedAt = Int.random(in: 0..<4, using: &random) == 0 ? facts.startedAt : known.startedAt
    facts.endedAt = facts.startedAt?.adding(seconds: Int64(number(1..<90)))
    stamp(&facts)
    sent[place] = facts
    try await send([facts])
  }

  /// As a re-pricing does it: the first charge stays on record, owners don't change.
  private mutating func reprice() async throws {
    picoPerToken = Int64(number(1..<5000))
    let price = FixedPrices.price(picoPerToken: picoPerToken)
    let selection = RepricingSelection(range: WriteFixture.days, models: number(0..<2) == 0 ? [] : ["large"])
    try await fixture.door.reprice(
      someTraces(), in: fixture.project, TraceRepricing(selection: selection, price: price),
      decidedBy: DecisionRevisions(catalogue: 1, agreements: 0))
  }

  private mutating func decideAgain() async throws {
    salt += 1
    try await fixture.door.decideAgain(someTraces(), in: fixture.project, decide: decide)
  }

  private mutating func remove() async throws {
    guard let facts = sent.randomElement(using: &random) else { return }
    try await fixture.door.remove([facts.trace: [facts.id]], in: fixture.project, decide: decide)
  }

  private mutating func someTraces() -> [TraceID] {
    (0..<number(1..<6)).compactMap { _ in sent.randomElement(using: &random)?.trace }
  }

  private func send(_ facts: [ObservationFacts]) async throws { try await fixture.send(facts, decide: decide) }

  private var decide: Decide {
    let (decide, salt) = (FixedPrices.decide(picoPerToken: picoPerToken), salt)
    return { snapshot in
      decide(&snapshot)
      for i in snapshot.observations.indices { attribute(&snapshot.observations[i].decision, salt) }
    }
  }

  private mutating func call(_ id: UInt64, of trace: UInt64) -> ObservationFacts {
    let at = -Int64(number(0..<39 * 86_400))
    let model = ["small", "large", "huge"][number(0..<3)]
    var facts = ObservationFacts.call(id, of: trace, in: fixture.project, atSeconds: at, model: model)
    facts.kind = [.generation, .generation, .embedding, .span][number(0..<4)]
    facts.key = KeyID(Int32(number(1..<4)))
    facts.level = number(0..<6) == 0 ? .error : nil
    facts.environment = ["prod", "dev", nil][number(0..<3)]
    facts.service = ["web", nil][number(0..<2)]
    facts.endpointHint = ["/chat", "/search", nil][number(0..<3)]
    facts.user = number(0..<5) == 0 ? nil : "user\(number(0..<6))"
    facts.serviceTier = ["batch", nil, nil][number(0..<3)]
    facts.region = ["eu", nil][number(0..<2)]
    facts.usage = usage()
    if number(0..<7) == 0 {
      facts.reportedCost = ReportedCost(amount: USD(pico: Int128(number(0..<900_000))), source: .sender)
    }
    stamp(&facts)
    return facts
  }

  private mutating func usage() -> UsageReport? {
    if number(0..<8) == 0 { return nil }
    let usage = Usage([
      .input: Int64(number(0..<400)), .cacheRead: Int64(number(0..<100)), .output: Int64(number(0..<60)),
      .requests: Int64(number(0..<3)),
    ])
    var report = UsageReport(usage: usage, rule: "test", raw: "{}")
    if number(0..<9) == 0 { report.flags.insert(.servedFromCache) }
    return report
  }

  /// Later than all before.
  private mutating func stamp(_ facts: inout ObservationFacts) {
    versions += 1
    facts.stamps = Stamps()
    facts.stampAll(Stamp(time: WriteFixture.noon.microseconds + versions, rank: 0, hash: UInt64(versions)))
  }

  private mutating func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }
}

/// Group and declared values by the user; everything moves with `salt`.
private func attribute(_ decision: inout Decision, _ salt: Int32) {
  let user = decision.user?.utf8.last.map { Int32($0) - 48 } ?? 0
  let place = (user + salt) % 4
  decision.team = place == 0 ? nil : TeamID(place)
  decision.ownerStep = place == 0 ? .unallocated : .userGroup
  decision.userGroup = user % 3 == 0 ? nil : UserGroupID(user % 3 + salt % 2)
  decision.extras = user % 2 == 0 ? [] : ["tenant \(user)", "", salt % 2 == 0 ? "" : "plan", ""]
}
