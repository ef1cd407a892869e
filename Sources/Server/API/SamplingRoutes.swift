import Domain
import Hummingbird
import Store
import Wire

/// `/api/v1/sampling/:project`: what a project keeps of its traces beside usage, calls and cost.
struct SamplingRoutes {
  let backend: Backend
  private static let fields = ["environment", "payloads", "spans", "keep"]

  func settings(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    return try await answer(try await project(context, grant), grant)
  }

  /// Puts a version in force: `{"environment", "payloads", "spans", "keep"}`; without an environment that of the project. What is not sent
  /// keeps everything.
  func save(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let project = try await project(context, grant)
    let input = try await input(request, grant, Self.fields)
    try await backend.sampling.save(
      try Self.policy(input), of: project.id, environment: try input.text("environment"), scope: grant.adminScope, by: grant.actor)
    return try await answer(project, grant)
  }

  /// The same fields; what they would keep of the last day. Nothing is saved.
  func preview(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let project = try await project(context, grant)
    let input = try await input(request, grant, Self.fields)
    let preview = try await backend.samplingReports.preview(
      try Self.policy(input), of: project.id, environment: try input.text("environment"), now: Timestamp.now, scope: grant.adminScope)
    return .json(.ok, SamplingJSON.preview(preview))
  }

  /// `{"environment"}` follows the project again.
  func end(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let project = try await project(context, grant)
    let input = try await input(request, grant, ["environment"])
    try await backend.sampling.end(try input.required("environment"), of: project.id, scope: grant.adminScope, by: grant.actor)
    return try await answer(project, grant)
  }

  /// `{"scopes": []}`: the whole noise filter.
  func noise(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let project = try await project(context, grant)
    let input = try await input(request, grant, ["scopes"])
    guard input.has("scopes") else { throw Failure.badRequest("scopes is missing: expected a list of instrumentation scopes") }
    try await backend.sampling.saveNoise(try input.texts("scopes"), of: project.id, scope: grant.adminScope, by: grant.actor)
    return try await answer(project, grant)
  }

  private func input(_ request: Request, _ grant: KeyGrant, _ fields: [String]) async throws -> StructureInput {
    try StructureInput(try await request.json(upTo: 1 << 20), zone: grant.organisation.timeZone, fields: fields)
  }

  private func project(_ context: Context, _ grant: KeyGrant) async throws -> Project {
    let slug = try context.decoded("project")
    guard let project = try await backend.accounts.project(slug: slug, scope: grant.adminScope) else {
      throw Failure.notFound("no project \(slug.prefix(100))")
    }
    return project
  }

  private func answer(_ project: Project, _ grant: KeyGrant) async throws -> Response {
    let scope = grant.adminScope
    let settings = try await backend.sampling.current(scope: scope).filter { $0.project == project.id }
    let noise = try await backend.sampling.noise(project.id, limit: 1, scope: scope).first
    let activity = try await backend.samplingReports.activity(project.id, now: Timestamp.now, scope: scope)
    return .json(.ok, SamplingJSON.settings(project, settings, noise, activity))
  }

  private static func policy(_ input: StructureInput) throws -> SamplingPolicy {
    var keep = KeepRules()
    if let sent = input["keep"] {
      let rules = try StructureInput(
        sent, zone: input.zone, fields: ["errors", "costAbove", "durationAboveMs", "users", "tags", "endpoints", "scored"])
      keep.errors = try rules.flag("errors") ?? false
      keep.scored = try rules.flag("scored") ?? false
      keep.costAbove = try SamplingInput.cost(try rules.text("costAbove") ?? "")
      keep.durationAboveMilliseconds = try rules.number("durationAboveMs").map(Int64.init)
      (keep.users, keep.tags, keep.endpoints) = (try rules.texts("users"), try rules.texts("tags"), try rules.texts("endpoints"))
    }
    return SamplingPolicy(
      payloads: try SamplingInput.share("payloads", try input.text("payloads") ?? "100"),
      spans: try SamplingInput.share("spans", try input.text("spans") ?? "100"), keep: keep)
  }
}

enum SamplingJSON {
  static func settings(_ project: Project, _ settings: [SamplingVersion], _ noise: NoiseVersion?, _ activity: SamplingActivity) -> JSONValue {
    [
      "project": .string(project.slug), "settings": .array(settings.map(version)),
      "noise": noise.map {
        ["version": PriceJSON.number($0.version), "scopes": texts($0.scopes), "by": .string($0.createdBy), "at": PriceJSON.time($0.createdAt)]
      } ?? .null,
      "heldBlocks": PriceJSON.number(activity.held), "days": .array(activity.days.map(day)),
    ]
  }

  private static func version(_ version: SamplingVersion) -> JSONValue {
    let keep = version.policy.keep
    return [
      "environment": PriceJSON.text(version.environment), "version": PriceJSON.number(version.policy.version),
      "payloads": .string(version.policy.payloads.percent), "spans": .string(version.policy.spans.percent),
      "keep": [
        "errors": .bool(keep.errors), "costAbove": PriceJSON.text(keep.costAbove?.decimal),
        "durationAboveMs": keep.durationAboveMilliseconds.map { PriceJSON.number($0) } ?? .null, "users": texts(keep.users),
        "tags": texts(keep.tags), "endpoints": texts(keep.endpoints), "scored": .bool(keep.scored),
      ],
      "by": .string(version.createdBy), "at": PriceJSON.time(version.createdAt),
    ]
  }

  private static func day(_ day: SamplingActivity.Day) -> JSONValue {
    [
      "day": .string(day.day), "payloadsDropped": PriceJSON.number(day.payloadsDropped), "bytesDropped": PriceJSON.number(day.bytesDropped),
      "payloadsKept": counts(day.payloadsKept), "spansSampled": PriceJSON.number(day.spansSampled), "spansNoise": PriceJSON.number(day.spansNoise),
    ]
  }

  static func preview(_ preview: SamplingPreview) -> JSONValue {
    [
      "traces": PriceJSON.number(preview.traces), "isComplete": .bool(!preview.isCut), "kept": counts(preview.kept),
      "payloadBytes": PriceJSON.number(preview.payloadBytes), "payloadBytesKept": PriceJSON.number(preview.payloadBytesKept),
      "spans": PriceJSON.number(preview.spans), "spansOmitted": PriceJSON.number(preview.spansOmitted), "calls": PriceJSON.number(preview.calls),
    ]
  }

  /// Why bodies are not there; null when they are, or something else took them.
  static func sampled(_ sampled: SampledPayload?) -> JSONValue {
    guard let sampled else { return .null }
    return [
      "reason": "sampled", "environment": .string(sampled.environment), "share": .string(sampled.share.percent),
      "version": PriceJSON.number(sampled.version), "isPartly": .bool(sampled.isPartly),
    ]
  }

  private static func counts(_ counts: [KeepReason: Int64]) -> JSONValue {
    .object(JSONObject(KeepReason.allCases.compactMap { reason in counts[reason].map { JSONMember(key: reason.rawValue, value: PriceJSON.number($0)) } }))
  }

  private static func texts(_ texts: [String]) -> JSONValue { .array(texts.map(JSONValue.string)) }
}
