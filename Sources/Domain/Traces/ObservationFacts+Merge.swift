extension ObservationFacts {
  /// Takes every field of `other` that is newer than what is here. Commutative, associative and idempotent: any order and any
  /// repetition of the same messages gives the same facts. Null never erases.
  public mutating func merge(_ other: ObservationFacts) {
    externalID = externalID ?? other.externalID
    isArrived = isArrived || other.isArrived
    take(.parent, \.parent, other)
    take(.kind, \.kind, other)
    take(.name, \.name, other)
    take(.level, \.level, other)
    take(.statusMessage, \.statusMessage, other)
    take(.startedAt, \.startedAt, other)
    take(.endedAt, \.endedAt, other)
    take(.firstTokenAt, \.firstTokenAt, other)
    take(.requestModel, \.requestModel, other)
    take(.responseModel, \.responseModel, other)
    take(.provider, \.provider, other)
    take(.serviceTier, \.serviceTier, other)
    take(.responseID, \.responseID, other)
    take(.usage, \.usage, other)
    take(.reportedCost, \.reportedCost, other)
    take(.prompt, \.prompt, other)
    take(.environment, \.environment, other)
    take(.service, \.service, other)
    take(.release, \.release, other)
    take(.version, \.version, other)
    take(.user, \.user, other)
    take(.session, \.session, other)
    take(.endpointHint, \.endpointHint, other)
    take(.serverRoute, \.serverRoute, other)
    take(.scope, \.scope, other)
    take(.key, \.key, other)
    (bodies, parts, stamps) = MergedBodies.merge((bodies, parts, stamps), (other.bodies, other.parts, other.stamps))
  }

  private mutating func take<T>(_ field: Field, _ path: WritableKeyPath<ObservationFacts, T?>, _ other: ObservationFacts) {
    guard let theirs = other.stamps[field], stamps[field].map({ $0 < theirs }) ?? true else { return }
    self[keyPath: path] = other[keyPath: path]
    stamps[field] = theirs
  }
}

/// Bodies of an observation or a trace: of input and output the newest stays, of metadata and attributes every message's part stays
/// (they are merged key by key when read, oldest first).
enum MergedBodies {
  typealias Side = (bodies: [BodyPart], parts: [StoredPart], stamps: Stamps)

  static func merge(_ a: Side, _ b: Side) -> Side {
    var result = a
    for (kind, field) in [(BodyKind.input, Field.input), (.output, .output)] {
      guard let theirs = b.stamps[field], a.stamps[field].map({ $0 < theirs }) ?? true else { continue }
      result.bodies.removeAll { $0.kind == kind }
      result.parts.removeAll { $0.kind == kind }
      result.bodies += b.bodies.filter { $0.kind == kind }
      result.parts += b.parts.filter { $0.kind == kind }
      result.stamps[field] = theirs
    }
    addAll(of: .metadata, from: b, to: &result)
    addAll(of: .attributes, from: b, to: &result)
    return result
  }

  private static func addAll(of kind: BodyKind, from b: Side, to result: inout Side) {
    for part in b.parts where part.kind == kind {
      result.bodies.removeAll { $0.kind == kind && $0.stamp == part.stamp }
      if !result.parts.contains(where: { $0.kind == kind && $0.stamp == part.stamp }) { result.parts.append(part) }
    }
    for body in b.bodies where body.kind == kind {
      let isKnown =
        result.parts.contains { $0.kind == kind && $0.stamp == body.stamp }
        || result.bodies.contains { $0.kind == kind && $0.stamp == body.stamp }
      if !isKnown { result.bodies.append(body) }
    }
    result.bodies.sort { ($0.kind.rawValue, $0.stamp) < ($1.kind.rawValue, $1.stamp) }
    result.parts.sort { ($0.kind.rawValue, $0.stamp) < ($1.kind.rawValue, $1.stamp) }
  }
}
