import Domain
import Postgres

/// The columns of `traces` in one order, as arrays for set-based statements.
enum TraceColumns {
  private struct Column {
    var name: String
    /// How the element is read out of `unnest`, where that is not the element itself.
    var cast = ""
    /// What an absent column means.
    var absent = "null"
    /// nil when no row has a value.
    var values: @Sendable ([TraceRow]) -> PostgresValue?
  }

  private static func some<T>(_ values: [T?], _ encode: ([T?]) -> PostgresValue) -> PostgresValue? {
    values.allSatisfy { $0 == nil } ? nil : encode(values)
  }

  static let keys = ["project_id", "trace_id"]

  private static let columns: [Column] =
    [
      Column(name: "project_id") { .int32s($0.map { $0.facts.project.rawValue }) },
      Column(name: "trace_id") { .uuids($0.map { $0.facts.id.uuid }) },
      Column(name: "started_at") { rows in
        .timestamps(rows.map { TraceRow.listedAt($0.facts, $0.summary, receivedAt: $0.receivedAt)?.microseconds })
      },
      Column(name: "first_started_at") { some($0.map { $0.summary.firstStartedAt?.microseconds }, PostgresValue.timestamps) },
      Column(name: "last_started_at") { some($0.map { $0.summary.lastStartedAt?.microseconds }, PostgresValue.timestamps) },
      Column(name: "last_ended_at") { some($0.map { $0.summary.lastEndedAt?.microseconds }, PostgresValue.timestamps) },
      Column(name: "sent_at") { some($0.map { $0.facts.timestamp?.microseconds }, PostgresValue.timestamps) },
      Column(name: "received_at") { .timestamps($0.map { $0.receivedAt.microseconds }) },
      Column(name: "duration_us") { some($0.map(durationMicroseconds), PostgresValue.int64s) },
      Column(name: "tokens") { .int64s($0.map { $0.summary.usage.totalTokens }) },
    ]
    + UsageBucket.allCases.map { bucket in
      Column(name: bucket.column) { rows in
        some(rows.map { $0.summary.usage[bucket] == 0 ? nil : $0.summary.usage[bucket] }, PostgresValue.int64s)
      }
    } + [
      Column(name: "observations") { .int32s($0.map { $0.summary.observations }) },
      Column(name: "calls") { .int32s($0.map { $0.summary.calls }) },
      Column(name: "errors") { .int32s($0.map { $0.summary.errors }) },
      Column(name: "unpriced") { .int32s($0.map { $0.summary.unpriced }) },
      Column(name: "costed") { .int32s($0.map { $0.summary.costed }) },
      Column(name: "is_public") { some($0.map { $0.facts.isPublic }, PostgresValue.bools) },
      Column(name: "cost_pico") { .numerics($0.map { $0.summary.cost }) },
      Column(name: "external_id") { some($0.map { $0.facts.externalID }, PostgresValue.texts) },
      Column(name: "name") { some($0.map { $0.facts.name }, PostgresValue.texts) },
      Column(name: "user_id") { some($0.map { $0.facts.user }, PostgresValue.texts) },
      Column(name: "session_id") { some($0.map { $0.facts.session }, PostgresValue.texts) },
      Column(name: "environment") { some($0.map { $0.facts.environment }, PostgresValue.texts) },
      Column(name: "release") { some($0.map { $0.facts.release }, PostgresValue.texts) },
      Column(name: "version") { some($0.map { $0.facts.version }, PostgresValue.texts) },
      Column(name: "server_route") { some($0.map { $0.facts.serverRoute }, PostgresValue.texts) },
      Column(name: "endpoint_hint") { some($0.map { $0.facts.endpointHint }, PostgresValue.texts) },
      // unnest would flatten arrays of arrays, so that each is passed as its text.
      Column(name: "tags", cast: "::text[]", absent: "'{}'") { rows in
        rows.allSatisfy(\.facts.tags.isEmpty) ? nil : .texts(rows.map { arrayLiteral($0.facts.tags) })
      },
      Column(name: "declared") { some($0.map { StoredValues.encode($0.facts.declared) }, PostgresValue.byteas) },
      Column(name: "stamps") { .byteas($0.map { $0.facts.stamps.bytes }) },
      Column(name: "settle_due_at") { some($0.map { $0.settleDueAt?.microseconds }, PostgresValue.timestamps) },
      Column(name: "omitted_on") { some($0.map { $0.omittedOn?.number }, PostgresValue.dates) },
      Column(name: "sampled_spans") { some($0.map { $0.omitted.sampled == 0 ? nil : $0.omitted.sampled }, PostgresValue.int32s) },
      Column(name: "noise_spans") { some($0.map { $0.omitted.noise == 0 ? nil : $0.omitted.noise }, PostgresValue.int32s) },
      Column(name: "parts") { some($0.map { StoredParts.encode($0.facts.parts, $0.facts.notes) }, PostgresValue.byteas) },
    ]

