import Domain
import Postgres

/// What an organisation asks of its members beyond a password.
public struct SignInPolicy: Sendable, Hashable {
  /// Whoever has one of these roles, anywhere, sets up a second factor at the next sign-in.
  public var secondFactorRoles: Set<Member.Role>
  /// Each reading of inputs and outputs stands in the audit log.
  public var auditsPayloadReads: Bool

  public init(secondFactorRoles: Set<Member.Role>, auditsPayloadReads: Bool) {
    self.secondFactorRoles = secondFactorRoles
    self.auditsPayloadReads = auditsPayloadReads
  }
}

extension MemberStore {
  public func policy(_ organisation: OrganisationID) async throws -> SignInPolicy {
    try await pool.run { c in try SignInPolicy.read(organisation, "", c) }
  }

  /// Members of a role that needs a second factor from now on and have none are signed out, but for the actor.
  public func setPolicy(_ policy: SignInPolicy, organisation: OrganisationID, by actor: MemberActor) async throws {
    try await pool.transaction { c in
      let change = try MemberChange(organisation, actor, c)
      let before = try SignInPolicy.read(organisation, "for update", c)
      guard before != policy else { return }
      let roles = policy.secondFactorRoles.map(\.rawValue).sorted()
      try c.execute(
        "update organisations set second_factor_roles = \(roles), payload_reads_audited = \(policy.auditsPayloadReads) where id = \(organisation)")
      try c.execute(
        """
        delete from member_sessions where member_id in (
          select m.id from members m where m.organisation_id = \(organisation) and m.totp_secret is null
            and m.id is distinct from \(actor.member) and (m.role = any(\(roles)) or exists (
              select 1 from member_roles r where r.member_id = m.id and r.role = any(\(roles)))))
        """)
      try change.audit("sign-in rules changed", "organisation", before: before.facts, after: policy.facts)
    }
  }

  /// Tells the audit log that somebody read inputs and outputs, where the organisation asks for it.
  public func notePayloadRead(_ subject: String, organisation: OrganisationID, by actor: String) async throws {
    try await pool.transaction { c in
      guard try SignInPolicy.read(organisation, "", c).auditsPayloadReads else { return }
      try AuditEntry.append(organisation, actor, "payload read", subject, c)
    }
  }
}

extension SignInPolicy {
  static func read(_ organisation: OrganisationID, _ lock: SQL, _ c: Connection) throws -> SignInPolicy {
    let sql: SQL = "select second_factor_roles, payload_reads_audited from organisations where id = \(organisation) \(lock)"
    let found = try c.first(sql) { row in
      SignInPolicy(
        secondFactorRoles: Set(try row.strings(0).compactMap(Member.Role.init(rawValue:))), auditsPayloadReads: try row.bool(1))
    }
    guard let found else { throw StructureError.unknown("organisation") }
    return found
  }

  var facts: [String: String?] {
    ["secondFactorRoles": secondFactorRoles.map(\.rawValue).sorted().joined(separator: ", "), "auditsPayloadReads": String(auditsPayloadReads)]
  }
}
