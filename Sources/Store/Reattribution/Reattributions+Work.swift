import Domain
import Postgres

extension Reattributions {
  /// Time looked through at once.
  static let windowMicroseconds: Int64 = 3_600_000_000
  /// Windows of one call of `work`.
  private static let windowsAtOnce = 24

  /// Does a part of the oldest run that is not finished: up to a day of it. Call it again while it says `workedOn`.
  ///
  /// *Errors:* `StaleDecision` (rules have changed meanwhile: go on), `DatabaseError`. Nothing is lost by either.
  public func work() async throws -> ReattributionStep {
    let sql: SQL = "\(Reattribution.select) where finished_at is null order by id limit 1"
    guard var run = try await pool.run({ c in try c.first(sql, Reattribution.init(row:)) }) else { return .nothingToDo }
    let directory = try await directory(of: run.organisation).directory
    do {
      if directory.revision != run.revision { run = try await retarget(run, directory.revision) }
      for _ in 0..<Self.windowsAtOnce {
        if run.doneBefore >= run.range.to { return try await finish(run) }
        run.doneBefore = try await advance(run, directory)
      }
      return .workedOn(run.id)
    } catch is ReattributionElsewhere {
      return .elsewhere(run.id)
    } catch is ReattributionEnded {
      return .workedOn(run.id)
    }
  }

  /// Works until nothing is left to do; for tests and the command line.
  public func workToEnd() async throws {
    while true {
      do {
        switch try await work() {
        case .workedOn: continue
        case .elsewhere: try await Task.sleep(for: .milliseconds(200))
        case .finished, .nothingToDo: return
        }
      } catch is StaleDecision {
        continue
      }
    }
  }

  /// Rules have changed while it ran: everything is looked through once more by the new ones. What was decided by older ones is
  /// committed by now, because changing them waits for that.
  private func retarget(_ run: Reattribution, _ revision: Int32) async throws -> Reattribution {
    try await pool.transaction { c in
      let sql: SQL = """
        update reattributions set revision = \(revision), done_before = from_time, traces_done = 0, rows_done = 0
        where id = \(run.id) and finished_at is null and revision < \(revision)
        """
      guard try c.execute(sql) > 0 else { throw ReattributionEnded() }
      try Reattribution.audit(run.id, run.organisation, run.createdBy, "re-attribution follows new rules", c)
      return try c.first("\(Reattribution.select) where id = \(run.id)", Reattribution.init(row:)) ?? run
    }
  }

  /// Does what starts in the next window; where the run stands then.
  private func advance(_ run: Reattribution, _ directory: AttributionDirectory) async throws -> Timestamp {
    let window = Self.window(from: run.doneBefore, to: run.range.to)
    let found = try await pool.transaction(Repricings.reading) { c in try WindowTraces.read(window, run.organisation, c) }
    let reattribution = TraceReattribution(range: run.range, directory: directory)
    for (project, traces) in found.traces.sorted(by: { $0.key < $1.key }) {
      for start in stride(from: 0, to: traces.count, by: tracesAtOnce) {
        try Task.checkCancellation()
        let part = Array(traces[start..<min(start + tracesAtOnce, traces.count)])
        try await door.reattribute(part, in: project, reattribution, countedFor: run.id)
      }
    }
    let next = found.traces.isEmpty ? try await nextDay(run, after: window) ?? run.range.to : window.to
    try await pass(run, to: next, found)
    return next
  }

  static func window(from start: Timestamp, to end: Timestamp) -> TimeRange {
    let hour = UTCDay.floored(start.microseconds, by: windowMicroseconds)
    return TimeRange(spanning: start, min(Timestamp(microseconds: hour &+ windowMicroseconds), end))
  }

  /// Where the search goes on after an empty window: its end, or the next day that has rows at all.
  private func nextDay(_ run: Reattribution, after window: TimeRange) async throws -> Timestamp? {
    let days = try await pool.run { c in try Repricings.observationDays(c) }
    let day = UTCDay(window.to)
    if days.contains(day) { return window.to }
    guard let next = days.filter({ $0 > day }).min() else { return nil }
    return min(next.start, run.range.to)
  }

  /// With the progress that it stands for: whoever does a window again after a crash counts it once.
  private func pass(_ run: Reattribution, to time: Timestamp, _ found: WindowTraces) async throws {
    try await pool.transaction { c in
      let sql: SQL = """
        update reattributions set done_before = \(time), traces_done = traces_done + \(found.count), rows_done = rows_done + \(found.calls)
        where id = \(run.id) and finished_at is null and revision = \(run.revision) and done_before = \(run.doneBefore)
        """
      if try c.execute(sql) == 0 { throw ReattributionEnded() }
    }
  }

  private func finish(_ run: Reattribution) async throws -> ReattributionStep {
    try await pool.transaction { c in
      let sql: SQL = """
        update reattributions set finished_at = now() where id = \(run.id) and finished_at is null and revision = \(run.revision)
        """
      guard try c.execute(sql) > 0 else { return .workedOn(run.id) }
      try Reattribution.audit(run.id, run.organisation, run.createdBy, "re-attribution finished", c)
      return .finished(run.id)
    }
  }
}

/// Traces with rows that start in a window and are not frozen.
struct WindowTraces: Sendable {
  /// In key order.
  var traces: [ProjectID: [TraceID]] = [:]
  /// In all.
  var count: Int64 = 0
  var calls: Int64 = 0

  static func read(_ window: TimeRange, _ organisation: OrganisationID, callsOnly: Bool = false, _ c: Connection) throws -> WindowTraces {
    let projects: [ProjectID] = try c.query("select id from projects where organisation_id = \(organisation) order by id") { try $0.id(0) }
    let sql: SQL = """
      select o.project_id, o.trace_id, count(*) filter (where o.is_call)
      from observations o join projects p on p.id = o.project_id
      where o.project_id = any(\(projects)) and o.started_at >= \(window.from) and o.started_at < \(window.to)
        and o.started_at >= p.frozen_before and o.is_arrived and (o.is_call or not \(callsOnly))
      group by 1, 2 order by 1, 2
      """
    var found = WindowTraces()
    try c.stream(sql.named("WindowTraces").uncached()) { row in
      found.traces[try row.id(0), default: []].append(try row.traceID(1))
      found.count += 1
      found.calls += try row.int64(2)
    }
    return found
  }
}
