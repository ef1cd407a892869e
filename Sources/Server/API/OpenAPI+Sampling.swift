import HTTPTypes
import Wire

/// What projects keep of their traces.
extension OpenAPI {
  private static let keepRules = Schema.input([
    "errors": Schema.flag, "costAbove": Schema.orNull(Schema.text), "durationAboveMs": Schema.orNull(Schema.count), "users": Schema.list(Schema.text),
    "tags": Schema.list(Schema.text), "endpoints": Schema.list(Schema.text), "scored": Schema.flag,
  ])
  private static let percent: JSONValue = ["type": ["string", "number"], "description": "Per cent of traces, 0 to 100, at most four decimals"]
  private static let samplingInput = Schema.input([
    "environment": Schema.orNull(Schema.text), "payloads": percent, "spans": percent, "keep": keepRules,
  ])
  private static let samplingState = Schema.object([
    "project": Schema.text, "settings": Schema.list(Schema.object), "noise": Schema.orNull(Schema.object), "heldBlocks": Schema.count,
    "days": Schema.list(Schema.object),
  ])

  static let sampling: [APIOperation] = [
    APIOperation(
      method: .get, path: "api/v1/sampling/:project", id: "sampling", about: "What a project, by its slug, keeps of its traces, and what was left out.",
      answers: [.json(200, "Settings in force.", samplingState)]),
    APIOperation(
      method: .put, path: "api/v1/sampling/:project", id: "saveSampling",
      about: "Puts a version in force, for one environment or the project. Fields that are not sent keep everything.",
      bodies: [.json(samplingInput)], answers: [.json(200, "Settings in force.", samplingState)], refusals: [409]),
    APIOperation(
      method: .post, path: "api/v1/sampling/:project/preview", id: "previewSampling", about: "What settings would keep of the last day; nothing is saved.",
      bodies: [.json(samplingInput)],
      answers: [
        .json(
          200, "Traces, bytes and spans.",
          Schema.object([
            "traces": Schema.count, "isComplete": Schema.flag, "kept": Schema.object, "payloadBytes": Schema.count,
            "payloadBytesKept": Schema.count, "spans": Schema.count, "spansOmitted": Schema.count, "calls": Schema.count,
          ]))
      ], refusals: [409]),
    APIOperation(
      method: .post, path: "api/v1/sampling/:project/end", id: "endSampling", about: "An environment follows the project again.",
      bodies: [.json(Schema.input(["environment": Schema.text], required: ["environment"]))],
      answers: [.json(200, "Settings in force.", samplingState)], refusals: [409]),
    APIOperation(
      method: .put, path: "api/v1/sampling/:project/noise", id: "saveNoise", about: "The whole noise filter: instrumentation scopes whose plain spans are left out.",
      bodies: [.json(Schema.input(["scopes": Schema.list(Schema.text)], required: ["scopes"]))],
      answers: [.json(200, "Settings in force.", samplingState)], refusals: [409]),
  ]
}
