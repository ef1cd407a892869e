extension ObservationFacts {
  /// Takes every field of `other` that is newer than what is here. Commutative, associative and idempotent: any order and any
  /// repetition of the same messages gives the same facts. Null never erases.
  public mutating func merge(_ other: ObservationFacts) {
    externalID = externalID ?? other.externalID
    isArrived = isArrived || other.isArrived
    let newer = stamps.older(than: other.stamps) & ~Field.bodies
    if newer != 0 { take(newer, other) }
    declared.merge(other.declared)
    let changed = MergedBodies.notes(notes, bodies, parts, stamps, other.notes, other.bodies, other.parts, other.stamps)
    MergedBodies.merge(&bodies, &parts, &stamps, other.bodies, other.parts, other.stamps)
    if let changed { notes = changed.pruned(bodies, parts, stamps) }
  }

  private mutating func take(_ fields: UInt32, _ other: ObservationFacts) {
    func takes(_ field: Field) -> Bool { fields & field.bit != 0 }
    if takes(.parent) { parent = other.parent }
    if takes(.kind) { kind = other.kind }
    if takes(.name) { name = other.name }
    if takes(.level) { level = other.level }
    if takes(.statusMessage) { statusMessage = other.statusMessage }
    if takes(.startedAt) { startedAt = other.startedAt }
    if takes(.endedAt) { endedAt = other.endedAt }
    if takes(.firstTokenAt) { firstTokenAt = other.firstTokenAt }
    if takes(.requestModel) { requestModel = other.requestModel }
    if takes(.responseModel) { responseModel = other.responseModel }
    if takes(.provider) { provider = other.provider }
    if takes(.serviceTier) { serviceTier = other.serviceTier }
    if takes(.responseID) { responseID = other.responseID }
    if takes(.usage) { usage = other.usage }
    if takes(.reportedCost) { reportedCost = other.reportedCost }
    if takes(.prompt) { prompt = other.prompt }
    if takes(.environment) { environment = other.environment }
    if takes(.service) { service = other.service }
    if takes(.release) { release = other.release }
    if takes(.version) { version = other.version }
    if takes(.user) { user = other.user }
    if takes(.session) { session = other.session }
    if takes(.endpointHint) { endpointHint = other.endpointHint }
    if takes(.serverRoute) { serverRoute = other.serverRoute }
    if takes(.scope) { scope = other.scope }
    if takes(.key) { key = other.key }
    if takes(.region) { region = other.region }
    stamps.take(fields, from: other.stamps)
  }
}

/// Bodies of an observation or a trace: of input and output the newest stays, of metadata and attributes every message's part stays
/// (they are merged key by key when read, oldest first).
enum MergedBodies {
  /// Notes of both, before their bodies are merged; nil when neither has any.
  static func notes(
    _ notes: ContentNotes, _ bodies: [BodyPart], _ parts: [StoredPart], _ stamps: Stamps, _ theirNotes: ContentNotes,
    _ theirBodies: [BodyPart], _ theirParts: [StoredPart], _ theirStamps: Stamps
  ) -> ContentNotes? {
    if notes.isEmpty, theirNotes.isEmpty { return nil }
    var all = notes
    all.take(
      theirNotes, of: ContentNotes.Content(bodies: theirBodies, parts: theirParts, stamps: theirStamps),
      with: ContentNotes.Content(bodies: bodies, parts: parts, stamps: stamps))
    return all
  }

  /// Takes what `theirs` has and is newer, or not here.
  static func merge(
    _ bodies: inout [BodyPart], _ parts: inout [StoredPart], _ stamps: inout Stamps, _ theirBodies: [BodyPart],
    _ theirParts: [StoredPart], _ theirStamps: Stamps
  ) {
    let newer = stamps.older(than: theirStamps) & Field.bodies
    for (kind, field) in [(BodyKind.input, Field.input), (.output, .output)] where newer & field.bit != 0 {
      bodies.removeAll { $0.kind == kind }
      parts.removeAll { $0.kind == kind }
      for body in theirBodies where body.kind == kind { bodies.append(body) }
      for part in theirParts where part.kind == kind { parts.append(part) }
    }
    stamps.take(newer, from: theirStamps)
    addAll(&bodies, &parts, theirBodies, theirParts)
    if !isSorted(bodies) { bodies.sort { ($0.kind.rawValue, $0.stamp) < ($1.kind.rawValue, $1.stamp) } }
    if parts.count > 1 { parts.sort { ($0.kind.rawValue, $0.stamp) < ($1.kind.rawValue, $1.stamp) } }
  }

  /// Metadata and attributes: what is stored stands for the body it was made of.
  private static func addAll(
    _ bodies: inout [BodyPart], _ parts: inout [StoredPart], _ theirBodies: [BodyPart], _ theirParts: [StoredPart]
  ) {
    for part in theirParts where part.kind.isCollected {
      bodies.removeAll { $0.kind == part.kind && $0.stamp == part.stamp }
      if !parts.contains(where: { $0.kind == part.kind && $0.stamp == part.stamp }) { parts.append(part) }
    }
    for body in theirBodies where body.kind.isCollected {
      let isKnown =
        parts.contains { $0.kind == body.kind && $0.stamp == body.stamp }
        || bodies.contains { $0.kind == body.kind && $0.stamp == body.stamp }
      if !isKnown { bodies.append(body) }
    }
  }

  private static func isSorted(_ bodies: [BodyPart]) -> Bool {
    for i in bodies.indices.dropFirst() {
      let (a, b) = (bodies[i - 1].kind.rawValue, bodies[i].kind.rawValue)
      if b < a || (b == a && bodies[i].stamp < bodies[i - 1].stamp) { return false }
    }
    return true
  }
}

extension BodyKind {
  /// Every message's part is kept; of input and output only the newest.
  fileprivate var isCollected: Bool { self == .metadata || self == .attributes }
}

extension Field {
  /// Input and output, which are merged together with the parts that hold them.
  static let bodies = Field.input.bit | Field.output.bit
}
