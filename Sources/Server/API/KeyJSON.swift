import Domain
import Pages
import Store
import Wire

/// Keys and projects as JSON. Secrets stand only in the answers that make them.
enum KeyJSON {
  private static func member(_ key: String, _ value: JSONValue) -> JSONMember { JSONMember(key: key, value: value) }
  private static func text(_ text: String?) -> JSONValue { PriceJSON.text(text) }
  private static func time(_ time: Timestamp?) -> JSONValue { PriceJSON.time(time) }
  private static func number(_ number: Int32?) -> JSONValue { number.map { PriceJSON.number($0) } ?? .null }

  static func key(_ listed: ListedKey, _ projects: [Project], _ names: StructureNames) -> JSONValue {
    let facts = members(listed.key, projects, names)
    return .object(
      JSONObject(
        facts + [
          member("lastUsedAt", time(listed.lastUsedAt)), member("lastUsedAddress", text(listed.lastUsedAddress)),
          member("costTrust", text(listed.costTrust?.rawValue)),
        ]))
  }

  static func created(_ created: CreatedKey, _ projects: [Project], _ names: StructureNames) -> JSONValue {
    .object(JSONObject(members(created.key, projects, names) + [member("secretKey", .string(created.pair.secretKey))]))
  }

  private static func members(_ key: APIKey, _ projects: [Project], _ names: StructureNames) -> [JSONMember] {
    let (team, teamIs): (TeamID?, String?) =
      switch key.team {
      case .none: (nil, nil)
      case .default(let team): (team, "default")
      case .fixed(let team): (team, "fixed")
      }
    return [
      member("id", PriceJSON.number(key.id.rawValue)), member("publicKey", .string(key.publicKey)),
      member("secretHint", .string(key.secretHint)), member("name", .string(key.name)),
      member("project", text(projects.first { $0.id == key.project }?.slug)),
      member("scopes", .array(key.scopes.map(\.rawValue).sorted().map(JSONValue.string))), member("environment", text(key.environment)),
      member("team", text(names.team(team)?.name)), member("teamIs", text(teamIs)),
      member("userGroup", text(names.group(key.userGroup)?.name)), member("contentPolicy", .string("\(key.contentPolicy)")),
      member("requestsPerMinute", number(key.limits.requestsPerMinute)), member("spansPerMinute", number(key.limits.spansPerMinute)),
      member("requestBytesMax", number(key.limits.requestBytesMax)), member("createdAt", time(key.createdAt)),
      member("madeBy", text(key.madeBy.isEmpty ? nil : key.madeBy)), member("expiresAt", time(key.expiresAt)),
      member("rotatedAt", time(key.rotatedAt)), member("previousSecretUntil", time(key.previousSecretUntil)),
      member("revokedAt", time(key.revokedAt)),
    ]
  }

  static func project(_ project: Project, _ names: StructureNames) -> JSONValue {
    [
      "id": PriceJSON.number(project.id.rawValue), "slug": .string(project.slug), "name": .string(project.name),
      "team": text(names.team(project.team)?.name),
    ]
  }

  static func activity(_ report: KeyReport) -> JSONValue {
    [
      "countedSince": time(report.activity.countedSince), "calls": PriceJSON.number(report.total?.calls ?? 0),
      "cost": report.total?.cost.map(CostJSON.money) ?? .null, "days": .array(report.days.map(day)),
      "routes": .array(
        report.routes.map {
          [
            "route": .string($0.route), "requests": PriceJSON.number($0.requests), "refused": PriceJSON.number($0.refused),
            "lastAt": time($0.lastAt),
          ]
        }),
      "addresses": .array(
        report.activity.addresses.map {
          [
            "address": .string($0.address), "firstAt": time($0.firstAt), "lastAt": time($0.lastAt),
            "requests": PriceJSON.number($0.requests),
          ]
        }),
    ]
  }

  private static func day(_ day: KeyDayView) -> JSONValue {
    [
      "day": .string(day.day), "requests": PriceJSON.number(day.requests), "refused": PriceJSON.number(day.refused),
      "accepted": PriceJSON.number(day.items), "bytes": PriceJSON.number(day.bytes), "calls": PriceJSON.number(day.calls?.calls ?? 0),
      "cost": day.calls?.cost.map(CostJSON.money) ?? .null,
    ]
  }

  // MARK: - Reading

  static func new(_ input: StructureInput, _ projects: [Project], _ names: StructureNames) throws -> NewKey {
    let project = try KeyRoutes.project(try input.required("project"), projects)
    let scopes = try input.has("scopes") ? Set(input.texts("scopes").map(scope)) : [.ingest]
    guard !scopes.isEmpty else { throw Failure.badRequest("scopes is empty: expected \(scopeNames), or several of them") }
    var new = NewKey(project: project.id, name: try input.required("name"), scopes: scopes)
    new.environment = try input.text("environment").flatMap(KeyInput.environment)
    let isFixed = try isFixed(input)
    new.team = try input.text("team").map { try names.team($0, "team") }.map { isFixed ? .fixed($0) : .default($0) } ?? .none
    new.userGroup = try input.text("userGroup").map { try names.group($0, "userGroup") }
    new.expiresAt = try input.time("expiresAt")
    new.contentPolicy = try policy(input) ?? .keep
    new.limits = try limits(input, .none)
    return new
  }

  static func change(_ input: StructureInput, _ key: APIKey) throws -> KeyChange {
    var change = KeyChange(key)
    if input.has("name") { change.name = try input.required("name") }
    if input.has("expiresAt") { change.expiresAt = try input.time("expiresAt") }
    if let policy = try policy(input) { change.contentPolicy = policy }
    change.limits = try limits(input, change.limits)
    return change
  }

  private static func limits(_ input: StructureInput, _ known: KeyLimits) throws -> KeyLimits {
    var limits = known
    if input.has("requestsPerMinute") { limits.requestsPerMinute = try input.number("requestsPerMinute") }
    if input.has("spansPerMinute") { limits.spansPerMinute = try input.number("spansPerMinute") }
    if input.has("requestBytesMax") { limits.requestBytesMax = try input.number("requestBytesMax") }
    return limits
  }

  private static func isFixed(_ input: StructureInput) throws -> Bool {
    switch try input.text("teamIs") {
    case nil, "default": false
    case "fixed": true
    case let other?: throw Failure.badRequest("teamIs is \"\(other.prefix(100))\": expected default or fixed")
    }
  }

  private static func policy(_ input: StructureInput) throws -> APIKey.ContentPolicy? {
    guard let text = try input.text("contentPolicy") else { return nil }
    guard let policy = APIKey.ContentPolicy.allCases.first(where: { "\($0)" == text }) else {
      throw Failure.badRequest("contentPolicy is \"\(text.prefix(100))\": expected keep, mask or drop")
    }
    return policy
  }

  private static func scope(_ text: String) throws -> KeyScope {
    guard let scope = KeyScope(rawValue: text) else {
      throw Failure.badRequest("scopes has \"\(text.prefix(100))\": expected \(scopeNames)")
    }
    return scope
  }

  static let scopeNames = KeyScope.allCases.map(\.rawValue).joined(separator: ", ")
}
