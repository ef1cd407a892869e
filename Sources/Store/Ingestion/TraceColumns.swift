import Domain
import Postgres

/// The columns of `traces` in one order, as arrays for set-based statements.
enum TraceColumns {
  private struct Column {
    var name: String
    /// How the element is read out of `unnest`, where that is not the element itself.
    var cast = ""
    var values: @Sendable ([TraceRow]) -> PostgresValue
  }

  static let keys = ["project_id", "trace_id"]

  private static let columns: [Column] =
    [
      Column(name: "project_id") { .int32s($0.map { $0.facts.project.rawValue }) },
      Column(name: "trace_id") { .uuids($0.map { $0.facts.id.uuid }) },
      Column(name: "started_at") { rows in
        .timestamps(rows.map { TraceRow.listedAt($0.facts, $0.summary, receivedAt: $0.receivedAt)?.microseconds })
      },
      Column(name: "first_started_at") { .timestamps($0.map { $0.summary.firstStartedAt?.microseconds }) },
      Column(name: "last_started_at") { .timestamps($0.map { $0.summary.lastStartedAt?.microseconds }) },
      Column(name: "last_ended_at") { .timestamps($0.map { $0.summary.lastEndedAt?.microseconds }) },
      Column(name: "sent_at") { .timestamps($0.map { $0.facts.timestamp?.microseconds }) },
      Column(name: "received_at") { .timestamps($0.map { $0.receivedAt.microseconds }) },
      Column(name: "duration_us") { .int64s($0.map(durationMicroseconds)) },
      Column(name: "tokens") { .int64s($0.map { $0.summary.usage.totalTokens }) },
    ]
    + UsageBucket.allCases.map { bucket in
      Column(name: bucket.column) { rows in
        .int64s(rows.map { $0.summary.usage[bucket] == 0 ? nil : $0.summary.usage[bucket] })
      }
    } + [
      Column(name: "observations") { .int32s($0.map { $0.summary.observations }) },
      Column(name: "calls") { .int32s($0.map { $0.summary.calls }) },
      Column(name: "errors") { .int32s($0.map { $0.summary.errors }) },
      Column(name: "unpriced") { .int32s($0.map { $0.summary.unpriced }) },
      Column(name: "costed") { .int32s($0.map { $0.summary.costed }) },
      Column(name: "is_public") { .bools($0.map { $0.facts.isPublic }) },
      Column(name: "cost_pico") { .numerics($0.map { $0.summary.cost }) },
      Column(name: "external_id") { .texts($0.map { $0.facts.externalID }) },
      Column(name: "name") { .texts($0.map { $0.facts.name }) },
      Column(name: "user_id") { .texts($0.map { $0.facts.user }) },
      Column(name: "session_id") { .texts($0.map { $0.facts.session }) },
      Column(name: "environment") { .texts($0.map { $0.facts.environment }) },
      Column(name: "release") { .texts($0.map { $0.facts.release }) },
      Column(name: "version") { .texts($0.map { $0.facts.version }) },
      Column(name: "server_route") { .texts($0.map { $0.facts.serverRoute }) },
      Column(name: "endpoint_hint") { .texts($0.map { $0.facts.endpointHint }) },
      // unnest would flatten arrays of arrays, so that each is passed as its text.
      Column(name: "tags", cast: "::text[]") { .texts($0.map { arrayLiteral($0.facts.tags) }) },
      Column(name: "stamps") { .byteas($0.map { $0.facts.stamps.bytes }) },
      Column(name: "parts") { .byteas($0.map { $0.facts.parts.isEmpty ? nil : StoredParts.encode($0.facts.parts) }) },
    ]

  static let names = columns.map(\.name)

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

  private static func unnested(_ rows: [TraceRow]) -> SQL {
    let arrays = columns.map { column in SQL("") + "\(column.values(rows))" }.joined(by: ", ")
    return "unnest(\(arrays)) as k(\(unescaped: names.joined(separator: ", ")))"
  }

  private static let fromUnnest = columns.map { "k.\($0.name)\($0.cast)" }

  /// Rows that another transaction made first are left alone and not returned; rows are locked in key order.
  static func insert(_ rows: [TraceRow]) -> SQL {
    """
    insert into traces (\(unescaped: names.joined(separator: ", ")))
    select \(unescaped: fromUnnest.joined(separator: ", ")) from \(unnested(rows))
    order by k.project_id, k.trace_id
    on conflict (project_id, trace_id) do nothing
    returning project_id, trace_id
    """
  }

  /// The caller holds the rows' locks.
  static func update(_ rows: [TraceRow]) -> SQL {
    """
    update traces t set (\(unescaped: names.dropFirst(2).joined(separator: ", ")))
    = row(\(unescaped: fromUnnest.dropFirst(2).joined(separator: ", ")))
    from \(unnested(rows)) where t.project_id = k.project_id and t.trace_id = k.trace_id
    """
  }

  /// Locks the rows that exist, in key order, and reads their context (`readContext`). `keys` are in that order.
  ///
  /// Lateral, so that each key is looked up by itself: as a join the plan made while the table was empty walked the
  /// whole index for every commit (16 µs a span at 50,000 spans, more with every trace).
  static func lock(_ keys: [TraceKey]) -> SQL {
    """
    select t.project_id, t.trace_id, t.received_at, t.first_started_at, t.last_started_at, t.sent_at, t.is_public,
      t.external_id, t.name, t.user_id, t.session_id, t.environment, t.release, t.version, t.server_route,
      t.endpoint_hint,
      t.tags, t.stamps, t.parts
    from unnest(\(PostgresValue.int32s(keys.map { $0.project.rawValue })),
      \(PostgresValue.uuids(keys.map { $0.trace.uuid }))) as k(project_id, trace_id)
    cross join lateral (
      select * from traces where project_id = k.project_id and trace_id = k.trace_id for no key update
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
    facts.parts = try row.bytesOrNil(18).map { StoredParts.decode($0) } ?? []
    return StoredTrace(
      facts: facts, receivedAt: try row.timestamp(2), firstStartedAt: try row.timestampOrNil(3),
      lastStartedAt: try row.timestampOrNil(4))
  }
}

/// What the database knows of a trace: its context and, once read, its observations.
struct StoredTrace: Sendable {
  var facts: TraceFacts
  var receivedAt: Timestamp
  var firstStartedAt: Timestamp?
  var lastStartedAt: Timestamp?
  var observations: [Observation] = []
}
