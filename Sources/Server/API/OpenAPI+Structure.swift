import Domain
import HTTPTypes
import Wire

/// Teams, rules, declared keys, user groups, re-attributions.
extension OpenAPI {
  private static let orText = Schema.orNull(Schema.text)
  private static let team = Schema.input([
    "name": Schema.text, "costCentre": orText, "glAccount": orText, "owner": orText, "parent": orText, "validFrom": orText, "validTo": orText,
  ])
  private static let condition = Schema.input(
    ["field": Schema.text, "match": Schema.text, "values": Schema.list(Schema.text), "not": Schema.flag], required: ["field", "values"])
  private static func rule(_ more: [(String, JSONValue)] = []) -> JSONValue {
    let known: [(String, JSONValue)] = [
      ("name", Schema.text), ("conditions", Schema.list(condition)), ("team", orText), ("endpoint", orText), ("userGroup", orText),
      ("from", orText), ("to", orText),
    ]
    return [
      "type": "object", "properties": .object(JSONObject((known + more).map { JSONMember(key: $0.0, value: $0.1) })),
      "required": ["name"], "additionalProperties": false,
    ]
  }
  private static let rules = Schema.object(["rules": Schema.list(Schema.object)])
  private static let group = Schema.object(["id": Schema.count, "name": Schema.text, "team": orText, "teamId": Schema.orNull(Schema.count)])
  private static let period = Schema.input(["from": Schema.text, "to": Schema.text, "reason": Schema.text], required: ["from"])
  private static let number = ["id": Schema.id]

  static let structure: [APIOperation] = teams + attribution + groups + runs

  private static let teams: [APIOperation] = [
    APIOperation(
      method: .get, path: "api/v1/teams", id: "teams", about: "Who owns cost.",
      answers: [.json(200, "Those in reach; of each id and name alone, for a key without the scope admin.", Schema.object(["teams": Schema.list(Schema.ref("Team"))]))]),
    APIOperation(
      method: .post, path: "api/v1/teams", id: "addTeam", about: "Makes a team; name is needed.", bodies: [.json(team)],
      answers: [.json(201, "Made.", Schema.ref("Team"))], refusals: [404, 409]),
    APIOperation(
      method: .patch, path: "api/v1/teams/:id", id: "changeTeam", about: "Fields that are not sent stay; null clears one.", parts: number,
      bodies: [.json(team)], answers: [.json(200, "As it is now.", Schema.ref("Team"))], refusals: [409]),
  ]

  private static let attribution: [APIOperation] = [
    APIOperation(
      method: .get, path: "api/v1/attribution-rules", id: "rules", about: "Rules in their order.", query: [.flag("ended", "Also those that have ended.")],
      answers: [.json(200, "By position.", rules)]),
    APIOperation(
      method: .post, path: "api/v1/attribution-rules", id: "addRule", about: "Adds a rule, at the end unless position says where.",
      bodies: [.json(rule([("position", Schema.count)]))], answers: [.json(201, "Added.", Schema.object)], refusals: [404, 409]),
    APIOperation(
      method: .post, path: "api/v1/attribution-rules/preview", id: "previewRule", about: "What it would change of the last days; nothing is written.",
      bodies: [.json(rule([("position", Schema.count), ("replacing", Schema.count)]))], answers: [.json(200, "What would change.", Schema.object)],
      refusals: [404, 409]),
    APIOperation(
      method: .put, path: "api/v1/attribution-rules/:id", id: "replaceRule", about: "Ends the rule and puts another in its place.", parts: number,
      bodies: [.json(rule())], answers: [.json(200, "The other, with an id of its own.", Schema.object)], refusals: [409]),
    APIOperation(
      method: .delete, path: "api/v1/attribution-rules/:id", id: "endRule", about: "Ends it.", parts: number, answers: [.none("Ended.")],
      refusals: [409]),
    APIOperation(
      method: .post, path: "api/v1/attribution-rules/:id/move", id: "moveRule", about: "Puts it at another position.", parts: number,
      bodies: [.json(Schema.input(["position": Schema.count], required: ["position"]))], answers: [.json(200, "All, by position.", rules)],
      refusals: [409]),
    APIOperation(
      method: .get, path: "api/v1/declared-keys", id: "declaredKeys", about: "Keys of metadata that are kept as dimensions.",
      answers: [.json(200, "All of them.", Schema.object(["declaredKeys": Schema.list(Schema.object)]))]),
    APIOperation(
      method: .post, path: "api/v1/declared-keys", id: "declareKey", about: "Declares one, or gives it another label.",
      bodies: [.json(Schema.input(["key": Schema.text, "label": orText, "dimension": Schema.flag], required: ["key"]))],
      answers: [.json(201, "Declared.", Schema.object)], refusals: [404, 409]),
  ]

