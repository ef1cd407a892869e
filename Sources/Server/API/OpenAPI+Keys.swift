import Domain
import HTTPTypes
import Wire

/// Keys and projects; what projects keep of content.
extension OpenAPI {
  private static let orText = Schema.orNull(Schema.text)
  private static let orCount = Schema.orNull(Schema.count)
  private static let key = Schema.object(["id": Schema.count, "publicKey": Schema.text, "name": Schema.text, "scopes": Schema.list(Schema.text)])
  private static let made = Schema.object(["id": Schema.count, "publicKey": Schema.text, "secretKey": Schema.text])
  private static let project = Schema.object(["id": Schema.count, "slug": Schema.text, "name": Schema.text, "team": orText])
  private static let policy = Schema.one(of: ["keep", "mask", "drop"])

  static let keys: [APIOperation] = [
    APIOperation(
      method: .get, path: "api/v1/keys", id: "keys", about: "Keys, without their secrets.", query: [.text("project", "Slug or number.")],
      answers: [.json(200, "All of them.", Schema.object(["keys": Schema.list(key)]))]),
    APIOperation(
      method: .post, path: "api/v1/keys", id: "makeKey", about: "Makes a key; its secret is in this answer and nowhere else. Like this one it opens no more than this one’s maker may.",
      bodies: [
        .json(
          Schema.input(
            [
              "project": Schema.text, "name": Schema.text, "scopes": Schema.list(Schema.one(of: KeyScope.allCases.map(\.rawValue))),
              "environment": orText, "team": orText, "teamIs": Schema.one(of: ["default", "fixed"]), "userGroup": orText, "expiresAt": orText,
              "contentPolicy": policy, "requestsPerMinute": orCount, "spansPerMinute": orCount, "requestBytesMax": orCount,
            ], required: ["project", "name"]))
      ], answers: [.json(201, "Made.", made)], refusals: [404, 409]),
    APIOperation(
      method: .get, path: "api/v1/keys/:key", id: "key", about: "A key, by number or public key, with what it did in the last days.",
      answers: [.json(200, "The key.", key)]),
    APIOperation(
      method: .patch, path: "api/v1/keys/:key", id: "changeKey", about: "Fields that are not sent stay; null clears one.",
      bodies: [
        .json(
          Schema.input([
            "name": Schema.text, "expiresAt": orText, "contentPolicy": policy, "requestsPerMinute": orCount, "spansPerMinute": orCount,
            "requestBytesMax": orCount,
          ]))
      ], answers: [.json(200, "As it is now.", key)], refusals: [409]),
    APIOperation(
      method: .post, path: "api/v1/keys/:key/rotate", id: "rotateKey", about: "A new secret; the old one is taken for so many hours more: 0 for a key with read or admin whose maker is another than this key’s.",
      bodies: [.json(Schema.input(["overlapHours": orCount]))], answers: [.json(200, "With the new secret.", made)], refusals: [409]),
    APIOperation(
      method: .delete, path: "api/v1/keys/:key", id: "revokeKey", about: "It is not taken any more.", answers: [.none("Revoked.")],
      refusals: [409]),
    APIOperation(
      method: .get, path: "api/v1/projects", id: "projects", about: "Where traces land.",
      answers: [.json(200, "All of them.", Schema.object(["projects": Schema.list(project)]))]),
    APIOperation(
      method: .post, path: "api/v1/projects", id: "makeProject", about: "Makes one.",
      bodies: [.json(Schema.input(["name": Schema.text, "slug": orText, "team": Schema.text], required: ["name", "team"]))],
      answers: [.json(201, "Made.", project)], refusals: [404, 409]),
  ]

  private static let pattern = Schema.input(["name": Schema.text, "pattern": Schema.text], required: ["name", "pattern"])
  private static let contentRules: KeyValuePairs<String, JSONValue> = [
    "level": Schema.text, "kinds": Schema.list(Schema.text), "hashed": Schema.flag, "identifiers": Schema.flag,
    "patterns": Schema.list(pattern), "bodyBytesMax": Schema.count,
  ]
  private static let textPreview: KeyValuePairs<String, JSONValue> = [
    "text": Schema.text, "level": Schema.text, "kinds": Schema.list(Schema.text), "hashed": Schema.flag, "identifiers": Schema.flag,
    "patterns": Schema.list(pattern), "bodyBytesMax": Schema.count,
  ]
  private static let savedRules = Schema.object(["project": Schema.text, "level": Schema.text, "kinds": Schema.list(Schema.text)])

  static let content: [APIOperation] = [
    APIOperation(
      method: .get, path: "api/v1/content-rules/:project", id: "contentRules", about: "What a project, by its slug, keeps of content.",
      answers: [.json(200, "Its rules.", savedRules)]),
    APIOperation(
      method: .patch, path: "api/v1/content-rules/:project", id: "changeContentRules", about: "Fields that are not sent stay.",
      bodies: [.json(Schema.input(contentRules))], answers: [.json(200, "As they are now.", savedRules)], refusals: [409]),
    APIOperation(
      method: .post, path: "api/v1/content-rules/:project/preview", id: "previewContentRules", about: "What masking leaves of a text; nothing is stored.",
      bodies: [.json(Schema.input(textPreview, required: ["text"]))],
      answers: [.json(200, "The text, and what was found.", Schema.object(["text": Schema.text, "found": Schema.object]))], refusals: [409]),
    APIOperation(
      method: .get, path: "api/v1/media/:id", id: "media", about: "A file that was taken out of a body.",
      answers: [.init(status: 200, about: "The file.", content: [("*/*", Schema.text)])]),
  ]
}
