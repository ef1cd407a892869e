import Domain
import Postgres

/// Charges by day, dimensions and unit prices, summed in the background from observations. The fold marks the days it
/// touches (`charge_days_to_sum`); calls that arrive pay nothing else for them. Marked days are read from observations
/// (`ChargeRelation`).
public struct ChargeSums: Sendable {
  private let pool: ConnectionPool

  public init(pool: ConnectionPool) { self.pool = pool }

  /// Sums one past day that was last marked at least `restSeconds` ago, in a transaction of its own beside which folding
  /// and writing go on. False when there is none, or another process is at it.
  public func sumNext(restSeconds: Int = 120, waits: Bool = false) async throws -> Bool {
    try await pool.transaction(TransactionOptions(statementTimeoutMilliseconds: 0), attempts: 3) { connection in
      guard try AdvisoryLock.take(AdvisoryLock.charges, waits: waits, connection) else { return false }
      let sql: SQL = """
        \(Self.marked) where t.day < (now() at time zone coalesce(g.time_zone, 'UTC'))::date
          and t.marked_at <= now() - make_interval(secs => \(Double(restSeconds)))
        order by t.day desc, t.project_id limit 1
        """
      guard let day = try connection.first(sql.named("NextChargesToSum"), Marked.init(row:)) else { return false }
      try Self.sum(day, connection)
      return true
    }
  }

  /// Sums the marked days of a range, for a close; afterwards `charges_day` alone holds all its charges.
  ///
  /// The caller's transaction is repeatable read, holds the fold's lock, and has folded what there was: what is committed
  /// later is folded later, and marks its day again. A sum that ends meanwhile is a serialization failure; run it again.
  /// *Units:* days since 1970-01-01, `dayTo` is the first after. Returns how many were summed.
  @discardableResult
  static func sum(
    projects: [ProjectID], from dayFrom: Int32, to dayTo: Int32, on connection: Connection
  ) throws -> Int {
    try connection.execute("select pg_advisory_xact_lock(\(AdvisoryLock.charges))")
    let days = try connection.query(
      """
      \(marked) where t.project_id = any(\(projects))
        and t.day >= \(PostgresValue.date(dayFrom)) and t.day < \(PostgresValue.date(dayTo)) order by t.project_id, t.day
      """, Marked.init(row:))
    for day in days { try sum(day, connection) }
    return days.count
  }

  private struct Marked: Sendable {
    var project: ProjectID
    var day: PostgresValue
    var zone: String
    /// Marks when it was looked at.
    var marks: Int64

    init(row: Row) throws {
      project = try row.id(0)
      day = .date(try row.dateDays(1))
      zone = try row.string(2)
      marks = try row.int64(3)
    }
  }

  private static let marked: SQL = """
    select t.project_id, t.day, coalesce(g.time_zone, 'UTC'), t.marks from charge_days_to_sum t
    left join projects p on p.id = t.project_id left join organisations g on g.id = p.organisation_id
    """

  /// What is committed after the sum's snapshot is folded after it, and marks the day once more: then the mark stays, and
  /// with it the day is read from observations.
  private static func sum(_ marked: Marked, _ connection: Connection) throws {
    try connection.execute("delete from charges_day where project_id = \(marked.project) and day = \(marked.day)")
    let sql: SQL = """
      with day as (select \(marked.day)::date as day, \(marked.zone)::text as zone), charges as materialized (
        select \(unescaped: ChargeColumns.digest("d")) as digest, d.*
        from day cross join lateral (\(unescaped: charges(of: marked.project))) d
      ), known as (
        select s.digest, s.id from dimension_sets s join (select distinct digest from charges) c on c.digest = s.digest
      ), made as (
        insert into dimension_sets (digest, \(unescaped: dimensions))
        select distinct c.digest, \(unescaped: ChargeColumns.dimensions.map { "c.\($0)" }.joined(separator: ", ")) from charges c
        where not exists (select from known k where k.digest = c.digest) order by 1
        returning digest, id
      )
      insert into charges_day (project_id, day, set_id, rate_id, \(unescaped: measures))
      select \(marked.project)::integer, day.day, s.id, c.rate_id, \(unescaped: ChargeColumns.measures.map { "c.\($0)" }.joined(separator: ", "))
      from day cross join charges c join (select * from known union all select * from made) s on s.digest = c.digest
      """
    try ChargeRelation.preferHashing(connection)
    // Planned with the day at hand: only then the planner leaves out partitions.
    try connection.execute(sql.named("SumCharges").uncached())
    try connection.execute(
      """
      delete from charge_days_to_sum
      where project_id = \(marked.project) and day = \(marked.day) and marks = \(marked.marks)
      """)
  }

  private static func charges(of project: ProjectID) -> String {
    ChargeColumns.ofDay(project: String(project.rawValue), day: "day.day", zone: "day.zone")
  }
  private static let dimensions = ChargeColumns.dimensions.joined(separator: ", ")
  private static let measures = ChargeColumns.measures.joined(separator: ", ")
}
