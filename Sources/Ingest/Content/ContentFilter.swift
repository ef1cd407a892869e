import Domain

/// Keeps of a request's content what a project keeps, before any of it reaches a table, a log or an index. Runs on facts, between
/// normalising and storing: usage has been read from payloads by then, and stamps were made from what was sent, so that a resend is still
/// recognised.
public struct ContentFilter: Sendable {
  public let rules: ContentRules
  /// The key's policy decided the level, not the project.
  private let isByKey: Bool
  /// nil at level full: nothing is masked.
  private let masker: Masker?
  /// A body as short as that is neither cut nor searched for files.
  private let freeBytes: Int

  /// - Parameters:
  ///   - patterns: `rules.patterns`, compiled.
  ///   - hash: with the organisation's secret.
  ///   - isByKey: the key's policy decided the level, not the project.
  public init(_ rules: ContentRules, patterns: [Masker.Pattern], hash: KeyedHash, isByKey: Bool = false) {
    self.rules = rules
    self.isByKey = isByKey
    masker = rules.level == .full ? nil : Masker(kinds: rules.kinds, patterns: patterns, hash: rules.isHashed ? hash : nil)
    freeBytes = min(MediaFinder.digitsMin, rules.bodyBytesMax)
  }

  /// What was taken out of a request.
  public struct Outcome: Sendable {
    /// To be stored before the request is.
    public var files: [MediaFile] = []
    public var tally = ContentTally()
  }

  public func apply(to batch: inout IngestBatch) -> Outcome {
    var outcome = Outcome()
    // Looked at before it is touched: changing one element of a list that is shared copies all of it.
    for i in batch.observations.indices where masker != nil || needsWork(batch.observations[i].bodies) {
      filter(&batch.observations[i], &outcome)
    }
    for i in batch.traces.indices where masker != nil || needsWork(batch.traces[i].bodies) { filter(&batch.traces[i], &outcome) }
    guard masker != nil else { return outcome }
    for i in batch.scores.indices { filter(&batch.scores[i], &outcome) }
    for i in batch.rejections.indices { mask(&batch.rejections[i].detail, &outcome.tally) }
    return outcome
  }

  /// A text for people about a request: why it was refused, how its sender calls itself.
  public func masked(_ text: String) -> String {
    var tally = ContentTally()
    return masker?.masked(text, &tally) ?? text
  }

  private func filter(_ facts: inout ObservationFacts, _ outcome: inout Outcome) {
    let trace = facts.trace
    var taker = NoteTaker(level: rules.level, isByKey: isByKey)
    keep(&facts.bodies, of: trace, &taker, &outcome) { facts.stamps[$0 == .input ? .input : .output] = nil }
    guard masker != nil else { return }
    if let stamp = facts.stamps[.statusMessage], facts.statusMessage != nil {
      var found = ContentTally()
      if rules.level >= .metadataOnly {
        facts.statusMessage = nil
        facts.stamps[.statusMessage] = nil
        outcome.tally.add(ContentTally.leftOut)
        taker.leftOut(.errorText, of: stamp)
      } else if mask(&facts.statusMessage, &found) {
        taker.stored(.errorText, of: stamp, masked: found)
      }
      outcome.tally.add(found)
    }
    var context = ContentTally()
    keep(&facts.declared, &context)
    if let raw = facts.usage?.raw, let clean = masker?.masked(raw, &context, sparesNumbers: true) { facts.usage?.raw = clean }
    if rules.masksIdentifiers {
      mask(&facts.name, &context)
      mask(&facts.user, &context)
      mask(&facts.session, &context)
      mask(&facts.endpointHint, &context)
      mask(&facts.serverRoute, &context)
    }
    outcome.tally.add(context)
    facts.notes = taker.notes(context: context)
  }

  private func filter(_ facts: inout TraceFacts, _ outcome: inout Outcome) {
    let trace = facts.id
    var taker = NoteTaker(level: rules.level, isByKey: isByKey), context = ContentTally()
    keep(&facts.bodies, of: trace, &taker, &outcome) { facts.stamps[$0 == .input ? .input : .output] = nil }
    guard masker != nil else { return }
    keep(&facts.declared, &context)
    if rules.masksIdentifiers { maskIdentifiers(&facts, &context) }
    outcome.tally.add(context)
    facts.notes = taker.notes(context: context)
  }

  private func maskIdentifiers(_ facts: inout TraceFacts, _ tally: inout ContentTally) {
    mask(&facts.name, &tally)
    mask(&facts.user, &tally)
    mask(&facts.session, &tally)
    mask(&facts.endpointHint, &tally)
    mask(&facts.serverRoute, &tally)
    let tags = facts.tags.map { tag in
      var tag = tag
      mask(&tag, &tally)
      return tag
    }
    if tags != facts.tags { facts.tags = Set(tags).sorted() }
  }

