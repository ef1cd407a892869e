import Domain
import Postgres

/// What one transaction of a run did, counted with it.
struct RepricingProgress {
  private var traces = 0
  private var rows: Int64 = 0
  private var changed: Int64 = 0
  private var before: Int128 = 0
  private var after: Int128 = 0

  init(_ changes: [TraceChange]) {
    traces = changes.count
    for change in changes {
      let old = Dictionary(change.replaced.map { ($0.facts.id, $0.decision.cost) }, uniquingKeysWith: { a, _ in a })
      for row in change.written {
        rows &+= 1
        guard let was = old[row.facts.id], was.status != row.decision.cost.status || was.cost != row.decision.cost.cost
        else { continue }
        changed &+= 1
        before &+= was.cost?.pico ?? 0
        after &+= row.decision.cost.cost?.pico ?? 0
      }
    }
  }

  /// Makes the transaction the only one that works on the run. *Errors:* `RepricingElsewhere`.
  static func take(_ run: RepricingID, _ c: Connection) throws {
    let sql: SQL = "select pg_try_advisory_xact_lock(\(lockClass), \(run))"
    if try c.first(sql, { try $0.bool(0) }) != true { throw RepricingElsewhere() }
  }

  /// *Errors:* `RepricingEnded`: nothing of the transaction is committed.
  func add(to run: RepricingID, _ c: Connection) throws {
    let sql: SQL = """
      update repricings set traces_done = traces_done + \(Int64(traces)), rows_done = rows_done + \(rows),
        rows_changed = rows_changed + \(changed), cost_pico_before = cost_pico_before + \(before),
        cost_pico_after = cost_pico_after + \(after)
      where id = \(run) and finished_at is null
      """
    if try c.execute(sql) == 0 { throw RepricingEnded() }
  }

  private static let lockClass: Int32 = 1_903_521_907
}

/// Another process is at work on the run at this moment.
struct RepricingElsewhere: Error {}

/// The run was stopped, or finished by another process.
struct RepricingEnded: Error {}
