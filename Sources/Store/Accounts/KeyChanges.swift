import Domain
import Postgres

extension AccountStore {
  /// The longest that an old secret is taken beside a new one.
  public static let overlapHoursMax: Int32 = 24 * 30

  /// Changes what can be changed; nil when there is no such key within reach, or it is revoked. Errors: `AccountError.invalid`.
  public func changeKey(_ id: KeyID, to change: KeyChange, scope: AccessScope, by actor: KeyActor) async throws -> APIKey? {
    try await pool.transaction { c in
      guard let known = try APIKey.locked(id, scope, c), known.revokedAt == nil else { return nil }
      let change = try change.checked(known, c)
      if change == KeyChange(known) { return known }
      let sql: SQL = """
        update api_keys k set name = \(change.name), expires_at = \(change.expiresAt), content_policy = \(change.contentPolicy.rawValue),
          requests_per_minute = \(change.limits.requestsPerMinute), spans_per_minute = \(change.limits.spansPerMinute),
          request_bytes_max = \(change.limits.requestBytesMax)
        where id = \(id) returning \(APIKey.columns)
        """
      guard let changed = try c.first(sql, APIKey.init(row:)) else { throw MissingRow() }
      let (old, new) = (known.facts, changed.facts)
      let differing = Set(new.keys.filter { old[$0] != new[$0] })
      try changed.audit(
        "key changed", before: old.filter { differing.contains($0.key) }, after: new.filter { differing.contains($0.key) }, scope, actor, c)
      return changed
    }
  }

  /// Gives the key a new secret; its public part stays. The old secret is taken for `overlapHours` more (0: not at all), one from before
  /// an earlier rotation no longer. A key that reads or administrates answers to who holds its secret: to the member who gives it a new
  /// one from then on, and without overlap, since the old one would open what that member may. nil when there is no such key within reach,
  /// or it is revoked. Errors: `AccountError.invalid`.
  public func rotateKey(_ id: KeyID, overlapHours: Int32, scope: AccessScope, by actor: KeyActor) async throws -> CreatedKey? {
    guard (0...Self.overlapHoursMax).contains(overlapHours) else {
      throw AccountError.invalid(field: "overlap", accepted: "0 to \(Self.overlapHoursMax) hours")
    }
    return try await pool.transaction { c in
      guard let known = try APIKey.locked(id, scope, c), known.revokedAt == nil else { return nil }
      let passesOn = try known.passesOn(to: actor, overlapHours: overlapHours)
      let maker: SQL = passesOn ? "made_by_member = \(actor.member), made_by = \(actor.name)," : ""
      let pair = KeyPair(publicKey: known.publicKey, secretKey: KeyPair.random().secretKey)
      let keepsOld: SQL = overlapHours > 0 ? "true" : "false"
      let sql: SQL = """
        update api_keys k set \(maker) secret_sha256 = \(SHA256Digest.of(pair.secretKey.utf8)), secret_hint = \(pair.secretHint), rotated_at = now(),
          previous_secret_sha256 = case when \(keepsOld) then secret_sha256 end,
          previous_secret_until = case when \(keepsOld) then now() + make_interval(hours => \(overlapHours)) end
        where id = \(id) returning \(APIKey.columns)
        """
      guard let rotated = try c.first(sql, APIKey.init(row:)) else { throw MissingRow() }
      try rotated.audit(
        "key rotated", detail: ["overlapHours": "\(overlapHours)"], before: ["secret": known.secretHint, "madeBy": passesOn ? known.madeBy : nil],
        after: ["secret": rotated.secretHint, "madeBy": passesOn ? rotated.madeBy : nil], scope, actor, c)
      return CreatedKey(key: rotated, pair: pair)
    }
  }

  /// Ends the overlap of a rotation at once. False when there is none.
  public func endPreviousSecret(_ id: KeyID, scope: AccessScope, by actor: KeyActor) async throws -> Bool {
    try await pool.transaction { c in
      guard let known = try APIKey.locked(id, scope, c), known.previousSecretUntil != nil else { return false }
      try c.execute("update api_keys set previous_secret_sha256 = null, previous_secret_until = null where id = \(id)")
      try known.audit("previous secret ended", scope, actor, c)
      return true
    }
  }
}

extension APIKey {
  /// Whether a rotation makes the key the actor's. Errors: `AccountError.invalid` for an overlap with a secret of another member's.
  fileprivate func passesOn(to actor: KeyActor, overlapHours: Int32) throws -> Bool {
    guard let member = actor.member, member != maker, !scopes.isDisjoint(with: [.read, .admin]) else { return false }
    guard maker == nil || overlapHours == 0 else {
      throw AccountError.invalid(field: "overlap", accepted: "0 hours for a key that reads or administers and that somebody else made")
    }
    return true
  }
}
