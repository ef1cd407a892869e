import Domain
import Postgres

/// Goes through the traces of a period, latest hours first, and adds up what other rules would change. Writes nothing.
struct ReattributionScan: Sendable {
  let pool: ConnectionPool
  let organisation: OrganisationID
  /// What the outcome is compared with; nil: as booked.
  let before: AttributionDirectory?
  let after: AttributionDirectory
  private static let tracesAtOnce = 300

  /// Stops at `deadline` with what it has, once it has looked at one hour.
  func run(_ range: TimeRange, until deadline: ContinuousClock.Instant?) async throws -> (ReattributionDryRun, AttributedSum) {
    let (months, names, days) = try await pool.transaction(Repricings.reading) { c in
      (try TouchedMonthRange.read(range, organisation, c), try ScanNames(organisation, c), try Repricings.observationDays(c))
    }
    var sums = ScanSums(months: months)
    var end = range.to
    var start = range.to
    while end > range.from {
      if let deadline, start < range.to, ContinuousClock.now > deadline { break }
      start = max(range.from, Self.hourBefore(end))
      try Task.checkCancellation()
      if days.contains(UTCDay(start)) { try await look(TimeRange(spanning: start, end), days, &sums) }
      end = start
    }
    var result = sums.result(names, after)
    result.covered = TimeRange(spanning: end, range.to)
    result.isComplete = end <= range.from
    return (result, sums.owned)
  }

  private static func hourBefore(_ end: Timestamp) -> Timestamp {
    Timestamp(microseconds: UTCDay.floored(end.microseconds &- 1, by: Reattributions.windowMicroseconds))
  }

  private func look(_ window: TimeRange, _ days: Set<UTCDay>, _ sums: inout ScanSums) async throws {
    let organisation = organisation
    let found = try await pool.transaction(Repricings.reading) { c in
      try WindowTraces.read(window, organisation, callsOnly: true, c)
    }
    for (project, traces) in found.traces.sorted(by: { $0.key < $1.key }) {
      for start in stride(from: 0, to: traces.count, by: Self.tracesAtOnce) {
        let keys = traces[start..<min(start + Self.tracesAtOnce, traces.count)].map { TraceKey(project: project, trace: $0) }
        let stored = try await pool.transaction(TransactionOptions(isolation: .repeatableRead, readOnly: true)) { c in
          try DoorTransaction.prefersLookups(c)
          return try WholeTraces.read(keys, days, c)
        }
        for trace in stored { compare(trace, window, &sums) }
      }
    }
  }

  private func compare(_ trace: StoredTrace, _ window: TimeRange, _ sums: inout ScanSums) {
    func decided(_ directory: AttributionDirectory) -> [Observation] {
      TraceReattribution(range: window, directory: directory)
        .reattributed(trace.facts, trace.observations, frozenBefore: Timestamp(microseconds: .min))
    }
    let now = before.map(decided) ?? trace.observations
    for (was, then) in zip(now, decided(after)) where was.decision.isCall && window.contains(was.startedAt) { sums.add(was, then) }
  }
}

/// Traces as they stand, without locks.
enum WholeTraces {
  static func read(_ keys: [TraceKey], _ days: Set<UTCDay>, _ c: Connection) throws -> [StoredTrace] {
    var stored: [TraceKey: StoredTrace] = [:]
    var places: [UTCDay: [ProjectID: [UInt128]]] = [:]
    for trace in try c.query(TraceColumns.lock(keys, isLocking: false).named("ReadTraces"), TraceColumns.readContext) {
      let key = TraceKey(project: trace.facts.project, trace: trace.facts.id)
      stored[key] = trace
      guard let first = trace.firstStartedAt, let last = trace.lastStartedAt else { continue }
      for day in days where UTCDay(first) <= day && day <= UTCDay(last) { places[day, default: [:]][key.project, default: []].append(key.trace.uuid) }
    }
    for (day, projects) in places {
      for (project, traces) in projects {
        let sql: SQL = """
          select \(unescaped: ObservationColumns.list("o")) from \(unescaped: Partitions.Place.observations(day).name) o
          where o.project_id = \(project) and o.trace_id = any(\(PostgresValue.uuids(traces)))
          """
        for row in try c.query(sql.named("ReadObservations"), { try ObservationColumns.read($0) }) {
          stored[TraceKey(project: row.facts.project, trace: row.facts.trace)]?.observations.append(row)
        }
      }
    }
    return keys.compactMap { stored[$0] }
  }
}

/// Names that results are told by.
struct ScanNames: Sendable {
  var teams: [TeamID: Team] = [:]
  var directory: CostDirectory
  var rules: [RuleID: String] = [:]

