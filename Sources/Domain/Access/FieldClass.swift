/// What a stored field may tell, and so who may see it.
public enum FieldClass: Sendable, Hashable {
  /// Names, counts, times, money and what reports group by: goes with the trace or the money.
  case dimension
  /// Ids that lead to one user, session, trace or response. End users are told by `AccessScope.UserNaming`, the others like dimensions.
  case identifier
  /// What people and models wrote, or what may quote it: never leaves the store without the grant for content.
  case content
}

/// The class of every field of traces, observations and scores, by type and name. A test fails when one is missing.
///
/// **A declared metadata key is a dimension by declaration**: whoever declares `tenant` says that its values are names to group money by,
/// fit for everybody who sees the money, and keeps texts out of it. Values of other metadata keys are content.
public enum FieldClasses {
  /// nil: there is no such field.
  public static func of(_ field: String, in type: String) -> FieldClass? { table[type]?[field] }

  /// The content fields of a type, by name.
  public static func content(of type: String) -> Set<String> {
    Set((table[type] ?? [:]).filter { $0.value == .content }.keys)
  }

  public static let table: [String: [String: FieldClass]] = [
    "Observation": fields(
      dimensions: "facts startedAt isStartAssumed receivedAt decision"),
    "ObservationFacts": fields(
      dimensions: """
        project stamps isArrived kind name level startedAt endedAt firstTokenAt requestModel responseModel provider serviceTier region
        usage reportedCost prompt environment service release version endpointHint serverRoute scope key declared
        notes
        """,
      identifiers: "trace id externalID parent responseID user session",
      // Of `notes` the counts are content (`withoutCounts`). `parts` tell how long the bodies are.
      content: "statusMessage bodies parts"),
    "Decision": fields(
      dimensions: """
        environment endpoint userGroup isCall shadowReason provider model cost firstCharge team ownerStep rule extras
        """,
      identifiers: "user session shadowedBy"),
    "UsageReport": fields(
      // Numbers of `raw` stay with the money, texts in it don't (`withoutTexts`).
      dimensions: "usage rule flags raw"),
    "TraceItem": fields(
      dimensions: "project projectSlug name environment release tags startedAt durationMicroseconds observations measures isCountingPending",
      identifiers: "id externalID user session"),
    "TraceDetail": fields(
      dimensions: "item observations scores teams hasInput hasOutput omitted notes"),
    "Bodies": fields(dimensions: "sampled", content: "input output metadata attributes"),
    "TraceMatch": fields(dimensions: "place", content: "excerpt"),
    "Score": fields(
      dimensions: "project stamp name dataType number source environment createdAt",
      identifiers: "id trace observation session",
      // A text says what was judged or what should have been said; senders put labels of any length there.
      content: "text comment metadata"),
    "RequestRecord": fields(
      dimensions: "receivedAt project path sender status accepted refused reasons bytes",
      identifiers: "publicKey"),
  ]

  private static func fields(dimensions: String = "", identifiers: String = "", content: String = "") -> [String: FieldClass] {
    var result: [String: FieldClass] = [:]
    for (names, kind) in [(dimensions, FieldClass.dimension), (identifiers, .identifier), (content, .content)] {
      for name in names.split(whereSeparator: \.isWhitespace) { result[String(name)] = kind }
    }
    return result
  }
}
