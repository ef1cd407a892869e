import Domain
import Postgres
import TestSupport

@testable import Store

/// A database with an organisation whose time zone is off by half an hour, one project, three teams, and the door to
/// it.
struct WriteFixture: Sendable {
  let database: TestDatabase
  let project: ProjectID
  let partitions: Partitions
  let door: ObservationDoor
  var pool: ConnectionPool { database.pool }
  var writer: GroupWriter { GroupWriter(door: door) }

  /// Noon of the day that tests happen on; fixed, and later than `frozenBefore`.
  static let noon = Timestamp(seconds: 1_790_000_000 / 86_400 * 86_400 + 43_200)
  static let frozenBefore = noon.adding(seconds: -40 * 86_400 - 43_200)

  static func make() async throws -> WriteFixture {
    let database = try await TestDatabase.make()
    let project = try await database.pool.run { connection -> ProjectID in
      let frozen = Self.frozenBefore
      try connection.execute("insert into organisations (name, time_zone) values ('Acme', 'Asia/Kolkata')")
      try connection.execute("insert into teams (organisation_id, name) values (1, 'Red'), (1, 'Green'), (1, 'Blue')")
      return try connection.first(
        """
        insert into projects (organisation_id, slug, name, team_id, frozen_before)
        values (1, 'shop', 'Shop', 1, \(frozen)) returning id
        """
      ) { try $0.id(0) } ?? ProjectID(0)
    }
    let partitions = Partitions(pool: database.pool)
    return WriteFixture(
      database: database, project: project, partitions: partitions,
      door: ObservationDoor(pool: database.pool, partitions: partitions))
  }

  /// Writes one request; fails the test's task when it isn't taken.
  @discardableResult
  func send(
    _ observations: [ObservationFacts] = [], traces: [TraceFacts] = [], scores: [Score] = [],
    receivedAt: Timestamp = noon, decide: @escaping Decide = FixedPrices.decide
  ) async throws -> IngestResult {
    let submission = submission(observations, traces: traces, scores: scores, receivedAt: receivedAt, decide: decide)
    return try await writer.write([submission])[0].get()
  }

  func submission(
    _ observations: [ObservationFacts] = [], traces: [TraceFacts] = [], scores: [Score] = [],
    receivedAt: Timestamp = noon, decide: @escaping Decide = FixedPrices.decide
  ) -> IngestSubmission {
    var batch = IngestBatch()
    batch.observations = observations
    batch.traces = traces
    batch.scores = scores
    batch.observationItems = Array(observations.indices)
    batch.traceItems = traces.indices.map { observations.count + $0 }
    batch.scoreItems = scores.indices.map { observations.count + traces.count + $0 }
    batch.accepted = observations.count + traces.count + scores.count
    return IngestSubmission(
      context: IngestContext(project: project, key: KeyID(1), environment: nil, receivedAt: receivedAt), batch: batch,
      decide: decide)
  }

  /// Every row of a table as text, sorted; without where bodies lie, which is random, and with what ids of unit prices
  /// stand for, which depend on who came first.
  func dump(_ table: String) async throws -> [String] {
    let rows: SQL =
      switch table {
      case "observations":
        """
        select to_jsonb(t) - 'parts' - 'rate_id' || jsonb_build_object('rates', encode(r.digest, 'hex'))
        from observations t left join rates r on r.id = t.rate_id
        """
      case "charges_day":
        """
        select to_jsonb(t) - 'set_id' - 'rate_id' || (to_jsonb(s) - 'id') || jsonb_build_object('rates', encode(r.digest, 'hex'))
        from charges_day t join dimension_sets s on s.id = t.set_id left join rates r on r.id = t.rate_id
        """
      case let table where table.hasSuffix("_to_date"):
        // A day that calls have left keeps its sums up to it; one that never had any has none.
        """
        select to_jsonb(t) from \(unescaped: table) t
        where exists (select from spend_day d where d.project_id = t.project_id and d.day = t.day)
        """
      default: "select to_jsonb(t) - 'parts' - 'committed_at' from \(unescaped: table) t"
      }
    return try await pool.run { connection in
      try connection.query("select to_jsonb::text from (\(rows)) t(to_jsonb) order by 1") { try $0.string(0) }
    }
  }

  static let sums = [
    "spend_hour", "spend_endpoint_hour", "spend_user_day", "spend_group_hour", "spend_day", "spend_endpoint_day",
    "spend_group_day", "spend_month", "spend_endpoint_month", "spend_group_month", "spend_user_month", "charges_day",
    "spend_to_date", "spend_endpoint_to_date", "spend_group_to_date",
  ]

  /// Folds and sums everything, then dumps what must not depend on order or repetition.
  func state() async throws -> [String: [String]] {
    try await foldAll()
    try await sumAll()
    var state: [String: [String]] = [:]
    for table in ["traces", "observations"] + Self.sums { state[table] = try await dump(table) }
    return state
  }

  func sumAll() async throws {
    while try await DaysToRebuild(pool: pool).rebuildNext() {}
    while try await DailySums(pool: pool).sumNext(restSeconds: 0) {}
    while try await SumsToDate(pool: pool).sumNext() {}
    while try await MonthlySums(pool: pool).sumNext(restSeconds: 0) {}
    while try await ChargeSums(pool: pool).sumNext(restSeconds: 0) {}
  }

  /// Lines of either state that the other lacks, for a failure's message.
  static func difference(_ a: [String: [String]], _ b: [String: [String]]) -> [String] {
    a.keys.sorted().flatMap { table in
      let left = Set(a[table] ?? [])
      let right = Set(b[table] ?? [])
      return left.subtracting(right).sorted().map { "- \(table) \($0)" }
        + right.subtracting(left).sorted().map { "+ \(table) \($0)" }
    }
  }

  func foldAll() async throws {
    while try await Fold(pool: pool).run() > 0 {}
  }

  func number(_ sql: SQL) async throws -> Int64 {
    try await pool.run { connection in try connection.first(sql) { Int64(clamping: try $0.numericInteger(0)) } ?? 0 }
  }

  func observations(of trace: TraceID) async throws -> [Observation] {
    let list = ObservationColumns.list("o")
    return try await pool.run { connection in
      try connection.query("select \(unescaped: list) from observations o where trace_id = \(trace) order by id") {
        try ObservationColumns.read($0)
      }
    }
  }
}

extension ObservationFacts {
  /// A call of 100 input and 20 output tokens that took two seconds, `atSeconds` after noon, said by one OTLP message.
  static func call(
    _ id: UInt64, of trace: UInt64, in project: ProjectID, atSeconds: Int64 = 0, model: String = "small",
    change: (inout ObservationFacts) -> Void = { _ in }
  ) -> ObservationFacts {
    var facts = ObservationFacts(project: project, trace: TraceID(high: 7, low: trace), id: ObservationID(id))
    facts.kind = .generation
    facts.name = "chat"
    facts.startedAt = WriteFixture.noon.adding(seconds: atSeconds)
    facts.endedAt = WriteFixture.noon.adding(seconds: atSeconds + 2)
    facts.requestModel = model
    facts.provider = "acme"
    facts.usage = UsageReport(usage: Usage([.input: 100, .output: 20]), rule: "test", raw: "{}")
    change(&facts)
    facts.stampAll(Stamp(time: facts.endedAt?.microseconds ?? .min, rank: 0, hash: id))
    return facts
  }
}