  init(_ organisation: OrganisationID, _ c: Connection) throws {
    directory = try CostDirectory.read([.team, .userGroup], organisation, c)
    teams = directory.teams
    try c.stream("select id, name from attribution_rules where organisation_id = \(organisation)") { row in
      rules[try row.id(0)] = try row.string(1)
    }
  }

  func place(_ decision: Decision, _ after: AttributionDirectory) -> ReattributedCall.Place {
    let rule = decision.rule.flatMap { id in rules[id] ?? after.rules.first { $0.id == id }?.name }
    return ReattributedCall.Place(
      team: decision.team.map { teams[$0]?.name ?? "team \($0)" }, endpoint: decision.endpoint,
      userGroup: decision.userGroup.map { directory.groups[$0] ?? "group \($0)" }, step: decision.ownerStep, rule: rule)
  }
}

/// As it goes.
struct ScanSums {
  private var total = AttributedSum()
  private var moved = AttributedSum()
  private var changed: Int64 = 0
  private var teams: [TeamID?: TeamMovement] = [:]
  private var examples: [(was: Observation, then: Observation)] = []
  private var months: [(month: TouchedMonthRange, sum: AttributedSum)]
  /// Calls that the draft gives its team.
  private(set) var owned = AttributedSum()

  init(months: [TouchedMonthRange]) { self.months = months.map { ($0, AttributedSum()) } }

  mutating func add(_ was: Observation, _ then: Observation) {
    total.add(was)
    teams[was.decision.team, default: TeamMovement()].before.add(was)
    teams[then.decision.team, default: TeamMovement()].after.add(then)
    if then.decision.rule == RuleID(0) { owned.add(then) }
    if was.decision.isAttributedLike(then.decision) { return }
    changed &+= 1
    let isMoved = was.decision.team != then.decision.team
    if isMoved {
      moved.add(then)
      for i in months.indices where months[i].month.range.contains(was.startedAt) { months[i].sum.add(then) }
    }
    // Calls that only change their endpoint leave room for those that change their team.
    let most = isMoved ? Reattributions.examplesMax : Reattributions.examplesMax / 2
    if examples.count < most { examples.append((was, then)) }
  }

  func result(_ names: ScanNames, _ after: AttributionDirectory) -> ReattributionDryRun {
    var result = ReattributionDryRun(covered: TimeRange(spanning: Timestamp(microseconds: 0), Timestamp(microseconds: 0)))
    (result.total, result.moved, result.changed, result.revision) = (total, moved, changed, after.revision)
    result.teams = teams.map { id, movement in
      var movement = movement
      movement.team = id.map { names.teams[$0] ?? Team(id: $0, name: "team \($0)", colour: 0) }
      return movement
    }.sorted { (Self.size($0), $1.team?.name ?? "") > (Self.size($1), $0.team?.name ?? "") }
    result.examples = examples.map { was, then in
      ReattributedCall(
        project: was.facts.project, projectSlug: names.directory.projects[was.facts.project]?.slug ?? "", trace: was.facts.trace,
        observation: was.facts.id, startedAt: was.startedAt, model: was.sentModel, cost: was.decision.cost.cost,
        before: names.place(was.decision, after), after: names.place(then.decision, after))
    }.sorted { ($0.startedAt, $0.observation.rawValue) < ($1.startedAt, $1.observation.rawValue) }
    result.closedMonths = months.filter { $0.sum.calls > 0 }.map { TouchedMonth(month: $0.month.name, calls: $0.sum.calls, cost: $0.sum.cost) }
    return result
  }

  private static func size(_ movement: TeamMovement) -> Int128 {
    let difference = (movement.after.cost ?? .zero).pico - (movement.before.cost ?? .zero).pico
    return difference < 0 ? -difference : difference
  }
}

/// A month with a closed statement.
struct TouchedMonthRange: Sendable, Hashable {
  var name: String
  var range: TimeRange

  /// Those that the range touches, in order.
  static func read(_ range: TimeRange, _ organisation: OrganisationID, _ c: Connection) throws -> [TouchedMonthRange] {
    let sql: SQL = """
      select name, first, after from (
        select to_char(month, 'YYYY-MM') as name, month::timestamp at time zone time_zone as first,
          (month + interval '1 month') at time zone time_zone as after
        from statements where organisation_id = \(organisation) and closed_at is not null) m
      where first < \(range.to) and after > \(range.from) order by first
      """
    return try c.query(sql) { row in
      TouchedMonthRange(name: try row.string(0), range: TimeRange(spanning: try row.timestamp(1), try row.timestamp(2)))
    }
  }
}
