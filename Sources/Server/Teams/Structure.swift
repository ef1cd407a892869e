import Domain
import Pages
import Store
import Wire

extension Backend {
  /// Does parts of the re-attribution that is under way, until there is none, another process works on it, or the service stops.
  func reattributeOn() async throws {
    while !Task.isCancelled {
      do {
        guard case .workedOn = try await reattributions.work() else { return }
      } catch let stale as StaleDecision where !stale.isCatalogueOld {
        continue
      }
    }
  }

  /// What today's rules, or others in their place, would change. *Errors:* those of `Reattributions.dryRun`; `Failure` 400 when it takes
  /// too long.
  func dryRun(
    _ wanted: ReattributionRequest, rules: [AttributionRule]? = nil, scope: AccessScope, longest: Duration = RepricingDryRuns.longest
  ) async throws -> ReattributionDryRun {
    try await Deadline.reading(longest, late: .badRequest("too many calls for a dry run: choose a shorter period")) {
      try await reattributions.dryRun(wanted, rules: rules, scope: scope)
    }
  }

  /// What a rule would change of the last seven days.
  func preview(_ draft: RuleDraft, replacing: RuleID? = nil, at position: Int32? = nil, scope: AccessScope) async throws -> RulePreview {
    try await reattributions.preview(draft, replacing: replacing, at: position, now: Timestamp.now, scope: scope)
  }

  /// Names that people and the API use for ids.
  func structureNames(_ scope: AccessScope) async throws -> StructureNames {
    let groups = try await userGroups.list(scope: scope)
    return StructureNames(teams: try await teams.list(scope: scope), groups: groups.map(\.group))
  }
}

/// Teams and user groups by id and by name.
struct StructureNames: Sendable {
  let teams: [Team]
  let groups: [UserGroup]

  func team(_ id: TeamID?) -> Team? { id.flatMap { id in teams.first { $0.id == id } } }
  func group(_ id: UserGroupID?) -> UserGroup? { id.flatMap { id in groups.first { $0.id == id } } }

  /// By name, else by number. *Errors:* `Failure` 400 naming the field.
  func team(_ text: String, _ field: String) throws -> TeamID {
    if let team = teams.first(where: { $0.name == text }) ?? Int32(text).flatMap({ number in teams.first { $0.id.rawValue == number } }) {
      return team.id
    }
    throw Failure.badRequest("\(field) is \"\(text)\": expected the name or the number of a team")
  }

  func group(_ text: String, _ field: String) throws -> UserGroupID {
    if let group = groups.first(where: { $0.name == text }) ?? Int32(text).flatMap({ number in groups.first { $0.id.rawValue == number } }) {
      return group.id
    }
    throw Failure.badRequest("\(field) is \"\(text)\": expected the name or the number of a user group")
  }
}

/// A JSON object of the API, field by field.
struct StructureInput {
  private let object: JSONObject
  let zone: String

  init(_ value: JSONValue, zone: String, fields: [String]) throws {
    guard let object = value.objectValue else { throw Failure.badRequest("expected a JSON object") }
    if let unknown = object.members.first(where: { !fields.contains($0.key) })?.key {
      throw Failure.badRequest("\(unknown) is no field here: expected \(fields.joined(separator: ", "))")
    }
    self.object = object
    self.zone = zone
  }

  func has(_ name: String) -> Bool { object[name] != nil }

  subscript(name: String) -> JSONValue? { object[name].flatMap { $0.isNull ? nil : $0 } }

  /// nil: absent, null or empty.
  func text(_ name: String) throws -> String? {
    guard let value = self[name] else { return nil }
    guard let text = value.stringValue ?? value.decimalText else { throw Failure.badRequest("\(name) is expected to be a text") }
    return text.isEmpty ? nil : text
  }

  func required(_ name: String) throws -> String {
    guard let text = try text(name) else { throw Failure.badRequest("\(name) is missing") }
    return text
  }

  func flag(_ name: String) throws -> Bool? {
    guard let value = self[name] else { return nil }
    guard let flag = value.boolValue else { throw Failure.badRequest("\(name) is expected to be true or false") }
    return flag
  }

  func number(_ name: String) throws -> Int32? {
    guard let value = self[name] else { return nil }
    guard let number = value.intValue.flatMap(Int32.init(exactly:)) else { throw Failure.badRequest("\(name) is expected to be a whole number") }
    return number
  }

  func texts(_ name: String) throws -> [String] {
    guard let value = self[name] else { return [] }
    guard let values = value.arrayValue else { throw Failure.badRequest("\(name) is expected to be a list of texts") }
    return try values.map { value in
      guard let text = value.stringValue else { throw Failure.badRequest("\(name) is expected to be a list of texts") }
      return text
    }
  }

  func time(_ name: String) throws -> Timestamp? {
    guard let text = try text(name) else { return nil }
    guard let time = ISOTime.parse(text, zone: zone) else {
      throw Failure.badRequest("\(name) is \"\(text)\": expected a date such as 2026-11-01, or an ISO 8601 time")
    }
    return time
  }
}

extension ReattributionRequest {
  /// Days begin in the zone; without an end it is a day from now, because calls may start a little ahead of this clock.
  /// - Throws: `Failure` 400 naming the field and what it accepts.
  init(from: String, to: String, reason: String, zone: String, now: Timestamp) throws {
    let request = try RepricingRequest(RepricingChoice(from: from, to: to, models: [], reason: reason), zone: zone, now: now)
    self.init(range: request.range, reason: reason)
  }
}
