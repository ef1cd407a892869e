import Domain
import Foundation
import Pages
import Store

/// Makes and changes keys for whoever may: what a member may do with a project's keys is asked here, for every page.
struct KeyDesk {
  let backend: Backend
  let visit: Visit

  private var scope: AccessScope { visit.scope }
  var actor: KeyActor { KeyActor(visit.member.email, member: visit.member.id) }

  /// Projects in reach with what the member may do with their keys.
  func projects() async throws -> [KeyProject] {
    try await backend.accounts.projects(scope: scope).map { KeyProject(project: $0, rights: visit.access.keyRights(in: $0)) }
  }

  /// Keys that the member sees.
  func keys(_ projects: [KeyProject]) async throws -> [(listed: ListedKey, place: KeyProject)] {
    let places = Dictionary(uniqueKeysWithValues: projects.map { ($0.project.id, $0) })
    return try await backend.accounts.keys(scope: scope).compactMap { listed in
      guard let place = places[listed.key.project], place.rights.reaches(listed.key, by: visit.member.id) else { return nil }
      return (listed, place)
    }
  }

  /// - Throws: `Failure` 404 for a key that the member doesn't see.
  func key(_ id: KeyID) async throws -> (listed: ListedKey, place: KeyProject) {
    guard let listed = try await backend.accounts.key(id, scope: scope),
      let project = try await backend.accounts.project(listed.key.project, scope: scope)
    else { throw Self.unknown }
    let place = KeyProject(project: project, rights: visit.access.keyRights(in: project))
    guard place.rights.reaches(listed.key, by: visit.member.id) else { throw Self.unknown }
    return (listed, place)
  }

  static let unknown = Failure.notFound("no key of this number")

  /// Teams that may be named for keys of any of the projects.
  func teams(_ projects: [KeyProject]) async throws -> [Team] {
    let all = try await backend.accounts.teams(scope: everyTeam)
    return all.filter { team in projects.contains { $0.rights.teams.includes(team.id) } }
  }

  /// Whose team they may name, or that have none: others give calls to teams that are not theirs.
  func groups(_ projects: [KeyProject]) async throws -> [UserGroup] {
    let teams = Set(try await teams(projects).map(\.id))
    return try await backend.userGroups.list(scope: everyTeam).map(\.group).filter { $0.team.map(teams.contains) ?? true }
  }

  /// Names of teams are no secret; what may be chosen is asked of the rights.
  private var everyTeam: AccessScope {
    AccessScope(organisation: scope.organisation, teams: .all, projects: scope.projects, readsContent: false)
  }

  /// - Throws: `Failure` 403 for what the member may not give.
  func make(_ new: NewKey) async throws -> CreatedKey {
    let projects = try await projects().filter { $0.project.id == new.project }
    guard let place = projects.first, place.rights.makesKeys else { throw Failure.forbidden("you make no keys for this project") }
    let excess = new.scopes.subtracting(place.rights.scopes)
    guard excess.isEmpty else {
      let names = excess.map(\.rawValue).sorted().joined(separator: ", ")
      throw Failure.forbidden("a key of this project with the scope \(names) is for somebody who may do as much")
    }
    if let team = new.team.team, !place.rights.teams.includes(team) { throw Failure.forbidden("this team is not yours to name") }
    if let group = new.userGroup, try await !groups(projects).contains(where: { $0.id == group }) {
      throw Failure.forbidden("this user group is not yours to name")
    }
    var new = new
    new.money = place.rights.money
    return try await backend.accounts.createKey(new, scope: reaching(place), by: actor)
  }

  /// The project alone, with any team: the rights were asked.
  private func reaching(_ place: KeyProject) -> AccessScope {
    AccessScope(organisation: scope.organisation, teams: .all, projects: .only([place.project.id]), readsContent: false)
  }
}

