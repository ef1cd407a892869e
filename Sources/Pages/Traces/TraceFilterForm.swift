import Domain
import HTML

/// The filters of the trace list that have no place in the shared bar. Empty fields filter nothing.
struct TraceFilterForm: HTMLConvertible {
  let frame: PageFrame
  let bar: SharedBar
  let models: [String]
  let endpoints: [String]

  private var address: PageAddress { bar.address }
  private static let own: Set<String> = [
    "q", "name", "user", "session", "model", "endpoint", "costAbove", "errors", "unpriced", "doubt", "cursor",
  ]

  var html: HTML {
    """
    <form class="filters" method="get" action="\(Route.traces)" role="search" aria-label="Filter traces">\
    \(bar.hiddenFields(dropping: dropped))
    <label class="wide">\(search)\
    <input type="search" name="q" value="\(address.text)" maxlength="1000" data-search></label>
    \(field("Name has", "name", address.name))\(if: frame.tellsUsers, field("User", "user", single(.user)))\
    \(field("Session", "session", address.session))\(field("Model", "model", single(.model), list: models))\
    \(field("Endpoint", "endpoint", single(.endpoint), list: endpoints))\
    <label class="short">Cost above, $<input name="costAbove" inputmode="decimal" pattern="[0-9]*[.]?[0-9]+" value="\
    \(address.costAbove?.decimal)"></label>\
    \(doubts)
    <label class="check"><input type="checkbox" name="errors" value="1"\(if: address.errorsOnly, " checked")>Errors \
    only</label>
    <label class="check"><input type="checkbox" name="unpriced" value="1"\(if: address.unpricedOnly, " checked")\
    >Unpriced only</label>
    <button>Filter</button></form>
    """
  }

  private var search: String {
    if frame.readsContent { return "Search in inputs, outputs and metadata, or an exact trace, session or user id" }
    return frame.tellsUsers ? "Search for an exact trace, session or user id" : "Search for an exact trace or session id"
  }

  /// Each doubt, all that make counts uncertain, and what else the address asks.
  private var doubts: HTML {
    let asked = address.usageFlags
    var choices = [UsageFlags.uncertain] + UsageDoubt.allCases.map(\.flag)
    if !asked.isEmpty, !choices.contains(asked) { choices.append(asked) }
    return """
      <label class="long">Doubt<select name="doubt"><option value="">Not asked for</option>\(choices, { choice in
        let label = UsageWords.label(choice)
        return """
          <option value="\(choice.names.joined(separator: ","))"\(if: choice == asked, " selected")>\
          \(label.prefix(1).uppercased() + label.dropFirst())</option>
          """
      })</select></label>
      """
  }

  /// A dimension with several values, or with "none", can't stand in a text field: it stays as chips.
  private var dropped: Set<String> {
    let kept = [CostDimension.user, .model, .endpoint].filter {
      !(address.filter[$0] ?? []).isEmpty && single($0) == nil
    }
    return Self.own.subtracting(kept.map(\.rawValue))
  }

  private func single(_ dimension: CostDimension) -> String? {
    guard let values = address.filter[dimension], values.count == 1, let value = values.first, !value.isEmpty,
      !value.allSatisfy({ $0 == "-" })
    else { return nil }
    return value
  }

  private func field(_ label: String, _ name: String, _ value: String?, list: [String] = []) -> HTML {
    """
    <label>\(label)<input name="\(name)" value="\(value)"\(if: !list.isEmpty, " list=\"list-\(name)\"")></label>\
    \(if: !list.isEmpty, "<datalist id=\"list-\(name)\">\(list, { "<option value=\"\($0)\">" })</datalist>")
    """
  }
}