  private static let groups: [APIOperation] = [
    APIOperation(
      method: .get, path: "api/v1/user-groups", id: "userGroups", about: "Groups of end users.",
      answers: [.json(200, "All of them.", Schema.object(["userGroups": Schema.list(group)]))]),
    APIOperation(
      method: .post, path: "api/v1/user-groups", id: "addUserGroup", about: "Makes one.",
      bodies: [.json(Schema.input(["name": Schema.text, "team": orText], required: ["name"]))], answers: [.json(201, "Made.", group)],
      refusals: [404, 409]),
    APIOperation(
      method: .put, path: "api/v1/user-groups/members", id: "importUserGroups", about: "CSV with the columns user and group.",
      bodies: [.init(type: "text/csv", schema: Schema.text)], answers: [.json(200, "What was taken.", Schema.object)], refusals: [409]),
    APIOperation(
      method: .patch, path: "api/v1/user-groups/:id", id: "changeUserGroup", about: "Fields that are not sent stay.", parts: number,
      bodies: [.json(Schema.input(["name": Schema.text, "team": orText]))], answers: [.json(200, "As it is now.", group)], refusals: [409]),
    APIOperation(
      method: .delete, path: "api/v1/user-groups/:id", id: "removeUserGroup", about: "Takes it away; calls keep it.", parts: number,
      answers: [.none("Gone.")], refusals: [409]),
    APIOperation(
      method: .get, path: "api/v1/user-groups/:id/members", id: "groupMembers", about: "User ids, a page at a time.",
      query: [.text("after", "The next of the page before."), .whole("limit", 1...10_000, "Rows of a page.")], parts: number,
      answers: [.json(200, "A page.", Schema.object(["users": Schema.list(Schema.text), "next": orText]))]),
    APIOperation(
      method: .put, path: "api/v1/user-groups/:id/members", id: "setGroupMembers", about: "Exactly these are in it then.", parts: number,
      bodies: [.json(Schema.input(["users": Schema.list(Schema.text)], required: ["users"]))],
      answers: [.json(200, "How many changed.", Schema.object(["changed": Schema.count]))], refusals: [409]),
  ]

  private static let runs: [APIOperation] = [
    APIOperation(
      method: .get, path: "api/v1/reattributions", id: "reattributions", about: "Runs that attribute booked calls again.",
      answers: [.json(200, "Newest first.", Schema.object(["reattributions": Schema.list(Schema.ref("Job"))]))]),
    APIOperation(
      method: .post, path: "api/v1/reattributions", id: "reattribute", about: "Begins one.", bodies: [.json(period)],
      answers: [.json(202, "Begun.", Schema.ref("Job"))], refusals: [409]),
    APIOperation(
      method: .post, path: "api/v1/reattributions/dry-run", id: "tryReattribution", about: "What it would change; nothing is written.",
      bodies: [.json(period)], answers: [.json(200, "What would change.", Schema.object)], refusals: [409]),
    APIOperation(
      method: .get, path: "api/v1/reattributions/:id", id: "reattribution", about: "How far it is.", parts: number,
      answers: [.json(200, "The run.", Schema.ref("Job"))]),
    APIOperation(
      method: .delete, path: "api/v1/reattributions/:id", id: "stopReattribution", about: "Stops it; what is done stays.", parts: number,
      answers: [.none("Stopped.")]),
  ]
}
