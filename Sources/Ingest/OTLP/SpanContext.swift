import Domain
import Wire

/// What all spans of one scope share: read once per scope.
struct SpanContext {
  let context: IngestContext
  let scope: OTLPScope
  let resource: SpanReading
  /// Who made the spans, where the scope's name tells.
  let emitter: Emitter?
  /// The members `scope` and `resource` of every span's attributes body, as JSON text; empty when there is nothing to
  /// keep.
  let sharedMembers: String
  let texts = ParsedTexts()
  /// Values of declared keys among the resource's attributes.
  let declared: [String: String]
  /// Where neither key nor span names one.
  private let resourceEnvironment: String?

  init(_ context: IngestContext, resource: [Attribute], scope: OTLPScope) {
    self.context = context
    self.scope = scope
    let reading = SpanReading(resource)
    var kept = reading
    // Only these become columns; anything else a resource says stays with the attributes.
    let columns: [Slot] = [.environment, .service, .release, .version]
    let used = Set(columns.compactMap { reading.key($0) })
    for (index, attribute) in resource.enumerated() where !used.contains(attribute.key) { kept.keep(index) }
    if Limits.service(reading.text(.service)) == nil { kept.release(.service) }
    self.resource = reading
    resourceEnvironment = reading.text(.environment).map(LangfuseConvention.environment)
    emitter = Emitter.named(scope.name)
    declared = Self.declared(context.declaredKeys, resource)
    sharedMembers = SpanAttributes.members([
      ("scope", SpanAttributes.scope(scope)), ("resource", SpanAttributes.leftOver(kept)),
    ])
  }

  /// The key's environment, else the span's, else the resource's, cleaned as Langfuse does; nil when nobody says.
  func environment(_ span: SpanReading) -> String? {
    if let fixed = context.environment { return fixed }
    return span.text(.environment).map(LangfuseConvention.environment) ?? resourceEnvironment
  }

  func text(_ slot: Slot, _ span: SpanReading) -> String? { span.text(slot) ?? resource.text(slot) }
}

/// Longest texts that become columns; longer ones are cut there and kept whole with the attributes.
enum Limits {
  static let identifierBytes = 512
  static let nameBytes = 1024
  static let messageBytes = 8192

  /// Cut to at most `bytes` at a character's border; nil for a blank text.
  static func cut(_ text: String?, _ bytes: Int) -> String? {
    guard let text, text.utf8.contains(where: { $0 > 32 }) else { return nil }
    if text.utf8.count <= bytes { return text }
    var scalars = String.UnicodeScalarView()
    var size = 0
    for scalar in text.unicodeScalars {
      size += UTF8.width(scalar)
      if size > bytes { break }
      scalars.append(scalar)
    }
    return String(scalars)
  }

  static func identifier(_ text: String?) -> String? { cut(text, identifierBytes) }

  /// OpenTelemetry's SDKs write "unknown_service:…" when nobody named the service.
  static func service(_ text: String?) -> String? {
    text.flatMap { $0.hasPrefix("unknown_service") ? nil : identifier($0) }
  }

  /// Logfire's scrubber replaces values whose key looks like a secret.
  static func person(_ text: String?) -> String? {
    text.flatMap { $0.hasPrefix("[Scrubbed due to") ? nil : identifier($0) }
  }
}
