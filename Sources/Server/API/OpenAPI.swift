import Domain
import HTTPTypes
import Hummingbird
import Wire

/// What the OpenAPI document says of a route beside its method, its path and who may call it, which the route table knows.
struct APIOperation: Sendable {
  struct Parameter: Sendable {
    var name: String
    var schema: JSONValue
    var about: String
    var isRequired = false
    /// Values may be repeated: `model=a&model=b`.
    var isList = false
  }

  struct Body: Sendable {
    var type: String
    var schema: JSONValue
  }

  struct Answer: Sendable {
    var status: Int
    var about: String
    /// Media types with their schemas; none: no body.
    var content: [(type: String, schema: JSONValue)]
  }

  var method: HTTPRequest.Method
  var path: String
  /// Unique, camelCase.
  var id: String
  var about: String
  var query: [Parameter] = []
  /// Schemas of named parts of the path; a text unless it is here.
  var parts: [String: JSONValue] = [:]
  var bodies: [Body] = []
  var answers: [Answer]
  /// Refusals that only some routes have: 404, 409.
  var refusals: [Int] = []
}

/// `GET /api/openapi.json`: the API as the route table has it.
struct OpenAPIRoute: Sendable {
  static let row = RouteRow(method: .get, path: "api/openapi.json", access: .open)
  let backend: Backend
  private let document: JSONObject

  init(_ rows: [RouteRow], _ backend: Backend) {
    self.backend = backend
    document = OpenAPI.document(rows)
  }

  /// The server's address is the one that the request came to.
  func get(_ request: Request, _ context: Context) async throws -> Response {
    var document = document
    document.members.append(JSONMember(key: "servers", value: [["url": .string(backend.baseURL)]]))
    return .json(.ok, .object(document))
  }
}

enum OpenAPI {
  /// Every operation that is described, in the order of the document.
  static let operations = health + ingestion + spending + traces + prices + reports + structure + keys + content + sampling + auditing

  /// Routes for programs: those with keys, and those that SDKs and probes call. Pages are for people.
  static func isProgrammatic(_ row: RouteRow) -> Bool {
    if case .key = row.access { return true }
    let path = row.path
    return ["api/", "v1/", "otlp/"].contains { path.hasPrefix($0) } || ["livez", "readyz", "metrics"].contains(path)
  }

  static func described(_ row: RouteRow) -> APIOperation? { operations.first { $0.method == row.method && $0.path == row.path } }

  static func document(_ rows: [RouteRow]) -> JSONObject {
    var paths: [(path: String, methods: [JSONMember])] = []
    for row in rows where isProgrammatic(row) {
      guard let operation = described(row) else { continue }
      let path = written(row.path), method = JSONMember(key: row.method.rawValue.lowercased(), value: self.operation(operation, row.access))
      if let known = paths.firstIndex(where: { $0.path == path }) {
        paths[known].methods.append(method)
      } else {
        paths.append((path, [method]))
      }
    }
    return [
      "openapi": "3.1.0",
      "info": [
        "title": "Quipu", "version": .string(Version.text),
        "description": "Traces, cost and usage of LLM applications. Money is a decimal text in USD, unknown cost is null, times are RFC 3339 in UTC.",
      ],
      "paths": .object(JSONObject(paths.map { JSONMember(key: $0.path, value: .object(JSONObject($0.methods))) })),
      "components": [
        "schemas": .object(JSONObject(Schema.components.map { JSONMember(key: $0.name, value: $0.schema) })),
        "securitySchemes": [
          "pair": ["type": "http", "scheme": "basic", "description": "The public key as user name, the secret key as password."],
          "secret": ["type": "http", "scheme": "bearer", "description": "The secret key."],
          "header": ["type": "apiKey", "in": "header", "name": "x-api-key", "description": "The secret key."],
        ],
      ],
    ]
  }

  /// "/api/v1/traces/{trace}" of "api/v1/traces/:trace".
  static func written(_ path: String) -> String {
    "/" + path.split(separator: "/").map { $0 == "**" ? "{rest}" : $0.hasPrefix(":") ? "{\($0.dropFirst())}" : String($0) }.joined(separator: "/")
  }

