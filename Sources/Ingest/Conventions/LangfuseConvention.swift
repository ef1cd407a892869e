import Domain
import Wire

/// Langfuse's own attributes, of its SDKs and of LiteLLM's and others' Langfuse exporters.
enum LangfuseConvention: Convention {
  static let keys: [(key: String, slot: Slot)] = [
    ("langfuse.observation.type", .langfuseType),
    ("langfuse.internal.as_root", .asRoot),
    ("langfuse.observation.model.name", .requestModel),
    ("langfuse.observation.model.parameters", .parameters),
    ("langfuse.observation.metadata.ls_provider", .provider),
    ("langfuse.observation.metadata.service_tier", .responseTier),
    // Not plain "region": that is the application's own word for anything.
    ("langfuse.observation.metadata.inference_geo", .region),
    ("langfuse.observation.metadata.provider_region", .region),
    ("langfuse.observation.metadata.aws_region", .region),
    ("langfuse.observation.metadata.aws_region_name", .region),
    ("langfuse.observation.metadata.vertex_location", .region),
    ("langfuse.observation.metadata.batch", .isBatch),
    ("langfuse.observation.metadata.cache_hit", .cacheHit),
    ("langfuse.observation.metadata.cacheHit", .cacheHit),
    ("langfuse.user.id", .user),
    ("langfuse.observation.metadata.langfuse_user_id", .user),
    ("langfuse.trace.metadata.langfuse_user_id", .user),
    ("langfuse.session.id", .session),
    ("langfuse.trace.session_id", .session),
    ("langfuse.observation.metadata.langfuse_session_id", .session),
    ("langfuse.trace.metadata.langfuse_session_id", .session),
    ("langfuse.trace.tags", .tags),
    ("langfuse.tags", .tags),
    ("langfuse.observation.metadata.langfuse_tags", .tags),
    ("langfuse.trace.metadata.langfuse_tags", .tags),
    ("langfuse.environment", .environment),
    ("langfuse.release", .release),
    ("langfuse.version", .version),
    ("langfuse.observation.prompt.name", .promptName),
    ("langfuse.prompt.name", .promptName),
    ("langfuse.observation.prompt.version", .promptVersion),
    ("langfuse.prompt.version", .promptVersion),
    ("langfuse.observation.level", .level),
    ("langfuse.observation.status_message", .statusMessage),
    ("langfuse.observation.completion_start_time", .firstTokenTime),
    ("langfuse.observation.usage_details", .usageDetails),
    ("langfuse.observation.cost_details", .costDetails),
    ("langfuse.observation.input", .inputDocument),
    ("langfuse.observation.output", .outputDocument),
    ("langfuse.observation.metadata", .metadata),
    ("langfuse.metadata", .metadata),
    ("langfuse.trace.metadata", .traceMetadata),
    ("langfuse.trace.name", .traceName),
    ("langfuse.trace.input", .traceInput),
    ("langfuse.trace.output", .traceOutput),
    ("langfuse.trace.public", .tracePublic),
    ("langfuse.public", .tracePublic),
  ]
  static let prefixes: [(prefix: String, kind: KeyPrefix)] = [
    ("langfuse.observation.metadata.", .metadata),
    ("langfuse.trace.metadata.", .traceMetadata),
    ("langfuse.metadata.", .metadata),
  ]

  /// Any of the ten observation types, in any case.
  static func kind(_ text: String) -> ObservationKind? { ObservationKind(rawValue: text.lowercased()) }

  private static let levels: [String: ObservationLevel] = [
    "DEBUG": .debug, "TRACE": .debug, "VERBOSE": .debug,
    "DEFAULT": .default, "INFO": .default, "LOG": .default, "NOTICE": .default, "OK": .default, "SUCCESS": .default,
    "WARNING": .warning, "WARN": .warning,
    "ERROR": .error, "FATAL": .error, "CRITICAL": .error,
  ]

  /// A level or one of its aliases, in any case.
  static func level(_ text: String) -> ObservationLevel? { levels[text.uppercased()] }

  /// An environment's name as Langfuse cleans it: lower case, no leading "langfuse", at most 40 of `a-z0-9-_`;
  /// "default" when nothing valid is left.
  static func environment(_ text: String) -> String {
    var name = text.lowercased()[...]
    while name.hasPrefix("langfuse") {
      name = name.dropFirst("langfuse".count)
      if name.first == "-" || name.first == "_" { name = name.dropFirst() }
    }
    let cut = String(name.prefix(40))
    let isValid = !cut.isEmpty && cut.utf8.allSatisfy { isEnvironmentCharacter($0) }
    return isValid ? cut : "default"
  }

  private static func isEnvironmentCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }

  /// `cost_details`: its total, else the sum of its parts. Negative and non-numeric members don't count; nil without
  /// any.
  static func cost(_ value: AnyValue?) -> USD? {
    guard let members = value?.parsedJSON?.objectValue?.members else { return nil }
    var sum: USD?
    for member in members {
      guard let text = member.value.decimalText, let amount = USD(decimal: text), amount >= .zero else { continue }
      if member.key == "total" || member.key == "total_cost" { return amount }
      sum = (sum ?? .zero) + amount
    }
    return sum
  }

  /// An ISO instant, bare or JSON-quoted once or twice.
  static func instant(_ text: String) -> Timestamp? {
    var rest = text
    for _ in 0..<3 {
      if let time = ISOTime.parse(rest) { return time }
      guard case .string(let inner) = try? JSON.parse(rest) else { return nil }
      rest = inner
    }
    return nil
  }
}