extension KeyInput {
  /// What the form holds of a key.
  init(_ key: APIKey, day: (Timestamp) -> String) {
    self.init()
    name = key.name
    expires = key.expiresAt.map(day) ?? ""
    content = key.contentPolicy
    requestsPerMinute = key.limits.requestsPerMinute.map { "\($0)" } ?? ""
    spansPerMinute = key.limits.spansPerMinute.map { "\($0)" } ?? ""
    requestKiB = key.limits.requestBytesMax.map { "\(($0 + 1023) / 1024)" } ?? ""
  }

  init(form: QueryParameters) {
    self.init()
    (project, team, userGroup) = (form.typed("project"), form.typed("team"), form.typed("userGroup"))
    (name, environment, expires) = (form.typed("name"), form.typed("environment"), form.typed("expires"))
    scopes = Set(form.all("scope").compactMap(KeyScope.init(rawValue:)))
    teamIsFixed = form.text("teamIs") == "fixed"
    content = form.text("content").flatMap { Int16($0) }.flatMap(APIKey.ContentPolicy.init(rawValue:)) ?? .keep
    (requestsPerMinute, spansPerMinute, requestKiB) = (form.typed("requests"), form.typed("spans"), form.typed("kib"))
  }

  /// - Throws: `Failure` 400 naming the field.
  func new(_ form: QueryParameters, _ parts: WorkParts) throws -> NewKey {
    guard let project: ProjectID = try form.id("project") else { throw Failure.badRequest("choose a project") }
    guard !scopes.isEmpty else { throw Failure.badRequest("choose what the key may do") }
    let team: KeyTeam = try form.id("team").map { teamIsFixed ? .fixed($0) : .default($0) } ?? .none
    return NewKey(
      project: project, name: name, environment: try Self.environment(environment), scopes: scopes, team: team,
      userGroup: try form.id("userGroup"), expiresAt: try parts.day("expires", expires), contentPolicy: content, limits: try limits())
  }

  /// Of a change by somebody who may set limits and content, or only name and expiry.
  func change(_ key: APIKey, _ parts: WorkParts, bounds: Bool) throws -> KeyChange {
    var change = KeyChange(key)
    change.name = name
    // The day alone would move an expiry in the middle of a day.
    if expires != (key.expiresAt.map(parts.day) ?? "") { change.expiresAt = try parts.day("expires", expires) }
    guard bounds else { return change }
    change.contentPolicy = content
    change.limits = try limits()
    return change
  }

  func limits() throws -> KeyLimits {
    let bytes = try Self.number("largest request", requestKiB).map { KiB -> Int32 in
      let (bytes, isTooLarge) = KiB.multipliedReportingOverflow(by: 1024)
      return isTooLarge ? .max : bytes
    }
    return KeyLimits(
      requestsPerMinute: try Self.number("requests a minute", requestsPerMinute),
      spansPerMinute: try Self.number("spans a minute", spansPerMinute), requestBytesMax: bytes)
  }

  private static func number(_ name: String, _ text: String) throws -> Int32? {
    let digits = text.filter { !$0.isWhitespace && $0 != "," }
    if digits.isEmpty { return nil }
    guard let number = Int32(digits), number > 0 else { throw Failure.badRequest("\(name) is \"\(text)\": expected a whole number, or nothing") }
    return number
  }

  /// As senders may name one. "" is none.
  static func environment(_ text: String) throws -> String? {
    let name = text.trimmingCharacters(in: .whitespaces)
    if name.isEmpty { return nil }
    guard name.utf8.count <= 40, name.utf8.allSatisfy(isEnvironmentCharacter) else {
      throw Failure.badRequest("environment is \"\(name.prefix(60))\": expected up to 40 of a-z, 0-9, - and _")
    }
    return name
  }

  static func isEnvironmentCharacter(_ byte: UInt8) -> Bool {
    (97...122).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
  }
}

extension WorkParts {
  /// A moment as a field of type date holds it.
  func day(_ time: Timestamp) -> String { clock.civil(time).date }
}
