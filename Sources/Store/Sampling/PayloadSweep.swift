import Domain
import Postgres

/// Decides about held blocks: those of ten minutes a quarter of an hour after they end, by what their traces have by then. What is kept
/// moves to its own class under its own id; then the partition is dropped. Any number of processes may run it.
public struct PayloadSweep: Sendable {
  private let pool: ConnectionPool
  private let partitions: Partitions
  private let tracesAtOnce: Int

  public init(pool: ConnectionPool, partitions: Partitions, tracesAtOnce: Int = 500) {
    self.pool = pool
    self.partitions = partitions
    self.tracesAtOnce = tracesAtOnce
  }

  /// Sweeps all that is due; how many partitions were dropped. One that a long read holds is left for the next run.
  public func sweepDue(now: Timestamp) async throws -> Int {
    var dropped = 0
    for slot in try await due(now: now) {
      var after: TraceKey?
      while let next = try await sweep(slot, after: after) {
        if next.isEnd {
          if try await drop(slot) { dropped += 1 }
          break
        }
        after = next.last
      }
    }
    return dropped
  }

  private func due(now: Timestamp) async throws -> [HoldingSlot] {
    let names = try await pool.run { c in
      try c.query(
        """
        select (extract(epoch from to_timestamp(right(c.relname, 12), 'YYYYMMDDHH24MI')::timestamp) * 1000)::bigint
        from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'payloads_0'::regclass and c.relname ~ '^payloads_0_[0-9]{12}$' order by 1
        """
      ) { try $0.int64(0) }
    }
    let slots = names.map { HoldingSlot($0 / HoldingSlot.milliseconds) }
    return slots.filter { $0.next.start.adding(seconds: HoldingSlot.restSeconds) <= now }
  }

  private struct Step: Sendable {
    var last: TraceKey?
    var isEnd: Bool
  }

  /// A batch of traces; nil when another process is at work.
  private func sweep(_ slot: HoldingSlot, after: TraceKey?) async throws -> Step? {
    let held = try await pool.run { [tracesAtOnce] c in try HeldTrace.read(slot, after: after, limit: tracesAtOnce, c) }
    guard !held.isEmpty else { return Step(last: nil, isEnd: true) }
    // Their own partitions, should they have waited for long.
    var places: Set<Partitions.Place> = []
    for block in held.flatMap(\.blocks) { places.insert(.payloads(block.id.retention, UTCDay(block.id.writtenOn))) }
    try await partitions.ensure(places)
    return try await pool.transaction(attempts: 3) { [tracesAtOnce] c in
      guard try AdvisoryLock.tryTake(AdvisoryLock.sampling, c) else { return nil }
      // What another process has done since is gone.
      let held = try HeldTrace.read(slot, after: after, limit: tracesAtOnce, c)
      try c.looksUpByKey()
      try SweepBatch(slot: slot, held: held).run(c)
      return held.last.map { Step(last: $0.key, isEnd: false) } ?? Step(last: nil, isEnd: true)
    }
  }

  private func drop(_ slot: HoldingSlot) async throws -> Bool {
    do {
      return try await pool.transaction { c in
        // Whoever writes or reads must never wait long behind this.
        try c.executeScript("set local lock_timeout = '300ms'")
        let left = try c.first("select exists (select from \(unescaped: "payloads_0_\(slot.compact)"))") { try $0.bool(0) } ?? true
        if left { return false }
        for parent in ["payloads_0", "payload_signatures_0"] {
          try c.executeScript("drop table if exists \(SQL.quoted(identifier: "\(parent)_\(slot.compact)"))")
        }
        return true
      }
    } catch let error as DatabaseError where error.sqlState == "55P03" || error.sqlState == "42P01" {
      return false
    }
  }
}

/// A trace with blocks in a holding partition.
struct HeldTrace: Sendable {
  struct Block: Sendable {
    var id: BlockID
    var bytes: Int64
  }
  var key: TraceKey
  var blocks: [Block]

