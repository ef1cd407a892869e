import Domain
import HTML

/// What a search tells beside its traces.
public struct SearchOutcome: Sendable {
  private struct Key: Hashable {
    var project: ProjectID
    var trace: TraceID
  }
  private var matches: [Key: TraceMatch] = [:]
  private var searchedBackTo: Timestamp?
  private var searchedBodies: Bool
  private var isSlow: Bool

  public init(_ page: TraceSearchPage) {
    for (trace, match) in page.found { matches[Key(project: trace.project, trace: trace.id)] = match }
    searchedBackTo = page.searchedBackTo
    searchedBodies = page.searchedBodies
    isSlow = page.isSlow
  }

  func match(of item: TraceItem) -> TraceMatch? { matches[Key(project: item.project, trace: item.id)] }

  /// How far it got, and the way on.
  func progress(_ address: PageAddress, next: String?, _ zone: ClockZone) -> HTML {
    "<span class=\"note\">\(reached(next, zone))</span>\(goOn(address, next))\(notes)"
  }

  private func reached(_ next: String?, _ zone: ClockZone) -> HTML {
    if let searchedBackTo { return "Searched back to \(TimeText(searchedBackTo, in: zone, style: .second))" }
    if next != nil { return "There is more" }
    return searchedBodies ? "The whole range has been searched" : "Ids were compared, nothing else"
  }

  private func goOn(_ address: PageAddress, _ next: String?) -> HTML {
    guard let next else { return "" }
    return "<span class=\"note\">, </span><a href=\"\(url: address.with { $0.cursor = next }.url)\" rel=\"next\">go on</a>"
  }

  private var notes: HTML {
    """
    \(if: isSlow && searchedBodies, "<br><span class=\"note\">Words of fewer than four letters are slow to find, because every text has to be read for them; a longer word beside them helps.</span>")\
    \(if: !searchedBodies, "<br><span class=\"note\">Your role reads no inputs and outputs, so a search compares trace, session and user ids only.</span>")
    """
  }

  /// Nothing found, so far or at all.
  func empty(_ address: PageAddress, next: String?, _ zone: ClockZone) -> HTML {
    let text =
      searchedBodies
      ? "No input, output or metadata of a step holds all words, and no trace, session or user has this id. Words are found anywhere in a text and in any case; “quotes” keep words together."
      : "No trace, session or user has this id. Your role reads no inputs and outputs, so these are not searched."
    if next != nil {
      return """
        <section class="empty" data-search-empty><h2>Nothing found yet</h2><p>\(reached(next, zone)). \(if: isSlow, "Words of fewer than four letters are slow to find, because every text has to be read for them.")</p>\
        <p><a class="button" href="\(url: address.with { $0.cursor = next }.url)" rel="next">Go on</a></p></section>
        """
    }
    let title = address.cursor == nil ? "Nothing found" : "Nothing more found"
    return
      "\(EmptyState(title: title, text: text, action: ("Remove the search", address.with { $0.text = nil }.url)))"
  }
}

/// Under a row: which body holds the text, and the text around the hit.
struct MatchLine: HTMLConvertible {
  let match: TraceMatch

  var html: HTML {
    """
    <span class="match"><b>\(place)</b>\(match.excerpt, { $0.isHit ? "<mark>\($0.text)</mark>" : HTML(text: $0.text) })</span>
    """
  }

  private var place: String {
    switch match.place {
    case .traceID: "Its trace id"
    case .session: "Its session id"
    case .user: "Its user id"
    case .body(let kind, let step): step.map { "\($0.name), \(Self.name(kind)): " } ?? "\(Self.name(kind)): "
    }
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
