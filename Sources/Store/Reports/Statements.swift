import Domain
import Postgres

/// Monthly statements: open, then closing (late calls are waited for), ready, closed. What is found later becomes a correction in the
/// next one. Totals are shown to readers of all teams' money only.
public struct Statements: Sendable {
  let pool: ConnectionPool
  let now: Clock

  public init(pool: ConnectionPool) { self.init(pool: pool, now: WallClock.now) }

  init(pool: ConnectionPool, now: @escaping Clock) {
    self.pool = pool
    self.now = now
  }

  /// Every month from the first with calls to the running one, newest first.
  public func list(scope: AccessScope, organisation: Organisation) async throws -> [Statement] {
    let now = now()
    return try await read(scope, organisation) { c in
      let book = try StatementBook.read(organisation, c)
      let closed = try StatementRow.all(organisation.id, c)
      let running = try Self.month(of: now, organisation, c)
      let first = [book.firstWithCalls, closed.first?.month, running].compactMap { $0 }.min() ?? running
      let last = max(running, book.lastClosed ?? running)
      let rows = Dictionary(closed.map { ($0.month, $0) }, uniquingKeysWith: { a, _ in a })
      return try (first.index...last.index).reversed().map { index in
        let month = CalendarMonth(index: index)
        return try Self.statement(ReportDays.read(month, organisation, c), rows[month], book, scope, now)
      }
    }
  }

  /// *Errors:* `CostQueryRefusal` when it is no month.
  public func find(_ month: String, scope: AccessScope, organisation: Organisation) async throws -> Statement {
    let now = now()
    return try await read(scope, organisation) { c in
      let days = try ReportDays.read(.month(month), organisation, c)
      let row = try CalendarMonth(month).flatMap { try StatementRow.find($0, organisation.id, c) }
      return try Self.statement(days, row, StatementBook.read(organisation, c), scope, now)
    }
  }

  static func statement(
    _ days: ReportDays, _ row: StatementRow?, _ book: StatementBook, _ scope: AccessScope, _ now: Timestamp
  ) -> Statement {
    var statement = row.map { book.statement(days, closed: $0) } ?? book.statement(days, now: now)
    if !scope.seesAllMoney { statement.total = nil }
    return statement
  }

  static func month(of time: Timestamp, _ organisation: Organisation, _ c: Connection) throws -> CalendarMonth {
    let sql: SQL = "select to_char(\(time) at time zone \(organisation.timeZone), 'YYYY-MM')"
    guard let text = try c.first(sql, { try $0.string(0) }), let month = CalendarMonth(text) else { throw MissingRow() }
    return month
  }

  /// Hours after a month's end that late calls are waited for; 0 to 744. *Errors:* `StatementRefusal`.
  public func setLateHours(_ hours: Int, scope: AccessScope, by actor: String) async throws {
    guard scope.seesAllMoney, (0...744).contains(hours) else {
      throw StatementRefusal(message: "Accepted: 0 to 744 hours, from somebody who sees the money of all teams.")
    }
    try await pool.transaction { c in
      try c.execute("update organisations set late_data_hours = \(Int32(hours)) where id = \(scope.organisation)")
      try AuditEntry.append(
        scope.organisation, actor, "hours for late calls changed", "statements",
        detail: "jsonb_build_object('hours', \(Int32(hours))::integer)", c)
    }
  }

  public func lateHours(scope: AccessScope) async throws -> Int {
    try await pool.run { c in
      try c.first("select late_data_hours from organisations where id = \(scope.organisation)") { try $0.int(0) } ?? 72
    }
  }

  /// Whether a closed statement is still what its SHA-256 was made of; nil when the month isn't closed.
  public func verify(_ month: String, scope: AccessScope, organisation: Organisation) async throws -> Bool? {
    try await read(scope, organisation, timeout: 0) { c in
      guard let row = try CalendarMonth(month).flatMap({ try StatementRow.find($0, organisation.id, c) }) else { return nil }
      let digest = try StatementText.hash(row.id, c)
      return try c.first("select sha256 = \(digest) from statements where id = \(row.id)") { try $0.bool(0) }
    }
  }

  /// The canonical text of a closed statement (`StatementText` says its form), in pieces. *Errors:* `CostQueryRefusal` when it is
  /// no month, `StatementRefusal` when it isn't closed or not all of its money is in reach.
  public func canonicalText(
    _ month: String, scope: AccessScope, organisation: Organisation, each: ([UInt8]) async throws -> Void
  ) async throws {
    let row = try await read(scope, organisation) { c in
      _ = try ReportDays.read(.month(month), organisation, c)
      return try CalendarMonth(month).flatMap { try StatementRow.find($0, organisation.id, c) }
    }
    guard let row, scope.seesAllMoney else {
      throw StatementRefusal(message: "Accepted: a closed month, from somebody who sees the money of all teams.")
    }
    for part in StatementText.parts(row.id) {
      try await pool.cursor(part.sql, statementTimeoutMilliseconds: 0, decode: part.line) { try await each(Array($0.joined())) }
    }
  }

  func read<T: Sendable>(
    _ scope: AccessScope, _ organisation: Organisation, timeout: Int? = nil, _ body: @escaping @Sendable (Connection) throws -> T
  ) async throws -> T {
    guard scope.organisation == organisation.id else {
      throw CostQueryRefusal(message: "The organisation is out of reach.")
    }
    let options = TransactionOptions(isolation: .repeatableRead, readOnly: true, statementTimeoutMilliseconds: timeout)
    return try await pool.transaction(options, body)
  }
}
