import Domain
import Postgres

@testable import Store

extension WriteFixture {
  static let everything = AccessScope(organisation: OrganisationID(1), teams: .all, projects: .all, readsContent: true)
  var sampling: SamplingStore { SamplingStore(pool: pool) }

  /// A fixture whose clock stands at noon, with settings in force before anything is written.
  static func sampled(
    payloads: Int32 = 1_000_000, spans: Int32 = 1_000_000, noise: [String] = [], keep: (inout KeepRules) -> Void = { _ in }
  ) async throws -> (fixture: WriteFixture, writer: GroupWriter) {
    let fixture = try await make()
    try await fixture.sample(payloads: payloads, spans: spans, noise: noise, keep: keep)
    return (fixture, fixture.freshWriter())
  }

  func sample(payloads: Int32 = 1_000_000, spans: Int32 = 1_000_000, noise: [String] = [], keep: (inout KeepRules) -> Void = { _ in }) async throws {
    var rules = KeepRules()
    keep(&rules)
    let policy = SamplingPolicy(payloads: SamplingShare(millionths: payloads), spans: SamplingShare(millionths: spans), keep: rules)
    try await sampling.save(policy, of: project, environment: nil, scope: Self.everything, by: "ann@acme.test")
    if !noise.isEmpty { try await sampling.saveNoise(noise, of: project, scope: Self.everything, by: "ann@acme.test") }
  }

  /// A writer that knows the settings of this moment.
  func freshWriter(settledAtOnceMax: Int32? = nil) -> GroupWriter {
    GroupWriter(
      door: ObservationDoor(pool: pool, partitions: partitions, clock: { Self.noon }, settledAtOnceMax: settledAtOnceMax))
  }

  func write(_ observations: [ObservationFacts], traces: [TraceFacts] = [], scores: [Score] = [], by writer: GroupWriter) async throws {
    _ = try await writer.write([submission(observations, traces: traces, scores: scores)])[0].get()
  }

  /// Ids of the rows of trace 1.
  func ids(of trace: UInt64 = 1) async throws -> [UInt64] { try await observations(of: TraceID(high: 7, low: trace)).map(\.facts.id.rawValue) }

  /// All that must not depend on sampling: sums, calls and what stands for them, and what traces add up to.
  func unsampledState() async throws -> [String: [String]] {
    try await foldAll()
    try await sumAll()
    var state: [String: [String]] = [:]
    for table in Self.sums { state[table] = try await dump(table) }
    state["traces"] = try await pool.run { c in
      try c.query("select (to_jsonb(t) - 'parts' - 'omitted_on' - 'sampled_spans' - 'noise_spans')::text from traces t order by 1") { try $0.string(0) }
    }
    state["calls"] = try await pool.run { c in
      try c.query("select (to_jsonb(o) - 'parts' - 'rate_id')::text from observations o where is_call or shadowed_by is not null order by 1") {
        try $0.string(0)
      }
    }
    return state
  }
}

extension ObservationFacts {
  /// A step that is no call, said by one message.
  static func step(
    _ id: UInt64, under parent: UInt64? = nil, of trace: UInt64 = 1, in project: ProjectID, change: (inout ObservationFacts) -> Void = { _ in }
  ) -> ObservationFacts {
    .call(id, of: trace, in: project, atSeconds: Int64(id)) {
      ($0.kind, $0.usage, $0.requestModel, $0.name) = (.span, nil, nil, "step")
      $0.parent = parent.map { ObservationID($0) }
      change(&$0)
    }
  }
}

extension Score {
  static func one(of trace: UInt64, in project: ProjectID) -> Score {
    var score = Score(
      project: project, id: "s\(trace)", stamp: Stamp(time: 1, rank: 0, hash: 1), name: "good", dataType: .numeric, source: .api,
      environment: "default", createdAt: WriteFixture.noon)
    (score.trace, score.number) = (TraceID(high: 7, low: trace), 1)
    return score
  }
}
