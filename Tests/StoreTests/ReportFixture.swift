import Domain
import Postgres
import TestSupport

@testable import Store

/// An organisation with teams, projects, keys and groups, into which tests put observations as they were decided.
///
/// Rows go straight into the tables by the writer's own columns; rollups are summed by SQL of their own here, so that a
/// report is compared with something that shares no code with it.
struct ReportFixture {
  var database: TestDatabase
  var organisation: Organisation
  var teams: [Team]
  var projects: [Project]
  var keys: [APIKey]
  var groups: [UserGroup]
  /// Four metadata keys, by place.
  var declared: [DeclaredKey]

  var pool: ConnectionPool { database.pool }
  var accounts: AccountStore { AccountStore(pool: pool) }
  var scope: AccessScope { AccessScope(organisation: organisation.id, teams: .all, projects: .all, readsContent: true) }

  static func make(timeZone: String = "UTC") async throws -> ReportFixture {
    let database = try await TestDatabase.make()
    let accounts = AccountStore(pool: database.pool)
    let organisation = try await accounts.createOrganisation(name: "Acme", timeZone: timeZone)
    let scope = AccessScope(organisation: organisation.id, teams: .all, projects: .all, readsContent: true)
    var teams: [Team] = []
    for name in ["Search", "Support", "Billing"] {
      teams.append(try await accounts.createTeam(name: name, scope: scope))
    }
    var projects: [Project] = []
    for name in ["Chat", "Docs"] {
      projects.append(try await accounts.createProject(name: name, team: teams[0].id, scope: scope))
    }
    var keys: [APIKey] = []
    for project in projects {
      keys.append(
        try await accounts.createKey(NewKey(project: project.id, name: "Key of \(project.name)"), scope: scope).key)
    }
    var groups: [UserGroup] = []
    for name in ["Schools", "Hospitals"] {
      groups.append(try await accounts.saveUserGroup(name: name, team: teams[1].id, scope: scope))
    }
    let keyStore = DeclaredKeyStore(pool: database.pool)
    var declared: [DeclaredKey] = []
    for (key, label) in [("tenant", "Customer"), ("langgraph.node", "Node"), ("ab", "Experiment"), ("plan", "Plan")] {
      declared.append(try await keyStore.declare(key, label: label, isDimension: true, scope: scope, by: "test"))
    }
    return ReportFixture(
      database: database, organisation: organisation, teams: teams, projects: projects, keys: keys, groups: groups,
      declared: declared)
  }

  /// Inserts observations with the rows of their traces, and sums the rollups anew.
  func insert(_ observations: [Observation], traces: [TraceFacts] = []) async throws {
    try await Partitions(pool: pool).ensure(Set(observations.map { .observations(UTCDay($0.startedAt)) }))
    let facts = Dictionary(traces.map { (TraceKey(project: $0.project, trace: $0.id), $0) }) { first, _ in first }
    let byTrace = Dictionary(grouping: observations) { TraceKey(project: $0.facts.project, trace: $0.facts.trace) }
    let rows = Set(facts.keys).union(byTrace.keys).sorted().map { key in
      TraceRow(
        facts: facts[key] ?? TraceFacts(project: key.project, id: key.trace),
        receivedAt: Timestamp(seconds: 1_790_000_000),
        summary: TraceSummary(byTrace[key] ?? []))
    }
    let zone = organisation.timeZone
    try await pool.transaction { c in
      try c.copyIn(table: "observations", columns: ObservationColumns.names) { w in
        for row in observations { try w.row { try ObservationColumns.write(row, to: $0) } }
      }
      for row in rows { _ = try c.query(TraceColumns.insert([row])) }
      try c.execute(
        """
        truncate spend_hour, spend_endpoint_hour, spend_group_hour, spend_user_day, spend_day, spend_endpoint_day, spend_group_day,
          spend_month, spend_endpoint_month, spend_group_month, spend_user_month, charges_day,
          spend_to_date, spend_endpoint_to_date, spend_group_to_date, sums_to_date,
          days_to_sum, months_to_sum, charge_days_to_sum
        """)
      for statement in Self.rollups(zone) { try c.execute(statement) }
      for project in projects { try DayMarks.mark(project.id, from: Timestamp(seconds: 0), c) }
    }
    // Some past days and months are summed, some are not: reports must not care.
    try await sum(days: 30)
  }

  /// Sums so many of the marked past days, and what months and days of charges can then be summed.
  func sum(days: Int) async throws {
    for _ in 0..<days where try await !DailySums(pool: pool).sumNext(restSeconds: 0) { break }
    for _ in 0..<days / 2 where try await !SumsToDate(pool: pool).sumNext() { break }
    while try await MonthlySums(pool: pool).sumNext(restSeconds: 0) {}
    for _ in 0..<days / 2 where try await !ChargeSums(pool: pool).sumNext(restSeconds: 0) { break }
  }

