import Domain
import HTML

/// The noise filter: scopes that were met lately, and names that are filtered.
struct NoiseSection: HTMLConvertible {
  let work: WorkFrame
  let project: Project
  let versions: [NoiseVersion]
  let scopes: [ScopeTraffic]

  private var current: [String] { versions.first?.scopes ?? [] }

  var html: HTML {
    let filter = NoiseFilter(scopes: current)
    let met = scopes.filter { $0.plain > 0 || filter.names($0.scope) }
    let typed = current.filter { name in !met.contains { $0.scope == name } }
    return """
      <section class="measure" id="noise"><h2>Noise</h2><p class="note">Plain spans of these instrumentation scopes are left out of every trace, kept ones too: HTTP clients, file systems, drivers. \
      Calls, tools, agents, errors and what stands above them stay, whoever wrote them.</p>
      <form class="entry wide" method="post" action="\(url: Route.noise(project.slug))">\(work.token)
      \(if: !met.isEmpty, """
        <table class="rows"><thead><tr><th scope="col">Scope, last day</th><th scope="col" class="n">Plain spans</th><th scope="col" class="n fold">Calls</th></tr></thead><tbody>\(met.prefix(40), { row($0, filter) })</tbody></table>
        """)<label>\(met.isEmpty ? "Scopes" : "Others"), one a line; <code>name*</code> for all that begin so<textarea name="others" rows="3" spellcheck="false" placeholder="@opentelemetry/instrumentation-*">\(typed.joined(separator: "\n"))</textarea></label>
      <p class="actions"><button>Save filter</button></p></form>\(versions.first, some: told)</section>
      """
  }

  private func row(_ scope: ScopeTraffic, _ filter: NoiseFilter) -> HTML {
    """
    <tr><th scope="row"><label class="check"><input type="checkbox" name="scope" value="\(scope.scope)"\(if: filter.names(scope.scope), " checked")><span>\(scope.scope)</span></label></th>\
    <td class="n">\(CountText(scope.plain))</td><td class="n fold">\(scope.calls == 0 ? HTML("–") : CountText(scope.calls).html)</td></tr>
    """
  }

  private func told(_ version: NoiseVersion) -> HTML {
    """
    <p class="note">\(version.scopes.isEmpty ? "Nothing is filtered" : "In force") since \(work.moment(version.createdAt)), by \(version.createdBy).</p>
    """
  }
}

/// What sampling and the noise filter did, day by day.
struct ActivitySection: HTMLConvertible {
  let activity: SamplingActivity

  var html: HTML {
    if activity.days.isEmpty, activity.held == 0 { return "" }
    return """
      <section class="measure"><h2>What it did</h2>\(if: activity.held > 0, "<p class=\"note\"><b>\(CountText(activity.held))</b> blocks of payloads wait to be decided, a quarter of an hour after they came.</p>")
      \(if: !activity.days.isEmpty, table)<p class="note">UTC days. Traces that the share keeps are not among these.</p></section>
      """
  }

  private var table: HTML {
    """
    <table class="rows activity"><thead><tr><th scope="col">Day</th><th scope="col" class="n">Payloads dropped</th><th scope="col" class="n fold">Bytes</th>\
    <th scope="col" class="fold">Kept by rule</th><th scope="col" class="n">Spans sampled</th><th scope="col" class="n">Spans of noise</th></tr></thead><tbody>\(activity.days, { day in
      """
      <tr><th scope="row">\(CalendarWords.day(day.day))</th><td class="n">\(CountText(day.payloadsDropped))</td><td class="n fold">\(SizeText(day.bytesDropped))</td>\
      <td class="fold note">\(kept(day))</td><td class="n">\(CountText(day.spansSampled))</td><td class="n">\(CountText(day.spansNoise))</td></tr>
      """
    })</tbody></table>
    """
  }

  private func kept(_ day: SamplingActivity.Day) -> String {
    let parts = KeepReason.allCases.compactMap { reason in day.payloadsKept[reason].map { "\(SamplingWords.reason(reason)) \(Digits.grouped($0))" } }
    return parts.isEmpty ? "–" : parts.joined(separator: ", ")
  }
}

/// Why bodies are not on the page.
struct SampledNotice: HTMLConvertible {
  let sampled: SampledPayload

  var html: HTML {
    """
    <p class="notice"><b>\(sampled.isPartly ? "Partly not kept: sampled" : "Payload not kept: sampled") \
    (rule: \(SamplingWords.share(sampled.share)) of traces in \(sampled.environment)).</b> \
    It held by settings \(sampled.version), and no keep rule matched this trace in time. Usage and cost are complete.</p>
    """
  }
}

/// How many spans of a trace are not on its page, and why.
struct OmittedNotice: HTMLConvertible {
  let omitted: OmittedCounts

  var html: HTML {
    if omitted.total == 0 { return "" }
    let parts = [(omitted.sampled, "sampled"), (omitted.noise, "noise")].filter { $0.0 > 0 }.map { "\(Digits.grouped(Int64($0.0))) \($0.1)" }
    return """
      <p class="note omitted" title="Spans that are no calls and stand above none. They are counted in times and decisions; calls, usage and cost are complete.">\
      \(parts.joined(separator: ", ")): \(omitted.total == 1 ? "one span is" : "\(Digits.grouped(Int64(omitted.total))) spans are") not kept</p>
      """
  }
}
