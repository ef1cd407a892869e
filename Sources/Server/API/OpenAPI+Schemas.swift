import Domain
import HTTPTypes
import Wire

/// Schemas of the OpenAPI document.
enum Schema {
  static let text: JSONValue = ["type": "string"]
  static let part: JSONValue = ["type": "string", "minLength": 1]
  static let count: JSONValue = ["type": "integer"]
  static let flag: JSONValue = ["type": "boolean"]
  static let number: JSONValue = ["type": "number"]
  static let object: JSONValue = ["type": "object"]
  static let any: JSONValue = [:]
  /// Of a row in a path.
  static let id: JSONValue = ["type": "integer", "format": "int32", "minimum": 1]
  static let time: JSONValue = ["type": "string", "format": "date-time"]
  /// USD.
  static let money: JSONValue = ["type": ["string", "null"], "pattern": "^-?[0-9]+(\\.[0-9]+)?$", "description": "USD; null: not known"]
  /// "2026-10".
  static let month: JSONValue = ["type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$"]
  static let day: JSONValue = ["type": "string", "format": "date"]
  /// In a query: a flag.
  static let yes: JSONValue = ["type": "string", "enum": ["0", "1", "true", "false"]]

  static func orNull(_ schema: JSONValue) -> JSONValue { ["anyOf": [schema, ["type": "null"]]] }
  static func list(_ schema: JSONValue) -> JSONValue { ["type": "array", "items": schema] }
  static func one(of names: some Sequence<String>) -> JSONValue { ["type": "string", "enum": .array(names.map(JSONValue.string))] }
  static func whole(_ range: ClosedRange<Int>) -> JSONValue {
    ["type": "integer", "minimum": .number(String(range.lowerBound)), "maximum": .number(String(range.upperBound))]
  }
  static func ref(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }

  /// - Parameter required: names that are always there; nil: all.
  static func object(_ members: KeyValuePairs<String, JSONValue>, required: [String]? = nil) -> JSONValue {
    [
      "type": "object", "properties": .object(JSONObject(members.map { JSONMember(key: $0.key, value: $0.value) })),
      "required": .array((required ?? members.map(\.key)).map(JSONValue.string)),
    ]
  }

  /// What a client sends: nothing else is taken.
  static func input(_ members: KeyValuePairs<String, JSONValue>, required: [String] = []) -> JSONValue {
    guard case .object(var schema) = object(members, required: required) else { return object }
    schema.members.append(JSONMember(key: "additionalProperties", value: false))
    return .object(schema)
  }

  /// The form of refusals on a path: each protocol has its own.
  static func errors(_ path: String) -> [(type: String, schema: JSONValue)] {
    if path.hasSuffix("v1/traces") || path.hasSuffix("v1/logs") || path.hasSuffix("v1/metrics"), !path.hasPrefix("api/v1/") {
      return [("application/json", ref("Status")), ("application/x-protobuf", text)]
    }
    return [("application/json", ref(path.hasPrefix("api/public/") ? "LangfuseError" : "Error"))]
  }

