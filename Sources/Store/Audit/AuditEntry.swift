import Domain
import Postgres

/// Who did what that others must be able to follow. An entry is never changed; each holds the hash of the one before.
public struct AuditEntry: Sendable, Hashable {
  public var id: Int64
  /// Place in the organisation's chain, from 1, in order of commit.
  public var number: Int64
  public var at: Timestamp
  /// E-mail of a member, "key pk-…", "command line", "service".
  public var actor: String
  /// "price listing added", "re-pricing finished".
  public var action: String
  /// "price listing 12".
  public var subject: String
  /// A JSON object.
  public var detail: String
  /// JSON, where the entry tells a change of values.
  public var before: String?
  public var after: String?
  /// Of the client that asked; nil: a command or the service itself.
  public var address: String?
  public var agent: String?
  /// Of the entry before, and of this one: 32 bytes.
  public var previousSHA256: [UInt8]
  public var sha256: [UInt8]

  /// In the caller's transaction: what it tells of commits with it. `detail`, `before` and `after` are expressions of type jsonb.
  /// *Source:* address and agent are the request's (`AuditOrigin`) unless given.
  static func append(
    _ organisation: OrganisationID, _ actor: String, _ action: String, _ subject: String, detail: SQL = "'{}'::jsonb",
    before: SQL = "null::jsonb", after: SQL = "null::jsonb", address: String? = nil, agent: String? = nil, _ c: Connection
  ) throws {
    let origin = AuditOrigin.current
    try c.execute(
      """
      insert into audit_entries (organisation_id, actor, action, subject, detail, before, after, address, agent)
      values (\(organisation), \(actor), \(action), \(subject), \(detail), \(before), \(after), \(address ?? origin?.address),
        \(agent ?? origin?.agent))
      """)
  }

  /// An object of texts, for `detail`, `before` and `after`.
  static func object(_ facts: [String: String?]) -> SQL {
    let pairs = facts.sorted { $0.key < $1.key }
    return """
      jsonb_object(\(PostgresValue.texts(pairs.map { plain($0.key) })), \(PostgresValue.texts(pairs.map { $0.value.map(plain) })))
      """
  }

  static func plain(_ text: String) -> String { text.utf8.contains(0) ? String(text.filter { $0 != "\0" }) : text }
}

/// What the service itself tells the log: signing in and out, files taken.
public struct AuditEvent: Sendable, Hashable {
  public var action: String
  public var subject: String
  public var detail: [String: String?]
  public var before: [String: String?]?
  public var after: [String: String?]?

  public init(
    _ action: String, _ subject: String, detail: [String: String?] = [:], before: [String: String?]? = nil, after: [String: String?]? = nil
  ) {
    self.action = action
    self.subject = subject
    self.detail = detail
    self.before = before
    self.after = after
  }
}

extension AuditEntry {
  static let columns: SQL = """
    id, number, at, actor, action, subject, detail::text, before::text, after::text, address, agent, previous_sha256, sha256
    """

  init(row: Row) throws {
    self.init(
      id: try row.int64(0), number: try row.int64OrNil(1) ?? 0, at: try row.timestamp(2), actor: try row.string(3),
      action: try row.string(4), subject: try row.string(5), detail: try row.string(6), before: try row.stringOrNil(7),
      after: try row.stringOrNil(8), address: try row.stringOrNil(9), agent: try row.stringOrNil(10),
      previousSHA256: try row.bytesOrNil(11) ?? [], sha256: try row.bytesOrNil(12) ?? [])
  }
}
