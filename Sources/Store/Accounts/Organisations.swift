import Domain
import Postgres

extension AccountStore {
  /// Whether nothing was set up yet.
  public func isEmpty() async throws -> Bool {
    try await pool.run { c in try c.first("select 1 from organisations limit 1") { _ in true } == nil }
  }

  /// All organisations, oldest first.
  public func organisations() async throws -> [Organisation] {
    try await pool.run { c in try c.query("\(Organisation.select) order by id", Organisation.init(row:)) }
  }

  /// nil when there is none with this id.
  public func organisation(_ id: OrganisationID) async throws -> Organisation? {
    try await pool.run { c in try c.first("\(Organisation.select) where id = \(id)", Organisation.init(row:)) }
  }

  /// Errors: `AccountError.invalid`, `.unknownTimeZone`.
  public func createOrganisation(name: String, timeZone: String) async throws -> Organisation {
    try await pool.transaction { c in try Organisation.insert(name: name, timeZone: timeZone, c) }
  }
}

extension Organisation {
  static let select: SQL = "select id, name, time_zone from organisations"

  init(row: Row) throws {
    self.init(id: try row.id(0), name: try row.string(1), timeZone: try row.string(2))
  }

  static func insert(name: String, timeZone: String, _ c: Connection) throws -> Organisation {
    let name = try AccountError.filled(name, "organisation name")
    guard try TimeZones.isKnown(timeZone, c) else { throw AccountError.unknownTimeZone(timeZone) }
    let sql: SQL = """
      insert into organisations (name, time_zone) values (\(name), \(timeZone)) returning id, name, time_zone
      """
    guard let organisation = try c.first(sql, Organisation.init(row:)) else { throw MissingRow() }
    return organisation
  }
}

/// An INSERT … RETURNING that returned nothing: can't happen without a rule or trigger of someone else's.
struct MissingRow: Error {}

/// Names of time zones, as the database knows them.
enum TimeZones {
  /// Whether PostgreSQL has the IANA name. Its POSIX forms ("x+5") and abbreviations are not accepted: they follow no
  /// daylight saving.
  static func isKnown(_ name: String, _ c: Connection) throws -> Bool {
    guard isWellFormed(name) else { return false }
    return try c.first("select 1 from pg_timezone_names where name = \(name)") { _ in true } ?? false
  }

  /// The organisation's own was looked up when it was set; reading all names takes the database some 10 ms.
  static func isKnown(_ name: String, of organisation: Organisation, _ c: Connection) throws -> Bool {
    try name == organisation.timeZone || name == "UTC" || isKnown(name, c)
  }

  static func isWellFormed(_ name: String) -> Bool {
    guard let first = name.utf8.first, (65...90).contains(first & 0xDF), name.utf8.count <= 64 else { return false }
    return name.utf8.allSatisfy { byte in
      (48...57).contains(byte) || (65...90).contains(byte & 0xDF) || [43, 45, 47, 95].contains(byte)  // + - / _
    }
  }
}