  private func filter(_ score: inout Score, _ outcome: inout Outcome) {
    if rules.level >= .metadataOnly {
      if score.comment != nil || (score.dataType == .text || score.dataType == .correction) { outcome.tally.add(ContentTally.leftOut) }
      score.comment = nil
      if score.dataType == .text || score.dataType == .correction { score.text = nil }
    }
    if rules.level == .none { score.metadata = nil }
    mask(&score.comment, &outcome.tally)
    mask(&score.text, &outcome.tally)
    mask(&score.metadata, &outcome.tally)
    guard rules.masksIdentifiers else { return }
    mask(&score.name, &outcome.tally)
    mask(&score.session, &outcome.tally)
  }

  /// Whether there was anything.
  @discardableResult
  private func mask(_ text: inout String?, _ tally: inout ContentTally) -> Bool {
    guard let sent = text, let clean = masker?.masked(sent, &tally) else { return false }
    text = clean
    return true
  }

  private func mask(_ text: inout String, _ tally: inout ContentTally) {
    if let clean = masker?.masked(text, &tally) { text = clean }
  }

  /// They are metadata, which the level `none` leaves out; at every other they are masked as it is.
  private func keep(_ values: inout DeclaredValues, _ tally: inout ContentTally) {
    if values.isEmpty { return }
    if rules.level == .none {
      values = DeclaredValues()
      return
    }
    var clean = DeclaredValues()
    for entry in values.entries {
      var value = entry.value
      mask(&value, &tally)
      clean.say(entry.key, value, entry.stamp)
    }
    values = clean
  }
}

// MARK: - Bodies

extension ContentFilter {
  /// - Parameter forget: takes the stamp of an input or output that is left out; with it, a later message without content would
  ///   erase what an earlier one brought.
  private func keep(
    _ bodies: inout [BodyPart], of trace: TraceID, _ taker: inout NoteTaker, _ outcome: inout Outcome, forget: (BodyKind) -> Void
  ) {
    if rules.level >= .metadataOnly, !bodies.isEmpty {
      for body in bodies where !isKept(body.kind) {
        outcome.tally.add(ContentTally.leftOut)
        taker.leftOut(ContentField(body.kind), of: body.stamp)
        if body.kind == .input || body.kind == .output { forget(body.kind) }
      }
      bodies.removeAll { !isKept($0.kind) }
    }
    for i in bodies.indices where masker != nil || bodies[i].text.utf8.count > freeBytes {
      var found = ContentTally()
      if let text = kept(bodies[i], of: trace, &found, &outcome) { bodies[i].text = text }
      guard masker != nil else { continue }
      outcome.tally.add(found)
      taker.stored(ContentField(bodies[i].kind), of: bodies[i].stamp, masked: found)
    }
  }

  private func needsWork(_ bodies: [BodyPart]) -> Bool {
    for body in bodies where body.text.utf8.count > freeBytes {
      if body.text.utf8.count > rules.bodyBytesMax || Self.mayHoldFiles(body.text) { return true }
    }
    return false
  }

  private func isKept(_ kind: BodyKind) -> Bool { rules.level < .metadataOnly || rules.level == .metadataOnly && kind == .metadata }

  /// The body's text as it is kept, or nil when that is as it came. Files first: their digits are no text. Cut last: half a value is no
  /// value that masking could find.
  private func kept(_ body: BodyPart, of trace: TraceID, _ found: inout ContentTally, _ outcome: inout Outcome) -> String? {
    var text: String?
    if Self.mayHoldFiles(body.text) {
      text = MediaFinder.taken(body.text, trace: trace) { file in
        outcome.tally.add(ContentTally.media)
        guard rules.level == .full else { return MediaMark(type: file.type, byteCount: file.bytes.count, id: nil) }
        outcome.files.append(file)
        return MediaMark(file)
      }
    }
    if let clean = masker?.masked(text ?? body.text, &found) { text = clean }
    if (text ?? body.text).utf8.count > rules.bodyBytesMax {
      outcome.tally.add(ContentTally.cut)
      text = BodyLimit.cut(text ?? body.text, kind: body.kind, most: rules.bodyBytesMax)
    }
    return text
  }

  private static func mayHoldFiles(_ text: String) -> Bool {
    guard text.utf8.count > MediaFinder.digitsMin else { return false }
    return text.utf8.withContiguousStorageIfAvailable(MediaFinder.isSuspected) ?? true
  }
}
