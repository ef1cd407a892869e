import Domain
import Postgres

/// Who made a key, as far as that binds what is done with it.
public enum KeyMaker: Sendable {
  /// Nobody who signs in, as on the command line: the key's scopes say all.
  case nobody
  /// What the member may do now.
  case member(MemberAccess)
  /// A member who may not sign in any more.
  case left

  /// Whether what is asked of the maker is theirs.
  public func allow(_ asked: (MemberAccess) -> Bool) -> Bool {
    switch self {
    case .nobody: true
    case .member(let access): asked(access)
    case .left: false
    }
  }
}

extension KeyChange {
  /// Whether more is kept of what comes with the key than now.
  public func loosensContent(of key: APIKey) -> Bool { contentPolicy.rawValue < key.contentPolicy.rawValue }
}

extension AccountStore {
  /// The maker with the rights that they have now: not kept with the key's grant, because what is asked of them changes books and settings.
  public func maker(of key: APIKey) async throws -> KeyMaker {
    guard let maker = key.maker else { return .nobody }
    let sql: SQL = "select \(Member.columns), now() from members m where m.id = \(maker) and m.disabled_at is null"
    return try await pool.run { c in
      let found = try c.first(sql.named("KeyMakerNow")) { (member: try Member(row: $0), now: try $0.timestamp(Member.columnCount)) }
      guard let found else { return .left }
      return .member(try MemberAccess.read(found.member, at: found.now, c))
    }
  }
}