  private static func durationMicroseconds(_ row: TraceRow) -> Int64? {
    guard let start = row.summary.startedAt, let end = row.summary.lastEndedAt else { return nil }
    return max(0, end.since(start))
  }

  private static func arrayLiteral(_ texts: [String]) -> String {
    if texts.isEmpty { return "{}" }
    var literal = "{"
    for text in texts {
      literal += literal.utf8.count > 1 ? ",\"" : "\""
      for scalar in text.unicodeScalars {
        if scalar == "\"" || scalar == "\\" { literal.unicodeScalars.append("\\") }
        literal.unicodeScalars.append(scalar)
      }
      literal += "\""
    }
    return literal + "}"
  }

  /// The columns that some row has a value for, as arrays: half of them are empty in most groups, and PostgreSQL pays
  /// for each.
  private struct Unnested {
    var columns: [Column] = []
    var arrays: [PostgresValue] = []
    var absent: [Column] = []

    init(_ rows: [TraceRow]) {
      for column in TraceColumns.columns {
        if let values = column.values(rows) {
          columns.append(column)
          arrays.append(values)
        } else {
          absent.append(column)
        }
      }
    }

    var names: [String] { columns.map(\.name) }
    var elements: [String] { columns.map { "k.\($0.name)\($0.cast)" } }
    var relation: SQL {
      let arrays = arrays.map { SQL("") + "\($0)" }.joined(by: ", ")
      return "unnest(\(arrays)) as k(\(unescaped: names.joined(separator: ", ")))"
    }
  }

  /// Rows that another transaction made first are left alone and not returned. `rows` are in key order, the order of
  /// locks.
  static func insert(_ rows: [TraceRow]) -> SQL {
    let unnested = Unnested(rows)
    return """
      insert into traces (\(unescaped: unnested.names.joined(separator: ", ")))
      select \(unescaped: unnested.elements.joined(separator: ", ")) from \(unnested.relation)
      on conflict (project_id, trace_id) do nothing
      returning project_id, trace_id
      """
  }

  /// The caller holds the rows' locks.
  static func update(_ rows: [TraceRow]) -> SQL {
    let unnested = Unnested(rows)
    let names = unnested.names.dropFirst(keys.count) + unnested.absent.map(\.name)
    let values = unnested.elements.dropFirst(keys.count) + unnested.absent.map(\.absent)
    return """
      update traces t set (\(unescaped: names.joined(separator: ", ")))
      = row(\(unescaped: values.joined(separator: ", ")))
      from \(unnested.relation) where t.project_id = k.project_id and t.trace_id = k.trace_id
      """
  }

  /// Locks the rows that exist, in key order, and reads their context (`readContext`). `keys` are in that order. Without
  /// locking it only reads them.
  ///
  /// Lateral, so that each key is looked up by itself: as a join the plan made while the table was empty walked the
  /// whole index for every commit (16 µs a span at 50,000 spans, more with every trace).
  static func lock(_ keys: [TraceKey], isLocking: Bool = true) -> SQL {
    """
    select t.project_id, t.trace_id, t.received_at, t.first_started_at, t.last_started_at, t.sent_at, t.is_public,
      t.external_id, t.name, t.user_id, t.session_id, t.environment, t.release, t.version, t.server_route,
      t.endpoint_hint,
      t.tags, t.stamps, t.parts, t.observations, t.settle_due_at, t.declared, t.omitted_on,
      coalesce(t.sampled_spans, 0), coalesce(t.noise_spans, 0)
    from unnest(\(PostgresValue.int32s(keys.map { $0.project.rawValue })),
      \(PostgresValue.uuids(keys.map { $0.trace.uuid }))) as k(project_id, trace_id)
    cross join lateral (
      select * from traces where project_id = k.project_id and trace_id = k.trace_id \(unescaped: isLocking ? "for no key update" : "")
    ) t
    """
  }

