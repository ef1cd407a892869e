import Domain
import Postgres

/// How end users are told to one reader, in answers and in what a filter takes.
struct UserTelling: Sendable {
  private let scope: AccessScope?
  /// Of the organisation's secret, where pseudonyms are told.
  private let secret: [UInt8]?

  /// To the service itself.
  static let all = UserTelling(scope: nil, secret: nil)

  private init(scope: AccessScope?, secret: [UInt8]?) {
    self.scope = scope
    self.secret = secret
  }

  static func read(_ scope: AccessScope, _ c: Connection) throws -> UserTelling {
    guard scope.users == .pseudonyms else { return UserTelling(scope: scope, secret: nil) }
    let sql: SQL = "select secret from organisations where id = \(scope.organisation)"
    guard let secret = try c.first(sql, { try $0.bytes(0) }) else { throw MissingRow() }
    return UserTelling(scope: scope, secret: secret)
  }

  /// For what can't forget: the audit log is read by those who may know no user, and outlives an erasure.
  static func pseudonyms(of organisation: OrganisationID, _ c: Connection) throws -> UserTelling {
    UserTelling(scope: nil, secret: try Erasures.secret(organisation, c))
  }

  /// An expression of type jsonb for an array of users as one of their pseudonyms.
  func array(_ json: String) -> SQL {
    "(select coalesce(jsonb_agg(\(value("named.value")) order by named.place), '[]') from jsonb_array_elements_text(\(unescaped: json)) with ordinality as named(value, place))"
  }

  /// In money; whoever may know no user has been refused before.
  func name(_ user: String) -> String {
    guard let secret, !user.isEmpty else { return user }
    return KeyedHash(secret: secret).pseudonym(ofUser: user)
  }

  /// In traces; nil where the reader may know no user.
  func name(_ user: String, in project: ProjectID) -> String? {
    scope?.naming(usersOf: project) == .hidden ? nil : name(user)
  }

  /// What readers call the users of a column: `KeyedHash.pseudonym` in SQL, NULL and '' as they are.
  func value(_ column: String) -> SQL {
    guard let secret else { return SQL(column) }
    let key = secret + [UInt8](repeating: 0, count: max(0, 64 - secret.count))
    let inner = key.map { $0 ^ 0x36 } + Array("user".utf8) + [0], outer = key.map { $0 ^ 0x5C }
    let hash: SQL = "sha256(\(outer)::bytea || sha256(\(inner)::bytea || convert_to(\(unescaped: column), 'UTF8')))"
    return """
      (case when coalesce(\(unescaped: column), '') = '' then \(unescaped: column)
        else 'user-' || left(encode(\(hash), 'hex'), 12) end)
      """
  }

  /// Whether the text may be a user's name for this reader: hashing all users to find none is not worth it.
  func mayName(_ text: String) -> Bool {
    if scope?.users == .hidden { return scope?.content.isEmpty == false }
    guard secret != nil else { return true }
    return text.utf8.count == 17 && text.hasPrefix("user-")
  }

  func told(_ item: TraceItem) -> TraceItem {
    var copy = item
    copy.user = item.user.flatMap { name($0, in: item.project) }
    return copy
  }

  func told(_ observation: Observation) -> Observation {
    observation.namingUsers { name($0, in: observation.facts.project) }
  }
}

extension AccessScope {
  /// Money by end user. *Errors:* `CostQueryRefusal` for a reader who may know no user.
  func checkUsers(_ dimensions: some Sequence<CostDimension>) throws {
    guard users == .hidden, dimensions.contains(.user) else { return }
    throw CostQueryRefusal(message: "Cost by end user is not in reach of this role. Accepted: other dimensions and filters.")
  }
}
