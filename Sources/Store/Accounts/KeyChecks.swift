import Domain
import Postgres

extension NewKey {
  /// Errors: `AccountError.invalid` naming the field.
  func checked(_ c: Connection) throws -> NewKey {
    var checked = self
    checked.name = try AccountError.filled(name, "key name")
    checked.environment = try environment.map(\.trimmedBlanks).flatMap {
      $0.isEmpty ? nil : try AccountError.filled($0, "environment", most: 40)
    }
    try KeyChecks.expiry(expiresAt, c)
    try KeyChecks.limits(limits)
    return checked
  }
}

extension KeyChange {
  /// Errors: `AccountError.invalid` naming the field. An expiry that stays as it was may have passed.
  func checked(_ known: APIKey, _ c: Connection) throws -> KeyChange {
    var checked = self
    checked.name = try AccountError.filled(name, "key name")
    if expiresAt != known.expiresAt { try KeyChecks.expiry(expiresAt, c) }
    try KeyChecks.limits(limits)
    return checked
  }
}

extension KeyPair {
  /// A given pair must be long enough not to be guessed, and printable, so that it fits in an HTTP header.
  func checked() throws -> KeyPair {
    let isPrintable = (publicKey + secretKey).utf8.allSatisfy { (33...126).contains($0) && $0 != UInt8(ascii: ":") }
    guard isPrintable, (1...100).contains(publicKey.utf8.count), (16...200).contains(secretKey.utf8.count) else {
      throw AccountError.invalid(field: "key pair", accepted: "printable ASCII without ':', the secret of at least 16 characters")
    }
    return self
  }
}

enum KeyChecks {
  /// Smaller bodies than this would refuse single calls with ordinary prompts.
  static let bytesLeast: Int32 = 1024

  static func expiry(_ time: Timestamp?, _ c: Connection) throws {
    guard let time else { return }
    // A century: what lies behind was meant to be none.
    let isToCome = try c.first("select \(time) > now() and \(time) < now() + interval '100 years'") { try $0.bool(0) } ?? false
    guard isToCome else {
      throw AccountError.invalid(field: "expiry", accepted: "a time to come, or none")
    }
  }

  static func limits(_ limits: KeyLimits) throws {
    for (field, value, least) in [
      ("requests a minute", limits.requestsPerMinute, Int32(1)), ("spans a minute", limits.spansPerMinute, 1),
      ("largest request", limits.requestBytesMax, bytesLeast),
    ] where value.map({ $0 < least }) ?? false {
      throw AccountError.invalid(field: field, accepted: "a whole number of at least \(least), or none")
    }
  }
}

extension APIKey {
  /// For the audit log: no part of the secret.
  var facts: [String: String?] {
    [
      "name": name, "scopes": scopes.map(\.rawValue).sorted().joined(separator: ","), "environment": environment,
      "team": team.team.map { "\($0)" }, "teamIs": team.mode == 0 ? nil : team.mode == 1 ? "default" : "fixed",
      "userGroup": userGroup.map { "\($0)" }, "expiresAt": expiresAt.map(Self.text), "contentPolicy": "\(contentPolicy)",
      "requestsPerMinute": limits.requestsPerMinute.map { "\($0)" }, "spansPerMinute": limits.spansPerMinute.map { "\($0)" },
      "requestBytesMax": limits.requestBytesMax.map { "\($0)" }, "namesUsers": money.namesUsers ? nil : "false",
      "moneyTeams": money.teams.stored?.map { "\($0)" }.joined(separator: ","),
    ]
  }

  /// Seconds since 1970, in UTC: readable by machines whatever the zone of the database.
  static func text(_ time: Timestamp) -> String { "\(time.microseconds / 1_000_000)" }

  func audit(
    _ action: String, detail: [String: String?] = [:], before: [String: String?]? = nil, after: [String: String?]? = nil,
    _ scope: AccessScope, _ actor: KeyActor, _ c: Connection
  ) throws {
    var detail = detail
    detail["name"] = name
    detail["project"] = "\(project)"
    try AuditEntry.append(
      scope.organisation, actor.name, action, "key \(publicKey)", detail: AuditEntry.object(detail),
      before: before.map(AuditEntry.object) ?? "null::jsonb", after: after.map(AuditEntry.object) ?? "null::jsonb", c)
  }
}