  static func readContext(_ row: Row) throws -> StoredTrace {
    var facts = TraceFacts(project: try row.id(0), id: try row.traceID(1))
    facts.timestamp = try row.timestampOrNil(5)
    facts.isPublic = try row.boolOrNil(6)
    facts.externalID = try row.stringOrNil(7)
    facts.name = try row.stringOrNil(8)
    facts.user = try row.stringOrNil(9)
    facts.session = try row.stringOrNil(10)
    facts.environment = try row.stringOrNil(11)
    facts.release = try row.stringOrNil(12)
    facts.version = try row.stringOrNil(13)
    facts.serverRoute = try row.stringOrNil(14)
    facts.endpointHint = try row.stringOrNil(15)
    facts.tags = try row.strings(16)
    facts.stamps = TraceStamps(bytes: try row.bytes(17)) ?? TraceStamps()
    if let declared = try row.bytesOrNil(21) { facts.declared = StoredValues.decode(declared) }
    if let bytes = try row.bytesOrNil(18) { (facts.parts, facts.notes) = StoredParts.decodeAll(bytes) }
    var trace = StoredTrace(
      facts: facts, receivedAt: try row.timestamp(2), firstStartedAt: try row.timestampOrNil(3),
      lastStartedAt: try row.timestampOrNil(4), rowCount: try row.int32(19), settleDueAt: try row.timestampOrNil(20))
    trace.omittedOn = try row.dateDaysOrNil(22).map { UTCDay($0) }
    trace.omittedCounts = OmittedCounts(sampled: try row.int32(23), noise: try row.int32(24))
    return trace
  }

  /// What is summed over one trace's observations. The caller holds the row's lock.
  static func summary(of key: TraceKey) -> SQL {
    """
    select started_at, first_started_at, last_started_at, last_ended_at, observations, calls, errors, unpriced, costed,
      cost_pico, \(unescaped: MeasureColumns.usage.joined(separator: ", "))
    from traces where project_id = \(key.project) and trace_id = \(key.trace)
    """
  }

  static func readSummary(_ row: Row) throws -> TraceSummary {
    var summary = TraceSummary()
    summary.observations = try row.int32(4)
    // Without arrived rows it is the time of a message, not of an observation.
    summary.startedAt = summary.observations > 0 ? try row.timestampOrNil(0) : nil
    summary.firstStartedAt = try row.timestampOrNil(1)
    summary.lastStartedAt = try row.timestampOrNil(2)
    summary.lastEndedAt = try row.timestampOrNil(3)
    summary.calls = try row.int32(5)
    summary.errors = try row.int32(6)
    summary.unpriced = try row.int32(7)
    summary.costed = try row.int32(8)
    summary.cost = try row.numericInteger(9)
    for (i, bucket) in UsageBucket.allCases.enumerated() {
      if let count = try row.int64OrNil(10 + i) { summary.usage[bucket] = count }
    }
    return summary
  }
}

/// What the database knows of a trace: its context and, once read, its observations.
struct StoredTrace: Sendable {
  var facts: TraceFacts
  var receivedAt: Timestamp
  var firstStartedAt: Timestamp?
  var lastStartedAt: Timestamp?
  /// Arrived ones.
  var rowCount: Int32
  var settleDueAt: Timestamp?
  /// With those that are left out, which have no decisions.
  var observations: [Observation] = []
  /// Which of `observations` are no rows of the table.
  var omitted: [ObservationID: SpanOmission.Reason] = [:]
  var omittedOn: UTCDay?
  var omittedCounts = OmittedCounts()
  /// Set when only a part of the rows was read.
  var summary: TraceSummary?
}
