import Domain
import HTML

/// What may be shown of a body.
public enum ContentState: Sendable {
  case visible(Bodies)
  /// The reader has no grant for content.
  case withheld
  /// Removed by retention.
  case expired
}

/// The right side of a trace page for one observation; also sent alone, when the script asks with "?partial".
public struct ObservationPane: Sendable {
  /// Another row of the trace.
  public struct Reference: Sendable {
    public var id: ObservationID
    public var name: String
    public init(id: ObservationID, name: String) {
      self.id = id
      self.name = name
    }
  }

  public var zone: ClockZone
  public var observation: Observation
  public var content: ContentState
  /// How the reader could come to what is withheld.
  public var reader = ContentAccess.byGrant
  /// What the project keeps of content now; it may have kept more or less when this was stored.
  public var level = ContentLevel.full
  public var explanation: CostExplanationView?
  public var team: String?
  /// The row that counts in its place.
  public var shadower: Reference?
  /// Rows that this one counts for.
  public var shadows: [Reference]
  public var scores: [Score]

  public init(
    zone: ClockZone, observation: Observation, content: ContentState, explanation: CostExplanationView?, team: String?,
    shadower: Reference?, shadows: [Reference], scores: [Score]
  ) {
    self.zone = zone
    self.observation = observation
    self.content = content
    self.explanation = explanation
    self.team = team
    self.shadower = shadower
    self.shadows = shadows
    self.scores = scores
  }

  /// From the whole trace; nil when it has no such observation.
  public init?(
    zone: ClockZone, detail: TraceDetail, id: ObservationID, content: ContentState, explanation: CostExplanationView?
  ) {
    guard let observation = detail.observations.first(where: { $0.facts.id == id }) else { return nil }
    func reference(_ o: Observation) -> Reference { Reference(id: o.facts.id, name: o.facts.name ?? o.kind.rawValue) }
    self.init(
      zone: zone, observation: observation, content: content, explanation: explanation,
      team: observation.decision.team.flatMap { detail.teams[$0]?.name },
      shadower: observation.decision.shadowedBy.flatMap { other in
        detail.observations.first { $0.facts.id == other }.map(reference)
      },
      shadows: detail.observations.filter { $0.decision.shadowedBy == id }.map(reference),
      scores: detail.scores.filter { $0.observation == id })
  }

  private var facts: ObservationFacts { observation.facts }
  private var decision: Decision { observation.decision }

  public func render() -> HTML {
    """
    <div class="pane-head"><p class="kind">\(observation.kind.rawValue)</p><h2>\
    \(facts.name ?? observation.kind.rawValue)</h2>\(headline)</div>
    \(notices)\(CostSection(observation: observation, explanation: explanation))\(bodies)\
    \(ScoreTable(scores: scores, zone: zone))\
    \(ObservationFactList(observation: observation, zone: zone, team: team))
    """
  }

  private var headline: HTML {
    let tokens = facts.usage?.usage
    let first = facts.firstTokenAt.map { DurationText(microseconds: $0.since(observation.startedAt)) }
    return """
      <dl class="figures"><div><dt>Cost</dt><dd>\(cost)</dd></div>\
      \(tokens, some: { "<div><dt>Tokens</dt><dd>\(TokenText($0.inputTokens)) in, \(TokenText($0.outputTokens)) out</dd></div>" })\
      <div><dt>Duration</dt><dd>\
      \(DurationText(microseconds: observation.durationMicroseconds, unknown: "It has not ended"))</dd></div>\
      \(first, some: { "<div><dt>First token</dt><dd>\($0)</dd></div>" })</dl>
      """
  }

  private var cost: HTML {
    if decision.shadowedBy != nil { return "<span class=\"note\">counted elsewhere</span>" }
    guard decision.isCall else { return "<span class=\"note\" title=\"Not a call to a model\">–</span>" }
    let money = MoneyText(decision.cost.cost, fine: true, unknown: decision.cost.reason)
    let mark: HTML =
      decision.cost.status.isUnpriced
      ? " <span class=\"amber\">\(decision.cost.status == .partial ? "partly priced" : "unpriced")</span>" : ""
    // What the provider states it charged rests on no estimate.
    let isStated = decision.cost.status == .reported && facts.reportedCost?.source == .provider
    return "\(money)\(mark)\(if: !isStated, EstimateMark(observation: observation).html)"
  }

