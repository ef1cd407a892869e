import Domain
import Postgres

/// A test of a provider as its maker sees it.
public struct SignInTest: Sendable, Hashable {
  public var testedAt: Timestamp
  /// `SignInReport` in JSON.
  public var report: String
  public var issuer: String
  /// nil: nobody was proved.
  public var subject: String?
  public var email: String?
}

extension SignInStore {
  /// Keeps the last one of each member.
  public func keepTest(of provider: SignInProvider, by member: MemberID, report: String, identity: ProvenIdentity?) async throws {
    let sql: SQL = """
      insert into sign_in_tests (provider_id, member_id, report, issuer, subject, email)
      values (\(provider.id), \(member), \(report), \(provider.issuer), \(identity?.subject), \(identity?.email))
      on conflict (provider_id, member_id) do update
        set tested_at = now(), report = excluded.report, issuer = excluded.issuer, subject = excluded.subject, email = excluded.email
      """
    try await pool.run { c in _ = try c.execute(sql) }
  }

  /// Within the last hour; nil when there is none.
  public func test(of provider: SignInProviderID, by member: MemberID) async throws -> SignInTest? {
    let sql: SQL = """
      select tested_at, report, issuer, subject, email from sign_in_tests
      where provider_id = \(provider) and member_id = \(member) and tested_at > now() - interval '1 hour'
      """
    return try await pool.run { c in
      try c.first(sql) {
        SignInTest(
          testedAt: try $0.timestamp(0), report: try $0.string(1), issuer: try $0.string(2), subject: try $0.stringOrNil(3),
          email: try $0.stringOrNil(4))
      }
    }
  }
}