  private static func operation(_ o: APIOperation, _ access: RouteAccess) -> JSONValue {
    var members = [JSONMember(key: "operationId", value: .string(o.id)), JSONMember(key: "summary", value: .string(o.about))]
    if let scopes = Self.scopes(o, access) {
      members.append(JSONMember(key: "security", value: [["pair": []], ["secret": []], ["header": []]]))
      if !scopes.isEmpty { members.append(JSONMember(key: "x-key-scopes", value: .array(scopes.map(JSONValue.string)))) }
    } else {
      members.append(JSONMember(key: "security", value: []))
    }
    let parameters = parts(o) + o.query.map(parameter)
    if !parameters.isEmpty { members.append(JSONMember(key: "parameters", value: .array(parameters))) }
    if !o.bodies.isEmpty {
      let content = o.bodies.map { JSONMember(key: $0.type, value: ["schema": $0.schema]) }
      members.append(JSONMember(key: "requestBody", value: ["required": true, "content": .object(JSONObject(content))]))
    }
    members.append(JSONMember(key: "responses", value: .object(JSONObject(answers(o, needsKey: scopes(o, access) != nil)))))
    return .object(JSONObject(members))
  }

  /// Scopes of which a key needs one; nil when none is asked for. Ingest routes ask by themselves, in their protocol's form.
  private static func scopes(_ o: APIOperation, _ access: RouteAccess) -> [String]? {
    if case .key(let scopes, _) = access { return scopes.map(\.rawValue).sorted() }
    if o.method == .post { return [KeyScope.ingest.rawValue] }
    return ["api/public/projects", "api/public/v2/prompts/**"].contains(o.path) ? [] : nil
  }

  private static func parts(_ o: APIOperation) -> [JSONValue] {
    o.path.split(separator: "/").filter { $0.hasPrefix(":") || $0 == "**" }.map { part in
      let name = part == "**" ? "rest" : String(part.dropFirst())
      return ["name": .string(name), "in": "path", "required": true, "schema": o.parts[name] ?? Schema.part]
    }
  }

  private static func parameter(_ p: APIOperation.Parameter) -> JSONValue {
    [
      "name": .string(p.name), "in": "query", "required": .bool(p.isRequired), "description": .string(p.about),
      "schema": p.isList ? ["type": "array", "items": p.schema] : p.schema,
    ]
  }

  private static func answers(_ o: APIOperation, needsKey: Bool) -> [JSONMember] {
    let given = o.answers.map { answer in
      JSONMember(key: String(answer.status), value: response(answer.about, answer.content))
    }
    // 405: an address that takes other methods.
    var codes = Set(o.refusals)
    if needsKey { codes.formUnion([401, 403, 429]) }
    if !o.query.isEmpty || !o.bodies.isEmpty || !o.parts.isEmpty || o.path.contains(":") { codes.insert(400) }
    if o.path.contains(":") { codes.insert(404) }
    if !o.bodies.isEmpty { codes.insert(413) }
    codes.insert(503)
    let refused = codes.subtracting(o.answers.map(\.status)).sorted().map { code in
      JSONMember(key: String(code), value: response(reason(code), Schema.errors(o.path)))
    }
    return given + refused
  }

  private static func response(_ about: String, _ content: [(type: String, schema: JSONValue)]) -> JSONValue {
    let types = content.map { JSONMember(key: $0.type, value: ["schema": $0.schema]) }
    return types.isEmpty
      ? ["description": .string(about)] : ["description": .string(about), "content": .object(JSONObject(types))]
  }

  private static func reason(_ code: Int) -> String {
    switch code {
    case 400: "Not in the accepted form; the message names what is."
    case 401: "No key, or one that is not known here."
    case 403: "The key may not do this."
    case 404: "There is none, or the key does not reach it."
    case 409: "Not accepted beside what there is."
    case 413: "Too large."
    case 415: "A form of body that is not taken."
    case 429: "More than the key may send; Retry-After says when to come back."
    case 501: "Not kept here."
    default: "Not now; Retry-After says when to come back."
    }
  }
}
