import Domain
import HTML

/// What was done to an observation's or a trace's content before it was stored: what was left out and by whose rule, what was masked.
struct ContentNotices: HTMLConvertible {
  let notes: ContentNotes
  /// The content itself is on the page; else counts of what is in it say nothing.
  let tellsMasked: Bool

  var html: HTML {
    if notes.isEmpty { return "" }
    return "\(rules, { leftOut($0) })\(if: tellsMasked, masked)"
  }

  private struct Rule: Hashable {
    var level: ContentLevel
    var isByKey: Bool
  }

  /// In force for what was left out, the oldest first.
  private var rules: [Rule] {
    notes.entries.filter { !$0.leftOut.isEmpty }.reduce(into: []) { rules, note in
      let rule = Rule(level: note.level, isByKey: note.isByKey)
      if !rules.contains(rule) { rules.append(rule) }
    }
  }

  private func leftOut(_ rule: Rule) -> HTML {
    let fields = notes.entries.filter { $0.level == rule.level && $0.isByKey == rule.isByKey }.reduce(into: Set()) { $0.formUnion($1.leftOut) }
    let names = ContentField.allCases.filter(fields.contains).map(Self.name)
    let kept = rule.level == .metadataOnly ? "metadata only" : "no content"
    return """
      <p class="notice"><b>Not stored: \(rule.isByKey ? "the key’s policy was \(kept)" : "the project kept \(kept)").</b> \
      Left out: \(names.joined(separator: ", ")). Usage and cost are complete.</p>
      """
  }

  private var masked: HTML {
    let stored = notes.entries.filter { $0.level == .masked || !$0.masked.isEmpty }
    guard let first = stored.first else { return "" }
    var counts: [String: Int64] = [:]
    for entry in stored.flatMap(\.masked) { counts[entry.what, default: 0] &+= Int64(entry.count) }
    let found = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { Self.counted($0.key, $0.value) }
    let what = found.isEmpty ? "nothing was found to mask" : found.joined(separator: ", ")
    let byKey = stored.allSatisfy { $0.isByKey == first.isByKey } && first.isByKey ? ", by the key’s policy" : ""
    return "<p class=\"note level\">Masked when stored\(byKey): \(what).</p>"
  }

  static func name(_ field: ContentField) -> String {
    switch field {
    case .input: "input"
    case .output: "output"
    case .metadata: "metadata"
    case .attributes: "attributes"
    case .errorText: "error text"
    case .context: "names"
    }
  }

  /// "2 e-mail addresses"; of a project's own pattern "2 values of order-number".
  static func counted(_ what: String, _ count: Int64) -> String {
    let (one, many) =
      switch MaskKind.named(what) {
      case .email: ("e-mail address", "e-mail addresses")
      case .phone: ("phone number", "phone numbers")
      case .iban: ("IBAN", "IBANs")
      case .card: ("card number", "card numbers")
      case .apiKey: ("API key", "API keys")
      case .ip: ("IP address", "IP addresses")
      case nil: ("value of \(what)", "values of \(what)")
      }
    return "\(Digits.grouped(count)) \(count == 1 ? one : many)"
  }
}
