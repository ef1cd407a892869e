import Domain
import Postgres

/// Why teams, rules, groups or declared keys could not be changed.
public enum StructureError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A field that is empty or not in the accepted form.
  case invalid(field: String, accepted: String)
  /// It doesn't exist in this organisation, or has ended: "rule", "team".
  case unknown(String)
  /// It can't be so beside what there is.
  case conflict(String)

  public var description: String {
    switch self {
    case .invalid(let field, let accepted): "\(field) is not in the accepted form: expected \(accepted)."
    case .unknown(let what): "There is no such \(what), or it has ended already."
    case .conflict(let message): message
    }
  }
}

/// Changes of one organisation's structure in one transaction. Alone: no other change, and no write that was decided without it, commits
/// until this one has.
struct StructureChange {
  let organisation: OrganisationID
  let actor: String
  let c: Connection

  /// *Errors:* `StructureError` when not all of the organisation is in reach: what owns cost is everybody's.
  init(_ scope: AccessScope, _ actor: String, _ c: Connection) throws {
    try self.init(unlocked: scope, actor, c)
    try PriceLock.takeAlone(organisation, c)
  }

  /// For what no revision is raised for: not alone, the caller locks the rows that it needs. *Errors:* as `init`.
  static func besideWrites(_ scope: AccessScope, _ actor: String, _ c: Connection) throws -> StructureChange {
    try StructureChange(unlocked: scope, actor, c)
  }

  private init(unlocked scope: AccessScope, _ actor: String, _ c: Connection) throws {
    guard scope.teams == .all, scope.projects == .all else {
      throw StructureError.conflict("This changes the money of the whole organisation, and not all of it is in reach.")
    }
    organisation = scope.organisation
    self.actor = try StructureChecks.text(actor, "actor", most: 300)
    self.c = c
  }

  /// Once a transaction, when something changed that calls are decided by. The new revision.
  @discardableResult
  func raise() throws -> Int32 { try Self.raise(organisation, c) }

  /// The caller holds the lock.
  static func raise(_ organisation: OrganisationID, _ c: Connection) throws -> Int32 {
    let sql: SQL = """
      update organisations set attribution_revision = attribution_revision + 1 where id = \(organisation)
      returning attribution_revision
      """
    guard let revision = try c.first(sql, { try $0.int32(0) }) else { throw StructureError.unknown("organisation") }
    return revision
  }

  func audit(_ action: String, _ subject: String, detail: SQL = "'{}'::jsonb") throws {
    try AuditEntry.append(organisation, actor, action, subject, detail: detail, c)
  }

  func check(team: TeamID?) throws {
    guard let team else { return }
    let sql: SQL = "select 1 from teams where id = \(team) and organisation_id = \(organisation)"
    if try c.first(sql, { _ in true }) == nil { throw StructureError.unknown("team") }
  }

  func check(group: UserGroupID?) throws {
    guard let group else { return }
    let sql: SQL = "select 1 from user_groups where id = \(group) and organisation_id = \(organisation) and removed_at is null"
    if try c.first(sql, { _ in true }) == nil { throw StructureError.unknown("user group") }
  }
}

/// What the database must be able to hold and a reader to understand.
enum StructureChecks {
  static func text(_ text: String, _ field: String, most: Int = 200) throws -> String {
    let trimmed = text.trimmedBlanks
    guard !trimmed.isEmpty, trimmed.utf8.count <= most, trimmed.isStorable else {
      throw StructureError.invalid(field: field, accepted: "1 to \(most) bytes of text")
    }
    return trimmed
  }

  /// An empty text is nil.
  static func optionalText(_ text: String?, _ field: String, most: Int = 200) throws -> String? {
    guard let text, !text.trimmedBlanks.isEmpty else { return nil }
    return try self.text(text, field, most: most)
  }

  /// "2026-11-01", of a day that exists; an empty text is nil.
  static func day(_ text: String?, _ field: String) throws -> String? {
    guard let text = text?.trimmedBlanks, !text.isEmpty else { return nil }
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard text.utf8.count == 10, parts.count == 3, parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }),
      parts[0].utf8.count == 4, parts[1].utf8.count == 2,
      let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]),
      (2001...2199).contains(year), (1...12).contains(month), (1...days(month, of: year)).contains(day)
    else { throw StructureError.invalid(field: field, accepted: "a day from 2001 to 2199, such as 2026-11-01") }
    return text
  }

  private static func days(_ month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
