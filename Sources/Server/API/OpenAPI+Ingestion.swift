import HTTPTypes
import Wire

/// What SDKs send and ask, and what probes ask.
extension OpenAPI {
  static let health: [APIOperation] = [
    APIOperation(
      method: .get, path: "livez", id: "live", about: "Alive; never asks the database.",
      answers: [.init(status: 200, about: "Alive.", content: [("text/plain", Schema.text)])]),
    APIOperation(
      method: .get, path: "readyz", id: "ready", about: "Ready to take traces, or what it waits for.",
      answers: [
        .json(200, "Ready.", Schema.object(["status": Schema.text])),
        .json(503, "Not yet.", Schema.object(["status": Schema.text, "for": Schema.text], required: [])),
      ]),
    APIOperation(
      method: .get, path: "metrics", id: "metrics", about: "Figures for operators, in the text format of Prometheus.",
      answers: [.init(status: 200, about: "Figures.", content: [("text/plain", Schema.text)])]),
    APIOperation(
      method: .get, path: "api/openapi.json", id: "openAPI", about: "This document.",
      answers: [.json(200, "OpenAPI 3.1.", Schema.object)]),
  ]

  static let ingestion: [APIOperation] = otlp + langfuse

  private static let otlp: [APIOperation] = [("", ""), ("otlp/", "Otlp"), ("api/public/otel/", "Langfuse")].flatMap { prefix, name in
    ["traces", "logs", "metrics"].flatMap { signal -> [APIOperation] in
      let id = "\(name)\(signal)", path = "\(prefix)v1/\(signal)"
      return [
        APIOperation(
          method: .post, path: path, id: "export\(id)", about: "OpenTelemetry \(signal) by OTLP/HTTP; gzip is taken.",
          bodies: [.init(type: "application/json", schema: Schema.object), .init(type: "application/x-protobuf", schema: Schema.text)],
          answers: [
            .init(
              status: 200, about: "Stored; partialSuccess tells what was refused.",
              content: [("application/json", Schema.object), ("application/x-protobuf", Schema.text)])
          ], refusals: [404, 415, 501]),
        APIOperation(
          method: .get, path: path, id: "ask\(id)", about: "Takes POST only.",
          answers: [.init(status: 405, about: "This address takes POST.", content: Schema.errors(path))]),
      ]
    }
  }

  private static let result = Schema.object([
    "successes": Schema.list(Schema.object(["id": Schema.text, "status": Schema.count])),
    "errors": Schema.list(Schema.object(["id": Schema.text, "status": Schema.count], required: ["id", "status"])),
  ])

  private static let langfuse: [APIOperation] = [
    APIOperation(
      method: .post, path: "api/public/ingestion", id: "ingestBatch", about: "A batch of events in the form of Langfuse SDKs.",
      bodies: [
        .json(
          Schema.object(
            ["batch": Schema.list(Schema.object(["id": Schema.text, "type": Schema.text, "timestamp": Schema.text, "body": Schema.object]))],
            required: ["batch"]))
      ], answers: [.json(207, "A result for each event.", result)], refusals: [415]),
    APIOperation(
      method: .post, path: "api/public/scores", id: "createScore", about: "A score, or a list of them.",
      bodies: [
        .json(
          Schema.object(
            [
              "name": Schema.text, "value": Schema.any, "traceId": Schema.text, "observationId": Schema.text, "comment": Schema.text,
              "dataType": Schema.one(of: ["NUMERIC", "CATEGORICAL", "BOOLEAN"]),
            ], required: ["name", "value"]))
      ],
      answers: [
        .json(200, "Stored.", Schema.any), .json(207, "A result for each.", Schema.any),
      ], refusals: [404, 415]),
    APIOperation(
      method: .post, path: "api/public/media", id: "announceMedia", about: "What SDKs ask before they upload a file; a null address tells them not to.",
      bodies: [.json(Schema.object(["sha256Hash": ["type": "string", "minLength": 44, "maxLength": 44]], required: ["sha256Hash"]))],
      answers: [.json(201, "Known.", Schema.object(["mediaId": Schema.text, "uploadUrl": Schema.orNull(Schema.text)]))], refusals: [415]),
    APIOperation(
      method: .get, path: "api/public/health", id: "langfuseHealth", about: "The version of the Langfuse API that is spoken here.",
      answers: [.json(200, "Well.", Schema.object(["status": Schema.text, "version": Schema.text]))]),
    APIOperation(
      method: .get, path: "api/public/ready", id: "langfuseReady", about: "Ready to take events.",
      answers: [.json(200, "Ready.", Schema.object(["status": Schema.text]))]),
    APIOperation(
      method: .get, path: "api/public/projects", id: "langfuseProject", about: "The key's own project.",
      answers: [.json(200, "The project.", Schema.object(["data": Schema.list(Schema.object)]))]),
    APIOperation(
      method: .get, path: "api/public/v2/prompts/**", id: "langfusePrompt", about: "Prompts are not managed here; SDKs use their fallback.",
      answers: [.json(404, "Never one.", Schema.ref("LangfuseError"))]),
  ]
}
