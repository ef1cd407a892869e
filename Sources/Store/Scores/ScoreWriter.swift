import Domain
import Postgres

/// Writes scores: of several messages about one id the latest stamp stays, whatever the order of arrival.
enum ScoreWriter {
  static func write(_ scores: [Score], on connection: Connection) throws {
    if scores.isEmpty { return }
    // In key order, so that two groups never wait for each other; one row an id, as ON CONFLICT demands.
    var latest: [[UInt8]: Score] = [:]
    for score in scores {
      // By bytes: Swift takes texts of different normal forms for equal, the database does not.
      let key = Array(String(score.project.rawValue).utf8) + [0] + Array(score.id.utf8)
      if let known = latest[key], known.stamp >= score.stamp { continue }
      latest[key] = score
    }
    let rows = latest.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
    try connection.execute(statement(rows).named("ScoreWriter"))
  }

  private static func statement(_ rows: [Score]) -> SQL {
    """
    insert into scores (project_id, id, stamp, trace_id, observation_id, created_at, number, data_type,
      source, session_id,
      name, text, comment, metadata, environment)
    select * from unnest(
      \(PostgresValue.int32s(rows.map { $0.project.rawValue })), \(PostgresValue.texts(rows.map { $0.id })),
      \(PostgresValue.byteas(rows.map { $0.stamp.sortableBytes })), \(PostgresValue.uuids(rows.map { $0.trace?.uuid })),
      \(PostgresValue.int64s(rows.map { $0.observation?.signed })),
      \(PostgresValue.timestamps(rows.map { $0.createdAt.microseconds })),
      \(PostgresValue.doubles(rows.map { $0.number })),
      \(PostgresValue.int16s(rows.map { $0.dataType.code })), \(PostgresValue.int16s(rows.map { $0.source.code })),
      \(PostgresValue.texts(rows.map { $0.session })), \(PostgresValue.texts(rows.map { $0.name })),
      \(PostgresValue.texts(rows.map { $0.text })), \(PostgresValue.texts(rows.map { $0.comment })),
      \(PostgresValue.texts(rows.map { $0.metadata })), \(PostgresValue.texts(rows.map { $0.environment })))
    on conflict (project_id, id) do update set (stamp, trace_id, observation_id, created_at, number, data_type, source,
      session_id, name, text, comment, metadata, environment) = row(excluded.stamp,
        excluded.trace_id, excluded.observation_id,
      excluded.created_at, excluded.number, excluded.data_type, excluded.source, excluded.session_id, excluded.name,
      excluded.text, excluded.comment, excluded.metadata, excluded.environment)
    where scores.stamp < excluded.stamp
    """
  }
}

extension Stamp {
  /// 17 bytes whose order is the stamp's.
  var sortableBytes: [UInt8] {
    bigEndian(UInt64(bitPattern: time) ^ 1 << 63) + [rank] + bigEndian(hash)
  }

  /// From `sortableBytes`; nil for another length.
  init?(sortableBytes bytes: [UInt8]) {
    guard bytes.count == 17 else { return nil }
    func number(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
    self.init(time: Int64(bitPattern: number(0..<8) ^ 1 << 63), rank: bytes[8], hash: number(9..<17))
  }

  private func bigEndian(_ value: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * UInt64($0))) }
  }
}
