import Domain
import Wire

/// A page of a search as JSON: the list's own form, with where each trace was found and how far the search got.
enum SearchJSON {
  static func page(_ page: TraceSearchPage) -> JSONValue {
    let traces = page.found.map { trace, match in
      JSONValue.object(JSONObject(TraceJSON.item(trace) + [TraceJSON.member("match", self.match(match))]))
    }
    return [
      "traces": .array(traces), "next": TraceJSON.text(page.next),
      "searchedBackTo": TraceJSON.text(page.searchedBackTo.map(ISOTime.text)),
      "searched": .string(page.searchedBodies ? "content and ids" : "ids"),
    ]
  }

  private static func match(_ match: TraceMatch) -> JSONValue {
    let (place, step): (String, TraceMatch.Step?) =
      switch match.place {
      case .traceID: ("traceId", nil)
      case .session: ("session", nil)
      case .user: ("user", nil)
      case .body(let kind, let step): (Self.name(kind), step)
      }
    return [
      "in": .string(place), "observationId": TraceJSON.text(step?.id), "observationName": TraceJSON.text(step?.name),
      "excerpt": .array(match.excerpt.map { ["text": .string($0.text), "hit": .bool($0.isHit)] }),
    ]
  }

  private static func name(_ kind: BodyKind) -> String {
    switch kind {
    case .input: "input"
    case .output: "output"
    case .metadata: "metadata"
    case .attributes: "attributes"
    }
  }
}
