import Domain
import Postgres

/// Failed logins of the last minutes, to be compared with limits.
public struct RecentFailures: Sendable, Hashable {
  /// Of this e-mail from this address, since its last success.
  public var byPair: Int
  /// Of this e-mail from anywhere, since its last success.
  public var byEmail: Int
  /// Of any e-mail from this address, each since its last success there: an office behind one address may sign in all day.
  public var byAddress: Int
}

extension AccountStore {
  /// Also removes attempts older than a day.
  public func recordLoginAttempt(email: String, address: String, succeeded: Bool) async throws {
    let email = Self.counted(email)
    try await pool.transaction { c in
      try c.execute("delete from login_attempts where attempted_at < now() - interval '1 day'")
      try c.execute(
        """
        insert into login_attempts (email, address, succeeded) values (\(email), \(String(address.prefix(64))), \(succeeded))
        """)
    }
  }

  private static func counted(_ email: String) -> String {
    String(Member.normalised(email).filter { $0 != "\0" }.prefix(254))
  }

  /// Failures of the last `seconds`. Record the attempt as failed first, then count, then check the password: so many tries at once
  /// can't all pass before one is counted.
  public func recentFailures(email: String, address: String, seconds: Int = 900) async throws -> RecentFailures {
    let email = Self.counted(email), address = String(address.prefix(64))
    let sql: SQL = """
      with recent as (select now() - make_interval(secs => \(Double(seconds))) as start)
      , failed as (
        select a.address from login_attempts a, recent
        where a.email = \(email) and a.attempted_at > recent.start and not a.succeeded
          and not exists (select 1 from login_attempts s
            where s.email = a.email and s.succeeded and s.attempted_at > greatest(a.attempted_at, recent.start))
      )
      select
        (select count(*) from failed where failed.address = \(address)),
        (select count(*) from failed),
        (select count(*) from login_attempts a, recent
          where a.address = \(address) and a.attempted_at > recent.start and not a.succeeded
            and not exists (select 1 from login_attempts s
              where s.email = a.email and s.address = a.address and s.succeeded and s.attempted_at > greatest(a.attempted_at, recent.start)))
      """
    let counts = try await pool.run { c in
      try c.first(sql) { RecentFailures(byPair: try $0.int(0), byEmail: try $0.int(1), byAddress: try $0.int(2)) }
    }
    return counts ?? RecentFailures(byPair: 0, byEmail: 0, byAddress: 0)
  }
}
