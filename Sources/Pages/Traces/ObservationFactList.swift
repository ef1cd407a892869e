import Domain
import HTML

/// Everything else that is known of an observation, as names and values; values that other traces share lead to them.
struct ObservationFactList: HTMLConvertible {
  let observation: Observation
  let zone: ClockZone
  let team: String?

  var html: HTML {
    "<section class=\"facts\"><h3>Details</h3><dl class=\"pairs\">\(rows, { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" })</dl></section>"
  }

  private var rows: [(String, HTML)] {
    let f = observation.facts
    let d = observation.decision
    var rows: [(String, HTML)] = []
    func add(_ name: String, _ value: HTML?) {
      if let value { rows.append((name, value)) }
    }
    func text(_ value: String?) -> HTML? { value.map { HTML(text: $0) } }
    func code(_ value: String?) -> HTML? { value.map { "\(IDText(id: $0, keep: 14))" } }
    add("Started", TimeText(observation.startedAt, in: zone, style: .millisecond).html)
    add("Ended", f.endedAt.map { TimeText($0, in: zone, style: .millisecond).html })
    add("Model", model)
    add("Provider", link(.provider, d.provider ?? f.provider))
    add("Service tier", text(f.serviceTier))
    add("Owner", d.isCall ? owner : nil)
    add("Endpoint", link(.endpoint, d.endpoint))
    add("Environment", link(.environment, d.environment))
    add("User", link(.user, d.user))
    add(
      "Session",
      d.session.map { session in
        var target = PageAddress(path: Route.traces)
        target.session = session
        return "<a href=\"\(url: target.url)\">\(session)</a>"
      })
    add("Prompt", text(f.prompt))
    add("Service", text(f.service))
    add("Release", text(f.release))
    add("Version", text(f.version))
    add("Instrumentation", code(f.scope))
    add("Response id", code(f.responseID))
    add("Price row", code(d.cost.price))
    add("Observation id", code(f.externalID ?? f.id.hex))
    add("Parent id", code(f.parent?.hex))
    add("Received", TimeText(observation.receivedAt, in: zone, style: .second).html)
    return rows
  }

  private var model: HTML? {
    guard let shown = observation.decision.model ?? observation.sentModel else { return nil }
    let sent = [
      observation.facts.requestModel.map { "asked for \($0)" }, observation.facts.responseModel.map { "served \($0)" },
    ]
    .compactMap { $0 }.joined(separator: ", ")
    return "\(link(.model, shown))\(if: !sent.isEmpty, " <span class=\"note\">\(sent)</span>")"
  }

  private var owner: HTML {
    let step =
      switch observation.decision.ownerStep {
      case .unallocated: "no key, rule or group names a team"
      case .fixedKey: "fixed by its key"
      case .rule: "by a rule"
      case .userGroup: "by the user’s group"
      case .defaultKey: "by the default of its key"
      }
    return "\(link(.team, team ?? "", label: team ?? "Unallocated")) <span class=\"note\">\(step)</span>"
  }

  private func link(_ dimension: CostDimension, _ value: String?, label: String? = nil) -> HTML? {
    guard let value else { return nil }
    let target = PageAddress(path: Route.traces).keeping(dimension, value)
    return "<a href=\"\(url: target.url)\">\(label ?? value)</a>"
  }
}

/// Scores of an observation or a trace.
struct ScoreTable: HTMLConvertible {
  let scores: [Score]
  let zone: ClockZone

  var html: HTML {
    guard !scores.isEmpty else { return "" }
    return """
      <section class="scores"><h3>Scores</h3><table class="sum"><thead><tr><th scope="col">Name</th><th scope="col" \
      class="n">Value</th>\
      <th scope="col">Source</th><th scope="col">Comment</th></tr></thead><tbody>\(scores, { score in
        """
        <tr><th scope="row">\(score.name)</th><td class="n">\(Self.value(score))</td><td>\(score.source.rawValue)</td><td>\(score.comment)</td></tr>
        """
      })</tbody></table></section>
      """
  }

  static func value(_ score: Score) -> String {
    if let text = score.text { return text }
    guard let number = score.number else { return "–" }
    if abs(number) >= 1e12 || (number != 0 && abs(number) < 0.0001) { return "\(number)" }
    let text = Digits.fixed(number, places: 4)
    guard text.contains(".") else { return text }
    let trimmed = text.reversed().drop { $0 == "0" }
    return String((trimmed.first == "." ? trimmed.dropFirst() : trimmed).reversed())
  }
}