  static let components: [(name: String, schema: JSONValue)] = [
    ("Error", object(["code": text, "message": text, "requestId": text])),
    ("LangfuseError", ["type": "object", "properties": ["message": text, "error": text, "errors": ["type": "array"]]]),
    ("Status", object(["code": count, "message": text])),
    ("Tokens", ["type": "object", "description": "Counts by usage bucket, disjoint.", "additionalProperties": count]),
    (
      "TraceItem",
      object([
        "id": text, "name": orNull(text), "project": text, "environment": text, "user": orNull(text), "session": orNull(text),
        "release": orNull(text), "tags": list(text), "startedAt": time, "durationMs": orNull(number), "calls": count, "errors": count,
        "tokens": ref("Tokens"), "cost": money, "unpricedCalls": count, "countingPending": flag,
      ])
    ),
    (
      "Observation",
      object([
        "id": text, "parentId": orNull(text), "kind": one(of: ObservationKind.allCases.map(\.rawValue)), "name": orNull(text),
        "model": orNull(text), "provider": orNull(text), "startedAt": time, "endedAt": orNull(time), "durationMs": orNull(number),
        "level": text, "statusMessage": orNull(text), "usage": ref("Tokens"), "doubts": list(text), "cost": money,
        "costStatus": orNull(text), "costReason": orNull(text), "list": money, "contracted": money, "firstCharge": orNull(object),
        "pricedModel": orNull(text), "price": orNull(text), "reportedCost": money, "shadowedBy": orNull(text), "team": orNull(text),
        "endpoint": orNull(text), "user": orNull(text), "session": orNull(text), "environment": text,
      ])
    ),
    (
      "Team",
      object([
        "id": count, "name": text, "costCentre": orNull(text), "glAccount": orNull(text), "owner": orNull(text), "parent": orNull(text),
        "validFrom": orNull(text), "validTo": orNull(text),
      ], required: ["id", "name"])
    ),
    (
      "Statement",
      object([
        "month": orNull(month), "from": time, "to": time, "timeZone": text, "state": text, "closableFrom": time, "id": orNull(count),
        "closedAt": orNull(time), "closedBy": orNull(text), "comment": orNull(text), "sha256": orNull(text), "total": money,
      ])
    ),
    (
      "Export",
      object([
        "id": count, "state": text, "question": text, "fileName": text, "createdAt": time, "createdBy": text, "rows": count, "bytes": count,
        "daysDone": count, "daysTotal": count, "finishedAt": orNull(time), "keptUntil": time, "failure": orNull(text), "file": orNull(text),
      ])
    ),
    (
      "Job",
      ["type": "object", "description": "A run over booked calls.", "properties": ["id": count, "state": text, "from": time, "to": time, "reason": text],
       "required": ["id"]]
    ),
  ]
}

extension APIOperation.Answer {
  static func json(_ status: Int, _ about: String, _ schema: JSONValue) -> Self {
    Self(status: status, about: about, content: [("application/json", schema)])
  }
  static func none(_ about: String) -> Self { Self(status: 204, about: about, content: []) }
}

extension APIOperation.Body {
  static func json(_ schema: JSONValue) -> Self { Self(type: "application/json", schema: schema) }
}

extension APIOperation.Parameter {
  /// Times of the range: the last days unless said.
  static let range: [Self] = [
    Self(name: "from", schema: Schema.text, about: "First instant: ISO 8601, a day, or milliseconds since 1970."),
    Self(name: "to", schema: Schema.text, about: "First instant after it."),
    Self(name: "timeZone", schema: Schema.text, about: "IANA name in which days begin; the organisation's unless said."),
  ]
  /// Filters: each value that is to be kept; an empty one is "none". Declared metadata keys are filters too: `metadata.KEY`.
  static let filters: [Self] = CostDimension.allCases.filter { $0.place == nil }.map { dimension in
    Self(
      name: dimension.rawValue, schema: dimension == .kind ? Schema.one(of: ObservationKind.allCases.map(\.rawValue) + [""]) : Schema.text,
      about: "Only these; an empty value is \u{201C}none\u{201D}.", isList: true)
  }

  static func choice(_ name: String, _ values: some Sequence<String>, _ about: String) -> Self {
    Self(name: name, schema: Schema.one(of: values), about: about)
  }
  static func whole(_ name: String, _ range: ClosedRange<Int>, _ about: String) -> Self {
    Self(name: name, schema: Schema.whole(range), about: about)
  }
  static func text(_ name: String, _ about: String, isRequired: Bool = false) -> Self {
    Self(name: name, schema: isRequired ? Schema.part : Schema.text, about: about, isRequired: isRequired)
  }
  static func flag(_ name: String, _ about: String) -> Self { Self(name: name, schema: Schema.yes, about: about) }
}
