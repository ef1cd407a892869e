import Domain
import Postgres

@testable import Store

/// Operations on a fixture's ledger in random order: new calls, duplicates, updates, other prices, other owners, removals,
/// folds and sums; some at once, some alone. Repeats with its seed.
struct RandomOperations {
  private let fixture: WriteFixture
  /// Days before today that calls are of.
  private let days: [Int64]
  private var random: SeededNumbers
  /// What was sent last about each observation.
  private var sent: [ObservationFacts] = []
  private var traces = 0
  private var versions: Int64 = 0
  /// What calls are decided by now.
  private var picoPerToken: Int64 = 1000
  private var salt: Int32 = 0

  init(seed: UInt64, days: [Int64], _ fixture: WriteFixture) {
    self.fixture = fixture
    self.days = days
    random = SeededNumbers(seed: seed)
  }

  /// Calls sent, priced, attributed or removed so far; sums and folds count as one.
  private(set) var count = 0

  /// One transaction of up to `most` operations.
  mutating func run(most: Int) async throws {
    switch number(0..<20) {
    case 0..<12: try await send(most)
    case 12, 13: try await reprice(most)
    case 14, 15: try await decideAgain(most)
    case 16: try await remove(most)
    default:
      count += 1
      try await sum()
    }
  }

  /// Mostly a few days: what changes later must be told from what was summed.
  private mutating func sum() async throws {
    let pool = fixture.pool
    _ = try await Fold(pool: pool).run()
    for _ in 0..<number(0..<12) where number(0..<3) > 0 { _ = try await DailySums(pool: pool).sumNext(restSeconds: 0) }
    for _ in 0..<number(0..<12) { _ = try await SumsToDate(pool: pool).sumNext() }
    for _ in 0..<number(0..<3) { _ = try await MonthlySums(pool: pool).sumNext(restSeconds: 0) }
    for _ in 0..<number(0..<12) where number(0..<3) > 0 { _ = try await ChargeSums(pool: pool).sumNext(restSeconds: 0) }
  }

  /// New calls, what was sent before, and what is later learnt about calls, in one request.
  private mutating func send(_ most: Int) async throws {
    var facts: [ObservationFacts] = []
    for _ in 0..<number(1..<most + 1) {
      switch number(0..<17) {
      case 0..<10: facts.append(insert())
      case 10..<13: if let known = sent.randomElement(using: &random) { facts.append(known) }
      default: if let place = sent.indices.randomElement(using: &random) { facts.append(update(place)) }
      }
    }
    count += facts.count
    try await fixture.send(facts, decide: decide)
  }

  private mutating func insert() -> ObservationFacts {
    if traces == 0 || number(0..<4) > 0 { traces += 1 }
    let facts = call(UInt64(sent.count + 1), of: UInt64(number(max(1, traces - 5)..<traces + 1)))
    sent.append(facts)
    return facts
  }

  private mutating func update(_ place: Int) -> ObservationFacts {
    let known = sent[place]
    var facts = call(known.id.rawValue, of: known.trace.low)
    facts.startedAt = number(0..<4) == 0 ? facts.startedAt : known.startedAt
    facts.endedAt = facts.startedAt?.adding(seconds: Int64(number(1..<90)))
    stamp(&facts)
    sent[place] = facts
    return facts
  }

  /// As a re-pricing does it: the first charge stays on record, owners don't change.
  private mutating func reprice(_ most: Int) async throws {
    picoPerToken = Int64(number(1..<5000))
    let price = FixedPrices.price(picoPerToken: picoPerToken)
    let selection = RepricingSelection(range: WriteFixture.days, models: number(0..<2) == 0 ? [] : ["large"])
    try await fixture.door.reprice(
      someTraces(most), in: fixture.project, TraceRepricing(selection: selection, price: price),
      decidedBy: DecisionRevisions(catalogue: 1, agreements: 0))
  }

  private mutating func decideAgain(_ most: Int) async throws {
    if number(0..<2) == 0 {
      salt += 1
      try await fixture.door.decideAgain(someTraces(most), in: fixture.project, decide: decide)
    } else {
      try await regroup(most)
    }
  }

  /// As a re-attribution does it: no price is decided. Owners stay, so that only some sums change.
  mutating func regroup(_ most: Int) async throws {
    salt += 1
    let salt = salt
    try await fixture.door.decideAgain(someTraces(most), in: fixture.project) { snapshot in
      for i in snapshot.observations.indices { group(&snapshot.observations[i].decision, salt) }
    }
  }

  private mutating func remove(_ most: Int) async throws {
    // Few enough that calls become more.
    let gone = (0..<number(1..<max(2, most / 3 + 1))).compactMap { _ in sent.randomElement(using: &random) }
    count += gone.count
    let rows = Dictionary(gone.map { ($0.trace, Set([$0.id])) }) { $0.union($1) }
    try await fixture.door.remove(rows, in: fixture.project, decide: decide)
  }

  private mutating func someTraces(_ most: Int) -> [TraceID] {
    let traces = (0..<number(1..<most + 1)).compactMap { _ in sent.randomElement(using: &random)?.trace }
    count += traces.count
    return traces
  }

  private var decide: Decide {
    let (decide, salt) = (FixedPrices.decide(picoPerToken: picoPerToken), salt)
    return { snapshot in
      decide(&snapshot)
      for i in snapshot.observations.indices { attribute(&snapshot.observations[i].decision, salt) }
    }
  }

  private mutating func call(_ id: UInt64, of trace: UInt64) -> ObservationFacts {
    let at = -86_400 * (days.randomElement(using: &random) ?? 0) - Int64(number(0..<86_400))
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

/// Owner, group and declared values by the user; everything moves with `salt`.
private func attribute(_ decision: inout Decision, _ salt: Int32) {
  let place = ((decision.user?.utf8.last.map { Int32($0) - 48 } ?? 0) + salt) % 4
  decision.team = place == 0 ? nil : TeamID(place)
  decision.ownerStep = place == 0 ? .unallocated : .userGroup
  group(&decision, salt)
}

private func group(_ decision: inout Decision, _ salt: Int32) {
  let user = decision.user?.utf8.last.map { Int32($0) - 48 } ?? 0
  decision.userGroup = user % 3 == 0 ? nil : UserGroupID(user % 3 + salt % 2)
  decision.extras = user % 2 == 0 ? [] : ["tenant \(user)", "", salt % 3 == 0 ? "" : "plan \(salt % 5)", ""]
}