  /// In order of key.
  static func read(_ slot: HoldingSlot, after: TraceKey?, limit: Int, _ c: Connection) throws -> [HeldTrace] {
    let behind: SQL = after.map { "where (project_id, trace_id) > (\($0.project), \($0.trace))" } ?? ""
    let sql: SQL = """
      select project_id, trace_id, array_agg(block_id), array_agg(octet_length(data)::bigint)
      from \(unescaped: "payloads_0_\(slot.compact)") \(behind) group by 1, 2 order by 1, 2 limit \(limit)
      """
    do {
      return try c.query(sql.named("HeldTraces").uncached()) { row in
        let blocks = zip(try row.int64s(2), try row.int64s(3)).map { Block(id: BlockID(rawValue: $0), bytes: $1) }
        return HeldTrace(key: TraceKey(project: try row.id(0), trace: try row.traceID(1)), blocks: blocks)
      }
    } catch let error as DatabaseError where error.sqlState == "42P01" {
      return []
    }
  }
}

/// Decides and moves one batch, in one transaction.
struct SweepBatch {
  let slot: HoldingSlot
  let held: [HeldTrace]

  private struct Outcome: Hashable {
    var project: ProjectID
    var environment: String
    var rule: SweepRule
    var settings: Int32
  }

  func run(_ c: Connection) throws {
    let settings = try SettingsInForce.readAll(Array(Set(held.map(\.key.project))), c)
    let keys = held.map(\.key)
    let evidence = try c.samplingEvidence(of: keys, asksForScores: settings.values.contains(where: \.asksForScores))
    let shown = try shownBlocks(c)
    var kept: [(key: TraceKey, block: BlockID)] = []
    var outcomes: [Outcome: (traces: Int32, blocks: Int32, bytes: Int64)] = [:]
    for trace in held {
      let sampling = settings[trace.key.project]
      let known = evidence[trace.key] ?? SamplingEvidence(trace: trace.key.trace, environments: [])
      // Settings that were taken back since keep all.
      let reason = sampling.map { $0.reason(.payloads, known) } ?? .share
      let environment = sampling?.deciding(.payloads, known.environments) ?? SamplingEvidence.standardEnvironment
      var met: Set<SweepRule> = []
      for block in trace.blocks {
        let isShown = !block.id.isOfOmittedSpans || shown.contains(ShownBlock(key: trace.key, block: block.id))
        let rule = reason == nil ? .dropped : isShown ? SweepRule(reason ?? .share) : .omitted
        if reason != nil, isShown { kept.append((trace.key, block.id)) }
        let outcome = Outcome(
          project: trace.key.project, environment: environment, rule: rule, settings: sampling?.policy(of: environment).version ?? 0)
        var sums = outcomes[outcome] ?? (0, 0, 0)
        if met.insert(rule).inserted { sums.traces &+= 1 }
        outcomes[outcome] = (sums.traces, sums.blocks &+ 1, sums.bytes &+ block.bytes)
      }
    }
    try move(kept, c)
    try count(outcomes, c)
  }

  private struct ShownBlock: Hashable {
    var key: TraceKey
    var block: BlockID
  }

  /// Which blocks of omitted spans hold bodies of rows that are shown after all.
  private func shownBlocks(_ c: Connection) throws -> Set<ShownBlock> {
    let asked = held.filter { $0.blocks.contains(where: \.id.isOfOmittedSpans) }
    if asked.isEmpty { return [] }
    let sql: SQL = """
      select k.project_id, k.trace_id, o.parts
      from unnest(\(PostgresValue.int32s(asked.map { $0.key.project.rawValue })), \(PostgresValue.uuids(asked.map { $0.key.trace.uuid })))
        as k(project_id, trace_id)
      join traces t on t.project_id = k.project_id and t.trace_id = k.trace_id
      join observations o on o.project_id = k.project_id and o.trace_id = k.trace_id
        and o.started_at >= t.first_started_at and o.started_at <= t.last_started_at
      where o.parts is not null
      """
    var shown: Set<ShownBlock> = []
    try c.stream(sql.named("ShownBlocks").uncached()) { row in
      let key = TraceKey(project: try row.id(0), trace: try row.traceID(1))
      for part in StoredParts.decode(try row.bytes(2)) { shown.insert(ShownBlock(key: key, block: BlockID(rawValue: part.block))) }
    }
    return shown
  }

