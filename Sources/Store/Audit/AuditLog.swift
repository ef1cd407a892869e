import Domain
import Postgres

/// Which entries of the audit log; what is nil or empty asks nothing.
public struct AuditQuery: Sendable, Hashable {
  public var range: TimeRange?
  /// Part of the actor, in any case.
  public var actor: String?
  /// The whole action.
  public var action: String?
  /// Part of the subject, in any case.
  public var subject: String?

  public init(range: TimeRange? = nil, actor: String? = nil, action: String? = nil, subject: String? = nil) {
    self.range = range
    self.actor = actor
    self.action = action
    self.subject = subject
  }

  fileprivate func condition(_ organisation: OrganisationID) -> SQL {
    var parts: [SQL] = ["organisation_id = \(organisation)"]
    if let range { parts.append("at >= \(range.from) and at < \(range.to)") }
    if let actor, !actor.isEmpty { parts.append("strpos(lower(actor), lower(\(AuditEntry.plain(actor)))) > 0") }
    if let action, !action.isEmpty { parts.append("action = \(AuditEntry.plain(action))") }
    if let subject, !subject.isEmpty { parts.append("strpos(lower(subject), lower(\(AuditEntry.plain(subject)))) > 0") }
    return parts.joined(by: " and ")
  }
}

/// The audit log: read by whom the route lets read it, appended to by what others do and by `record`.
public struct AuditLog: Sendable {
  let pool: ConnectionPool
  public static let limitMax = 1000

  public init(pool: ConnectionPool) { self.pool = pool }

  /// Newest first; `before` is the id of the last entry of the page before.
  public func entries(
    _ query: AuditQuery = AuditQuery(), before: Int64? = nil, limit: Int = 100, scope: AccessScope
  ) async throws -> [AuditEntry] {
    let sql: SQL = """
      select \(AuditEntry.columns) from audit_entries
      where \(query.condition(scope.organisation)) and id < \(before ?? .max)
      order by id desc limit \(min(max(limit, 1), Self.limitMax))
      """
    return try await pool.run { c in try c.query(sql, AuditEntry.init(row:)) }
  }

  /// By place in the chain: newest first, or oldest first; `from` is the number of the last entry of the page before, or of the last one known.
  public func chain(
    _ query: AuditQuery = AuditQuery(), from: Int64? = nil, isAscending: Bool = false, limit: Int = 100, scope: AccessScope
  ) async throws -> [AuditEntry] {
    let rest: SQL = isAscending ? "number > \(from ?? 0) order by number" : "number < \(from ?? .max) order by number desc"
    let sql: SQL = """
      select \(AuditEntry.columns) from audit_entries
      where \(query.condition(scope.organisation)) and \(rest) limit \(min(max(limit, 1), Self.limitMax + 1))
      """
    return try await pool.run { c in try c.query(sql, AuditEntry.init(row:)) }
  }

  /// End of the chain; nil before the first entry.
  public func head(scope: AccessScope) async throws -> AuditMark? {
    let sql: SQL = "select entries, sha256 from audit_heads where organisation_id = \(scope.organisation) and entries > 0"
    return try await pool.run { c in try c.first(sql) { AuditMark(number: try $0.int64(0), sha256: try $0.bytes(1)) } }
  }

  /// Ends of all chains, with the organisations' names: for the service's own log.
  public func heads() async throws -> [(organisation: String, head: AuditMark)] {
    let sql: SQL = """
      select o.name, h.entries, h.sha256 from audit_heads h join organisations o on o.id = h.organisation_id where h.entries > 0 order by o.id
      """
    return try await pool.run { c in try c.query(sql) { (try $0.string(0), AuditMark(number: try $0.int64(1), sha256: try $0.bytes(2))) } }
  }

  /// Oldest first, in pieces, for files of any length.
  public func each(_ query: AuditQuery = AuditQuery(), scope: AccessScope, _ body: ([AuditEntry]) async throws -> Void) async throws {
    let sql: SQL = "select \(AuditEntry.columns) from audit_entries where \(query.condition(scope.organisation)) order by id"
    try await pool.cursor(sql, decode: AuditEntry.init(row:), body)
  }

  /// Every action that occurs, in order of the alphabet.
  public func actions(scope: AccessScope) async throws -> [String] {
    let sql: SQL = "select distinct action from audit_entries where organisation_id = \(scope.organisation) order by 1"
    return try await pool.run { c in try c.query(sql) { try $0.string(0) } }
  }

  /// One entry, committed at once.
  public func record(_ event: AuditEvent, by actor: String, in organisation: OrganisationID) async throws {
    try await pool.run { c in try Self.append(event, actor, organisation, c) }
  }

  /// Once in so many seconds for a subject, however often it happens: what a stranger can repeat must not fill the log.
  public func record(_ event: AuditEvent, by actor: String, in organisation: OrganisationID, onceInSeconds seconds: Int) async throws {
    let known: SQL = """
      select 1 from audit_entries where organisation_id = \(organisation) and action = \(event.action)
        and subject = \(AuditEntry.plain(event.subject)) and at > now() - make_interval(secs => \(Double(seconds))) limit 1
      """
    try await pool.run { c in
      if try c.first(known, { _ in true }) == nil { try Self.append(event, actor, organisation, c) }
    }
  }

  /// What nobody of an organisation did: told to the one that was there first.
  public func recordOfStranger(_ event: AuditEvent, onceInSeconds seconds: Int) async throws {
    let first: SQL = "select id from organisations order by id limit 1"
    guard let organisation: OrganisationID = try await pool.run({ c in try c.first(first) { try $0.id(0) } }) else { return }
    try await record(event, by: "unknown", in: organisation, onceInSeconds: seconds)
  }

  private static func append(_ event: AuditEvent, _ actor: String, _ organisation: OrganisationID, _ c: Connection) throws {
    try AuditEntry.append(
      organisation, AuditEntry.plain(actor), event.action, AuditEntry.plain(event.subject), detail: AuditEntry.object(event.detail),
      before: event.before.map(AuditEntry.object) ?? "null::jsonb", after: event.after.map(AuditEntry.object) ?? "null::jsonb", c)
  }
}