  private static func rollups(_ zone: String) -> [SQL] {
    let usage = MeasureColumns.usage.joined(separator: ", ")
    let columns = "calls, errors, unpriced, costed, \(usage), cost_pico, contracted_cost_pico, list_cost_pico, avoided_cost_pico"
    let sums = """
      count(*), count(*) filter (where level = 4), count(*) filter (where cost_status in (2, 3)), count(cost_pico),
      \(MeasureColumns.usage.map { "coalesce(sum(\($0)), 0)" }.joined(separator: ", ")), coalesce(sum(cost_pico), 0),
      coalesce(sum(coalesce(computed_cost_pico, cost_pico)) filter (where cost_pico is not null), 0),
      coalesce(sum(coalesce(list_cost_pico, computed_cost_pico, cost_pico)) filter (where cost_pico is not null), 0),
      coalesce(sum(avoided_cost_pico), 0)
      """
    func rollup(_ table: String, _ keys: String, _ values: SQL, _ count: Int, latencies: String = "") -> SQL {
      let bins = latencies.isEmpty ? "" : ", " + MeasureColumns.latency.joined(separator: ", ")
      return """
        insert into \(unescaped: table) (\(unescaped: keys), \(unescaped: columns)\(unescaped: bins))
        select \(values), \(unescaped: sums)\(unescaped: latencies) from observations where is_call
        group by \(unescaped: (1...count).map(String.init).joined(separator: ", "))
        """
    }
    return [
      rollup(
        "spend_hour", "project_id, hour, team_id, kind, environment, service, provider, model",
        """
        project_id, date_trunc('hour', started_at, \(zone)), coalesce(team_id, 0), kind, environment, coalesce(service, ''),
        coalesce(provider, ''), coalesce(model, '')
        """, 8, latencies: latencies),
      rollup(
        "spend_endpoint_hour", "project_id, hour, team_id, environment, endpoint, model",
        """
        project_id, date_trunc('hour', started_at, \(zone)), coalesce(team_id, 0), environment, coalesce(endpoint, ''),
        coalesce(model, '')
        """, 6),
      rollup(
        "spend_group_hour", "project_id, hour, team_id, user_group_id, key_id, model",
        """
        project_id, date_trunc('hour', started_at, \(zone)), coalesce(team_id, 0), coalesce(user_group_id, 0),
        coalesce(key_id, 0), coalesce(model, '')
        """, 6),
      rollup(
        "spend_user_day", "project_id, day, day_start, team_id, user_group_id, user_id, model",
        """
        project_id, (started_at at time zone \(zone))::date, date_trunc('day', started_at, \(zone)), coalesce(team_id, 0),
        coalesce(user_group_id, 0), coalesce(user_id, ''), coalesce(model, '')
        """, 7),
    ]
  }

  /// One count by place of the histogram.
  private static var latencies: String {
    let bounds = MeasureColumns.latencyBoundsMilliseconds
    let above = [-1] + bounds
    return above.enumerated().map { place, lower in
      let upper = place < bounds.count ? "and ended_at - started_at <= interval '\(bounds[place]) ms'" : ""
      return ", count(*) filter (where ended_at - started_at > interval '\(lower) ms' \(upper))"
    }.joined()
  }

  /// A priced generation; tests change what they are about.
  func call(
    at time: Timestamp, trace: UInt64 = 1, id: UInt64, project: Int = 0, cost: Int128? = 1000,
    durationSeconds: Int64? = 1
  ) -> Observation {
    var facts = ObservationFacts(
      project: projects[project].id, trace: TraceID(high: 7, low: trace), id: ObservationID(id))
    facts.kind = .generation
    facts.startedAt = time
    facts.endedAt = durationSeconds.map { time.adding(seconds: $0) }
    facts.key = keys[project].id
    facts.usage = UsageReport(usage: Usage([.input: 10, .output: 5]), rule: "test", raw: "{}")
    var observation = Observation(facts: facts, startedAt: time, isStartAssumed: false, receivedAt: time)
    observation.decision.isCall = true
    observation.decision.model = "gpt-5"
    observation.decision.provider = "openai"
    observation.decision.cost =
      cost.map { CostOutcome(status: .priced, cost: USD(pico: $0)) }
      ?? CostOutcome(status: .unpriced, reason: "unknown model")
    return observation
  }
}

extension Usage {
  init(counts: [UsageBucket: Int64]) {
    self.init()
    for (bucket, count) in counts { self[bucket] = count }
  }
}

extension SeededNumbers {
  /// One of `values`; nil about as often as each.
  mutating func pick<T>(_ values: [T]) -> T? {
    let place = Int.random(in: 0...values.count, using: &self)
    return place < values.count ? values[place] : nil
  }
}

/// "2026-10-24T22:00:00Z" or with fractions of an hour; a bad text gives 1970.
func instant(_ text: String) -> Timestamp {
  let numbers = text.split { !$0.isNumber }.compactMap { Int64($0) }
  guard numbers.count == 6 else { return Timestamp(microseconds: 0) }
  // Days from civil, by Howard Hinnant.
  let (year, month) = numbers[1] <= 2 ? (numbers[0] - 1, numbers[1] + 9) : (numbers[0], numbers[1] - 3)
  let era = year / 400
  let yearOfEra = year % 400
  let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + (153 * month + 2) / 5 + numbers[2] - 1
  let days = era * 146_097 + dayOfEra - 719_468
  return Timestamp(seconds: ((days * 24 + numbers[3]) * 60 + numbers[4]) * 60 + numbers[5])
}

func range(_ from: String, _ to: String) -> TimeRange {
  TimeRange(from: instant(from), to: instant(to)) ?? TimeRange(from: instant(from), to: instant(from)).unsafelyUnwrapped
}
