import Domain
import Postgres

/// A browser on its way to a provider and back.
public struct SignInState: Sendable, Hashable {
  public var provider: SignInProviderID
  /// Tests the provider; nil: signs in.
  public var tester: MemberID?
  public var nonce: String
  /// The secret half of PKCE.
  public var verifier: String
  /// Path to go to afterwards.
  public var next: String

  public init(provider: SignInProviderID, tester: MemberID? = nil, nonce: String, verifier: String, next: String) {
    self.provider = provider
    self.tester = tester
    self.nonce = nonce
    self.verifier = verifier
    self.next = next
  }
}

extension SignInStore {
  /// Nobody has that many on the way.
  static let statesMaxByAddress = 100
  static let statesMax = 20_000

  /// False when too many are on their way, from this address or in all. Both hashes are of random tokens: one goes through the provider, the
  /// other stays in the browser.
  public func begin(
    _ state: SignInState, stateHash: [UInt8], browserHash: [UInt8], address: String, seconds: Double = 600
  ) async throws -> Bool {
    try await pool.transaction { c in
      try c.execute("delete from sign_in_states where expires_at < now()")
      let inserted = try c.execute(
        """
        insert into sign_in_states (state_sha256, browser_sha256, provider_id, tester_id, nonce, verifier, next, address, expires_at)
        select \(stateHash), \(browserHash), \(state.provider), \(state.tester), \(state.nonce), \(state.verifier), \(state.next), \(address),
          now() + make_interval(secs => \(seconds))
        where (select count(*) from sign_in_states where address = \(address)) < \(Self.statesMaxByAddress)
          and (select count(*) from (select 1 from sign_in_states limit \(Self.statesMax)) s) < \(Self.statesMax)
        """)
      return inserted > 0
    }
  }

  /// Takes what the browser began, once; nil for another browser's, another provider's, what was taken before or is too old.
  public func take(stateHash: [UInt8], browserHash: [UInt8], provider: SignInProviderID) async throws -> SignInState? {
    let sql: SQL = """
      delete from sign_in_states
      where state_sha256 = \(stateHash) and browser_sha256 = \(browserHash) and provider_id = \(provider) and expires_at > now()
      returning tester_id, nonce, verifier, next
      """
    return try await pool.run { c in
      try c.first(sql) {
        SignInState(
          provider: provider, tester: try $0.idOrNil(0), nonce: try $0.string(1), verifier: try $0.string(2), next: try $0.string(3))
      }
    }
  }
}