  private var notices: HTML {
    var notices: [HTML] = []
    if observation.isError {
      notices.append("<p class=\"notice error\"><b>Error</b> \(facts.statusMessage ?? withheldMessage)</p>")
    } else if facts.level == .warning {
      notices.append("<p class=\"notice amber\"><b>Warning</b> \(facts.statusMessage)</p>")
    }
    if let other = decision.shadowedBy {
      let link: HTML =
        "<a href=\"?observation=\(other.hex)#o\(other.hex)\" data-pane>\(shadower?.name ?? other.hex)</a>"
      notices.append(
        "<p class=\"notice\"><b>Not counted here.</b> \(Self.reason(decision.shadowReason)) \(link) is counted.</p>"
      )
    }
    if !shadows.isEmpty {
      notices.append(
        """
        <p class="notice"><b>Counted here, once.</b> Not counted, because \
        \(shadows.count == 1 ? "it reports" : "they report") the same usage: \
        \(shadows.enumerated(), { "\(if: $0 > 0, ", ")\(Self.link($1))" }).</p>
        """)
    }
    if observation.isStartAssumed {
      notices.append(
        "<p class=\"notice\">No usable start was sent; it stands at its end or at the time of receipt.</p>")
    }
    return "\(notices, { $0 })"
  }

  private var withheldMessage: String {
    if case .withheld = content { return "Its message is content and not shown to you." }
    if facts.notes.entries.contains(where: { $0.leftOut.contains(.errorText) }) { return "Its message was left out before it was stored." }
    return "No message is stored."
  }

  private static func link(_ row: Reference) -> HTML {
    "<a href=\"?observation=\(row.id.hex)#o\(row.id.hex)\" data-pane>\(row.name)</a>"
  }

  private static func reason(_ reason: ShadowReason?) -> String {
    switch reason {
    case .responseID: "Another row carries the same response id of the provider:"
    case .descendant: "It repeats the usage of the calls below it:"
    case .sibling: "Two instrumentations described the same call:"
    case .ancestor: "The row that encloses it carries the usage:"
    case .none: "Another row describes the same call:"
    }
  }

  private var bodies: HTML {
    switch content {
    case .visible(let bodies): ContentBodies(bodies: bodies, level: level, notes: facts.notes).html
    case .withheld: ContentWithheld(reader: reader).html + ContentNotices(notes: facts.notes, tellsMasked: false).html
    case .expired: ContentExpired(notes: facts.notes).html
    }
  }
}

/// Input, output, metadata and attributes of an observation or a trace.
struct ContentBodies: HTMLConvertible {
  let bodies: Bodies
  /// What the project keeps now.
  var level = ContentLevel.full
  /// What was done to them before they were stored.
  var notes = ContentNotes()

  var html: HTML {
    """
    \(bodies.sampled, some: { SampledNotice(sampled: $0).html })\
    \(ContentNotices(notes: notes, tellsMasked: isShown))\
    \(bodies.input, some: { ContentSection(title: "Input", text: $0).html })\
    \(bodies.output, some: { ContentSection(title: "Output", text: $0).html })\
    \(list("Metadata", bodies.metadata))\(list("Attributes", bodies.attributes))\
    \(if: bodies == Bodies() && notes.isEmpty, Self.nothing)\
    \(levelNote, some: { "<p class=\"note level\">\($0)</p>" })
    """
  }

  /// Something is on the page.
  private var isShown: Bool { bodies.input != nil || bodies.output != nil || !bodies.metadata.isEmpty || !bodies.attributes.isEmpty }

  private static let nothing: HTML =
    "<p class=\"note\">No input or output is stored: none was sent, it was erased, or content rules left it out before reasons were noted.</p>"

  /// What holds now, unless it held then.
  private var levelNote: String? {
    if notes.entries.contains(where: { $0.level == level && !$0.isByKey }) { return nil }
    return switch level {
    case .full: nil
    case .masked: "The project now keeps content masked."
    case .metadataOnly: "The project now keeps metadata only: inputs, outputs and error texts are left out of what arrives."
    case .none: "The project now keeps no content: inputs, outputs, metadata and error texts are left out of what arrives."
    }
  }

  private func list(_ title: String, _ objects: [String]) -> HTML {
    let members = JSONValue.merged(objects)
    guard !members.isEmpty else { return "" }
    return """
      <section class="content"><h3>\(title)</h3>\(JSONTree.render(.object(members)))\
      <details class="raw"><summary>Raw</summary>\(objects, { "<pre data-copyable>\($0)</pre>" })</details></section>
      """
  }
}

/// What stands in place of bodies that retention has removed.
struct ContentExpired: HTMLConvertible {
  let notes: ContentNotes

  var html: HTML {
    """
    <p class="notice"><b>Expired.</b> Inputs, outputs and metadata are past their retention and were removed. Usage and cost stay.</p>\
    \(ContentNotices(notes: notes, tellsMasked: false))
    """
  }
}
