import Domain

/// Keeps of a request's content what a project keeps, before any of it reaches a table, a log or an index. Runs on facts, between
/// normalising and storing: usage has been read from payloads by then, and stamps were made from what was sent, so that a resend is still
/// recognised.
public struct ContentFilter: Sendable {
  public let rules: ContentRules
  /// nil at level full: nothing is masked.
  private let masker: Masker?
  /// A body as short as that is neither cut nor searched for files.
  private let freeBytes: Int

  /// - Parameters:
  ///   - patterns: `rules.patterns`, compiled.
  ///   - hash: with the organisation's secret.
  public init(_ rules: ContentRules, patterns: [Masker.Pattern], hash: KeyedHash) {
    self.rules = rules
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
    for i in batch.rejections.indices { mask(&batch.rejections[i].detail, &outcome) }
    return outcome
  }

  /// A text for people about a request: why it was refused, how its sender calls itself.
  public func masked(_ text: String) -> String {
    var tally = ContentTally()
    return masker?.masked(text, &tally) ?? text
  }

  private func filter(_ facts: inout ObservationFacts, _ outcome: inout Outcome) {
    let trace = facts.trace
    keep(&facts.bodies, of: trace, &outcome) { facts.stamps[$0 == .input ? .input : .output] = nil }
    guard masker != nil else { return }
    if rules.level >= .metadataOnly, facts.statusMessage != nil {
      facts.statusMessage = nil
      facts.stamps[.statusMessage] = nil
      outcome.tally.add(ContentTally.leftOut)
    }
    mask(&facts.statusMessage, &outcome)
    mask(&facts.declared, &outcome)
    if let raw = facts.usage?.raw, let clean = masker?.masked(raw, &outcome.tally, sparesNumbers: true) { facts.usage?.raw = clean }
    guard rules.masksIdentifiers else { return }
    mask(&facts.name, &outcome)
    mask(&facts.user, &outcome)
    mask(&facts.session, &outcome)
    mask(&facts.endpointHint, &outcome)
    mask(&facts.serverRoute, &outcome)
  }

  private func filter(_ facts: inout TraceFacts, _ outcome: inout Outcome) {
    let trace = facts.id
    keep(&facts.bodies, of: trace, &outcome) { facts.stamps[$0 == .input ? .input : .output] = nil }
    guard masker != nil else { return }
    mask(&facts.declared, &outcome)
    guard rules.masksIdentifiers else { return }
    mask(&facts.name, &outcome)
    mask(&facts.user, &outcome)
    mask(&facts.session, &outcome)
    mask(&facts.endpointHint, &outcome)
    mask(&facts.serverRoute, &outcome)
    let tags = facts.tags.map { tag in
      var tag = tag
      mask(&tag, &outcome)
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
    mask(&score.comment, &outcome)
    mask(&score.text, &outcome)
    mask(&score.metadata, &outcome)
    guard rules.masksIdentifiers else { return }
    mask(&score.name, &outcome)
    mask(&score.session, &outcome)
  }

  private func mask(_ text: inout String?, _ outcome: inout Outcome) {
    if let sent = text, let clean = masker?.masked(sent, &outcome.tally) { text = clean }
  }

  private func mask(_ text: inout String, _ outcome: inout Outcome) {
    if let clean = masker?.masked(text, &outcome.tally) { text = clean }
  }

  private func mask(_ values: inout DeclaredValues, _ outcome: inout Outcome) {
    if values.isEmpty { return }
    var clean = DeclaredValues()
    for entry in values.entries {
      var value = entry.value
      mask(&value, &outcome)
      clean.say(entry.key, value, entry.stamp)
    }
    values = clean
  }
}

// MARK: - Bodies

extension ContentFilter {
  /// - Parameter forget: takes the stamp of an input or output that is left out; with it, a later message without content would
  ///   erase what an earlier one brought.
  private func keep(_ bodies: inout [BodyPart], of trace: TraceID, _ outcome: inout Outcome, forget: (BodyKind) -> Void) {
    if rules.level >= .metadataOnly, !bodies.isEmpty {
      for body in bodies where !isKept(body.kind) {
        outcome.tally.add(ContentTally.leftOut)
        if body.kind == .input || body.kind == .output { forget(body.kind) }
      }
      bodies.removeAll { !isKept($0.kind) }
    }
    for i in bodies.indices where masker != nil || bodies[i].text.utf8.count > freeBytes {
      if let text = kept(bodies[i], of: trace, &outcome) { bodies[i].text = text }
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
  private func kept(_ body: BodyPart, of trace: TraceID, _ outcome: inout Outcome) -> String? {
    var text: String?
    if Self.mayHoldFiles(body.text) {
      text = MediaFinder.taken(body.text, trace: trace) { file in
        outcome.tally.add(ContentTally.media)
        guard rules.level == .full else { return MediaMark(type: file.type, byteCount: file.bytes.count, id: nil) }
        outcome.files.append(file)
        return MediaMark(file)
      }
    }
    if let clean = masker?.masked(text ?? body.text, &outcome.tally) { text = clean }
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