  /// Takes all blocks of the batch away and writes the kept ones where their ids say.
  private func move(_ kept: [(key: TraceKey, block: BlockID)], _ c: Connection) throws {
    let classOf = "(array[7, 30, 90, 400])[((block_id >> 14) & 3)::integer + 1]::smallint"
    let projects = PostgresValue.int32s(kept.map { $0.key.project.rawValue }), traces = PostgresValue.uuids(kept.map { $0.key.trace.uuid })
    let blocks = PostgresValue.int64s(kept.map(\.block.rawValue))
    func statement(_ parent: String, _ columns: String, _ values: String) -> SQL {
      """
      with taken as (
        delete from \(unescaped: "\(parent)_0_\(slot.compact)") p
        using unnest(\(PostgresValue.int32s(held.map { $0.key.project.rawValue })), \(PostgresValue.uuids(held.map { $0.key.trace.uuid })))
          as k(project_id, trace_id)
        where p.project_id = k.project_id and p.trace_id = k.trace_id
        returning p.*
      ), moved as (
        insert into \(unescaped: parent) (\(unescaped: columns))
        select \(unescaped: values) from taken
        where (project_id, trace_id, block_id) in (select * from unnest(\(projects), \(traces), \(blocks)))
      )
      select 1 from taken limit 1
      """
    }
    let payloads = "project_id, trace_id, block_id, written_on, retention_days, data"
    let signatures =
      "block_id, trace_id, first_started_at, last_started_at, project_id, inflated_bytes, written_on, retention_days, continues, signature"
    func values(_ columns: String) -> String {
      columns.split(separator: ", ").map { $0 == "retention_days" ? classOf : String($0) }.joined(separator: ", ")
    }
    try c.execute(statement("payloads", payloads, values(payloads)).named("MoveBlocks").uncached())
    try c.execute(statement("payload_signatures", signatures, values(signatures)).named("MoveSignatures").uncached())
  }

  private func count(_ outcomes: [Outcome: (traces: Int32, blocks: Int32, bytes: Int64)], _ c: Connection) throws {
    for (outcome, sums) in outcomes {
      try c.execute(
        """
        insert into sampling_sweeps as s (project_id, slot, environment, rule, settings_id, traces, blocks, bytes)
        values (\(outcome.project), \(slot.start), \(outcome.environment), \(outcome.rule.rawValue), \(outcome.settings),
          \(sums.traces), \(sums.blocks), \(sums.bytes))
        on conflict (project_id, slot, environment, rule, settings_id) do update
        set traces = s.traces + excluded.traces, blocks = s.blocks + excluded.blocks, bytes = s.bytes + excluded.bytes
        """)
    }
  }
}

/// Column `rule` of `sampling_sweeps`.
enum SweepRule: Int16, CaseIterable {
  case dropped = 0
  case share, error, cost, duration, user, tag, endpoint, score
  /// Dropped with the span that was left out.
  case omitted

  init(_ reason: KeepReason) {
    self = Self(rawValue: Int16(KeepReason.allCases.firstIndex(of: reason) ?? 0) + 1) ?? .share
  }

  /// nil for what was dropped.
  var reason: KeepReason? {
    let place = Int(rawValue) - 1
    return KeepReason.allCases.indices.contains(place) ? KeepReason.allCases[place] : nil
  }
}
