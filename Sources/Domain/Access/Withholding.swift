/// What is left of each value for a reader without the grant for content: no field of the class content (`FieldClasses`).

extension Observation {
  /// Status messages are written by providers, who quote prompts in them; parts tell how long the bodies are.
  public var withoutContent: Observation {
    var copy = self
    copy.facts.statusMessage = nil
    copy.facts.bodies = []
    copy.facts.parts = []
    copy.facts.notes = facts.notes.withoutCounts
    copy.facts.usage?.raw = facts.usage?.withoutTexts ?? ""
    return copy
  }

  /// End users as `name` tells them, on the row itself and as inherited from the trace.
  public func namingUsers(_ name: (String) -> String?) -> Observation {
    var copy = self
    copy.facts.user = facts.user.flatMap(name)
    copy.decision.user = decision.user.flatMap(name)
    return copy
  }
}

extension UsageReport {
  /// `raw` with "…" for every text in it but the names of members: counts are evidence of money, texts may be anything.
  public var withoutTexts: String {
    var kept: [UInt8] = []
    let bytes = Array(raw.utf8), quote = UInt8(ascii: "\"")
    var at = 0
    while at < bytes.count {
      guard bytes[at] == quote else {
        kept.append(bytes[at])
        at += 1
        continue
      }
      var end = at + 1
      while end < bytes.count, bytes[end] != quote { end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1 }
      let after = bytes[min(end + 1, bytes.count)...].first { $0 > 32 }
      kept += after == UInt8(ascii: ":") ? Array(bytes[at...min(end, bytes.count - 1)]) : Array("\"…\"".utf8)
      at = end + 1
    }
    return String(decoding: kept, as: UTF8.self)
  }
}

extension Score {
  public var withoutContent: Score {
    var copy = self
    copy.comment = nil
    copy.metadata = nil
    if dataType != .boolean { copy.text = nil }
    return copy
  }
}

extension TraceDetail {
  public var withoutContent: TraceDetail {
    var copy = self
    copy.observations = observations.map(\.withoutContent)
    copy.scores = scores.map(\.withoutContent)
    copy.notes = notes.withoutCounts
    return copy
  }
}

extension RequestRecord {
  /// Sentences of refusals may quote what was sent; codes don't.
  public var withoutContent: RequestRecord {
    var copy = self
    copy.reasons = [:]
    for (reason, count) in reasons {
      let isCode = !reason.isEmpty && reason.utf8.allSatisfy { (65...90).contains($0) || (97...122).contains($0) || $0 == 95 }
      copy.reasons[isCode ? reason : "refused", default: 0] &+= count
    }
    return copy
  }
}
