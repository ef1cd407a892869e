import Domain
import Postgres

extension Score {
  private static let columns: SQL = """
    project_id, id, stamp, trace_id, observation_id, created_at, number, data_type, source, session_id, name, text,
    comment, metadata, environment
    """

  /// Scores of a trace and its observations, or of one observation, oldest first, up to 1000.
  static func ofTrace(
    _ project: ProjectID, _ trace: TraceID, observation: ObservationID? = nil, _ c: Connection
  ) throws -> [Score] {
    let isOfIt: SQL = observation.map { "observation_id = \($0)" } ?? "true"
    let sql: SQL = """
      select \(columns) from scores where project_id = \(project) and trace_id = \(trace) and \(isOfIt)
      order by created_at, id limit 1000
      """
    return try c.query(sql, Score.init(row:))
  }

  private init(row: Row) throws {
    self.init(
      project: try row.id(0), id: try row.string(1),
      stamp: Stamp(sortableBytes: try row.bytes(2)) ?? Stamp(time: 0, rank: 0, hash: 0), name: try row.string(10),
      dataType: DataType(code: try row.int16(7)) ?? .text, source: Source(code: try row.int16(8)) ?? .api,
      environment: try row.string(14), createdAt: try row.timestamp(5))
    trace = try row.uuidOrNil(3).map { TraceID(uuid: $0) }
    observation = try row.observationIDOrNil(4)
    number = try row.doubleOrNil(6)
    session = try row.stringOrNil(9)
    text = try row.stringOrNil(11)
    comment = try row.stringOrNil(12)
    metadata = try row.stringOrNil(13)
  }
}
