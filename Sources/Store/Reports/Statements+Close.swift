import Domain
import Postgres

extension Statements {
  /// Freezes a month, with the corrections of earlier ones, in one transaction; folding waits meanwhile, calls go on arriving.
  ///
  /// *Errors:* `StatementRefusal` (not over and waited for, closed already, not the next in order, a re-pricing or re-attribution at
  /// work on it, not all of the money in reach), `DatabaseError`.
  @discardableResult
  public func close(
    _ month: String, comment: String, by actor: String, scope: AccessScope, organisation: Organisation
  ) async throws -> Statement {
    guard scope.seesAllMoney, scope.organisation == organisation.id else {
      throw StatementRefusal(message: "A close books the money of the whole organisation, and not all of it is in reach.")
    }
    guard let wanted = CalendarMonth(month) else { throw StatementRefusal(message: "Accepted: a month such as 2026-10.") }
    guard comment.utf8.count <= 2000, comment.isStorable else {
      throw StatementRefusal(message: "Accepted as comment: at most 2000 bytes of text.")
    }
    let now = now()
    return try await pool.transaction(TransactionOptions(statementTimeoutMilliseconds: 0), attempts: 3) { c in
      let close = StatementClose(connection: c, organisation: organisation, scope: scope, month: wanted, now: now)
      return try close.run(comment: comment, actor: actor)
    }
  }
}

/// One close, in a transaction of its own (read committed: what follows a lock sees what was committed before it was got).
struct StatementClose {
  let connection: Connection
  let organisation: Organisation
  let scope: AccessScope
  let month: CalendarMonth
  let now: Timestamp

  func run(comment: String, actor: String) throws -> Statement {
    try connection.execute("select pg_advisory_xact_lock(\(AdvisoryLock.fold))")
    while try Fold.fold(connection) > 0 {}
    try connection.execute("update statement_closes set closes = closes + 1")
    try PoolStore.lock(organisation.id, connection)
    let days = try ReportDays.read(month, organisation, connection)
    let book = try StatementBook.read(organisation, connection)
    try check(days, book)
    let id = try begin()
    try StatementNames.freeze(id, organisation.id, connection)
    try freezeCharges(id, days, try book.changed.filter { $0 < month }.map { try ReportDays.read($0, organisation, connection) })
    try freezeLines(id)
    try finish(id, comment, actor)
    guard let row = try StatementRow.find(month, organisation.id, connection) else { throw MissingRow() }
    return book.statement(days, closed: row)
  }

  private func check(_ days: ReportDays, _ book: StatementBook) throws {
    if let last = book.lastClosed, month <= last {
      guard try StatementRow.find(month, organisation.id, connection) != nil else {
        throw StatementRefusal(message: "\(month.text) lies before the first month that was closed: its calls are corrections of later months. Accepted: \(last.next.text).")
      }
      throw StatementRefusal(message: "\(month.text) is closed; what is found later becomes a correction. Accepted: \(last.next.text).")
    }
    let from = book.closableFrom(days)
    guard now >= from else {
      throw StatementRefusal(
        message: "\(month.text) can be closed \(book.lateHours) hours after its end, for calls that arrive late. Accepted: later.")
    }
    guard book.isNext(month) else {
      let next = book.lastClosed?.next ?? book.firstWithCalls
      throw StatementRefusal(message: "Months are closed in their order. Accepted: \(next?.text ?? "an earlier month") first.")
    }
    for (table, run) in [("repricings", "re-pricing"), ("reattributions", "re-attribution")] {
      let sql: SQL = """
        select 1 from \(unescaped: table) where organisation_id = \(organisation.id) and finished_at is null
          and from_time < \(days.period.range.to) and to_time > \(days.period.range.from)
        """
      if try connection.first(sql, { _ in true }) != nil {
        throw StatementRefusal(message: "A \(run) is at work on \(month.text). Accepted: after it has finished or was stopped.")
      }
    }
  }

  private func begin() throws -> StatementID {
    let prices = try AllocationRun.priceSet(organisation.id, connection)
    let sql: SQL = """
      insert into statements (organisation_id, month, time_zone, price_set)
      values (\(organisation.id), \(month.firstDay)::text::date, \(organisation.timeZone), \(prices)) returning id
      """
    guard let id: StatementID = try connection.first(sql, { try $0.id(0) }) else { throw MissingRow() }
    return id
  }

  /// Marked days are summed first, so that every charge has its set; nobody sums or marks meanwhile.
  private func freezeCharges(_ id: StatementID, _ days: ReportDays, _ changed: [ReportDays]) throws {
    let projects = try connection.query("select id from projects where organisation_id = \(organisation.id) order by id") {
      try $0.id(0, as: ProjectID.self)
    }
    for span in changed + [days] {
      try ChargeSums.sum(projects: projects, from: span.from, to: span.to, on: connection)
    }
    let first: SQL = "\(days.period.firstDay)::text::date"
    try connection.execute(
      """
      insert into statement_charges (statement_id, month, project_id, day, set_id, rate_id, \(unescaped: ChargeSQL.measures))
      select \(id)::integer, \(first), project_id, day, set_id, rate_id, \(unescaped: ChargeSQL.measures) from charges_day
      where project_id = any(\(projects)) and day >= \(PostgresValue.date(days.from)) and day < \(PostgresValue.date(days.to))
      """)
    guard !changed.isEmpty else { return }
    let corrections = ChargeSQL.corrections(changed, projects: projects, organisation: organisation)
    let values = ChargeColumns.measures.map { "x.\($0)" }.joined(separator: ", ")
    let sql: SQL = """
      insert into statement_charges (statement_id, month, project_id, day, set_id, rate_id, \(unescaped: ChargeSQL.measures))
      select \(id)::integer, x.month, x.project_id, x.month, s.id, x.rate_id, \(unescaped: values)
      from (\(corrections)) x join dimension_sets s on s.digest = \(unescaped: ChargeColumns.digest("x"))
      """
    try connection.execute(sql.named("FreezeCorrections").uncached())
  }

  private func freezeLines(_ id: StatementID) throws {
    let request = AllocationRequest(period: .month(month.text))
    let run = try AllocationRun(request, scope: scope, organisation: organisation, closing: id, connection)
    let (lines, total) = try run.lines()
    try FrozenLines.write(lines, id, connection)
    try connection.execute(
      """
      update statements set active_users = \(total.activeUsers) where id = \(id)
      """)
  }

  private func finish(_ id: StatementID, _ comment: String, _ actor: String) throws {
    let digest = try StatementText.hash(id, connection)
    let trimmed = comment.trimmedBlanks
    try connection.execute(
      """
      update statements set sha256 = \(digest), comment = \(trimmed.isEmpty ? nil : trimmed), closed_at = \(now), closed_by = \(actor),
        effective_pico = (select coalesce(sum(effective_pico), 0) from statement_lines where statement_id = \(id))
      where id = \(id)
      """)
    try connection.execute(
      "delete from months_to_correct where organisation_id = \(organisation.id) and month < \(month.firstDay)::text::date")
    let detail: SQL = """
      (select jsonb_build_object('month', to_char(month, 'YYYY-MM'), 'sha256', encode(sha256, 'hex'), 'effective_pico', effective_pico,
        'comment', comment) from statements where id = \(id))
      """
    try AuditEntry.append(organisation.id, actor, "month closed", "statement \(month.text)", detail: detail, connection)
  }
}
