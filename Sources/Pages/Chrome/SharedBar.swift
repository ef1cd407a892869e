import Domain
import HTML

/// The bar that every page shares: time range, project, environment, and what else is filtered as removable chips.
public struct SharedBar: Sendable {
  public struct Choice: Sendable {
    /// As in the address.
    public var value: String
    public var label: String
    public init(value: String, label: String) {
      self.value = value
      self.label = label
    }
  }

  public var address: PageAddress
  public var projects: [Choice]
  public var environments: [Choice]
  /// False where nothing is kept by environment; the choice is left out then, unless one is made.
  public var offersEnvironments = true
  /// Texts for values whose address form is no name ("Unallocated", a key's name).
  public var labels: [CostDimension: [String: String]]

  public init(
    address: PageAddress, projects: [Choice], environments: [Choice], labels: [CostDimension: [String: String]] = [:]
  ) {
    self.address = address
    self.projects = projects
    self.environments = environments
    self.labels = labels
  }

  func render(_ frame: PageFrame) -> HTML {
    """
    <div class="bar">\(rangePicker(frame))\(menu("Project", .project, projects, all: "All projects"))\
    \(if: offersEnvironments || address.filter[.environment] != nil, menu("Environment", .environment, environments, all: "All environments"))</div>\(chips(frame))
    """
  }

  private func rangePicker(_ frame: PageFrame) -> HTML {
    let range = address.range.resolved(now: frame.now, zone: frame.moneyZone)
    let first = frame.moneyZone.civil(range.from).date
    let last = frame.moneyZone.civil(range.to.adding(microseconds: -1)).date
    return """
      <details class="menu"><summary aria-label="Time range">\
      \(address.range.label(now: frame.now, zone: frame.moneyZone))</summary>
      <div class="sheet"><ul>\(RangeChoice.Preset.allCases, { presetLink($0) })</ul>
      <form method="get" action="\(url: address.path)">\(hiddenFields(dropping: ["range", "from", "to", "cursor"]))
      <label>From<input type="date" name="from" value="\(first)" required></label>
      <label>To, included<input type="date" name="to" value="\(last)" required></label><button>Show</button></form>
      <p class="note">\(Self.zones(frame))</p></div></details>
      """
  }

  private static func zones(_ frame: PageFrame) -> String {
    let money = frame.moneyZone.name
    let viewer = frame.viewerZone.name
    return money == viewer
      ? "Days and clock times are in \(money)." : "Days begin in \(money), clock times are in \(viewer)."
  }

  private func presetLink(_ preset: RangeChoice.Preset) -> HTML {
    let isCurrent = address.range == .preset(preset)
    let target = address.with { $0.range = .preset(preset) }
    return "<li><a href=\"\(url: target.url)\"\(if: isCurrent, " aria-current=\"true\"")>\(preset.label)</a></li>"
  }

  private func menu(_ name: String, _ dimension: CostDimension, _ choices: [Choice], all: String) -> HTML {
    let chosen = address.filter[dimension] ?? []
    let text = chosen.isEmpty ? all : chosen.map { label(dimension, $0) }.joined(separator: ", ")
    return """
      <details class="menu"><summary aria-label="\(name)"\(if: !chosen.isEmpty, " class=\"set\"")>\(text)</summary>
      <div class="sheet"><ul><li><a href="\(url: address.removing(dimension).url)"\
      \(if: chosen.isEmpty, " aria-current=\"true\"")>\(all)</a></li>\
      \(choices, { choice in
        """
        <li><a href="\(url: address.keeping(dimension, choice.value).url)"\
        \(if: chosen == [choice.value], " aria-current=\"true\"")>\(choice.label)</a></li>
        """
      })</ul></div></details>
      """
  }

  private func label(_ dimension: CostDimension, _ value: String) -> String {
    if let text = labels[dimension]?[value] { return text }
    let choices = dimension == .project ? projects : dimension == .environment ? environments : []
    return choices.first { $0.value == value }?.label ?? (value.isEmpty ? DimensionWords.none(dimension) : value)
  }

  private func chips(_ frame: PageFrame) -> HTML {
    var chips: [HTML] = []
    func add(_ name: String, _ text: String, _ target: PageAddress) {
      chips.append(
        """
        <li><span class="what">\(name)</span> \(text) <a href="\(url: target.url)" aria-label="Remove filter \(name) \
        \(text)">×</a></li>
        """)
    }
    for dimension in CostDimension.allCases where dimension != .project && dimension != .environment {
      for value in address.filter[dimension] ?? [] {
        add(frame.name(dimension), label(dimension, value), address.removing(dimension, value))
      }
    }
    if let text = address.text { add("Search", text, address.with { $0.text = nil }) }
    if let session = address.session { add("Session", session, address.with { $0.session = nil }) }
    if let name = address.name { add("Name has", name, address.with { $0.name = nil }) }
    if let amount = address.costAbove { add("Cost above", MoneyText(amount).text, address.with { $0.costAbove = nil }) }
    if address.errorsOnly { add("Only", "errors", address.with { $0.errorsOnly = false }) }
    let doubts = address.usageFlags
    for doubt in doubts == .uncertain ? [doubts] : doubts.doubts.map(\.flag) {
      add("Doubt", UsageWords.label(doubt), address.with { $0.usageFlags.subtract(doubt) })
    }
    if address.unpricedOnly { add("Only", "unpriced", address.with { $0.unpricedOnly = false }) }
    return chips.isEmpty ? "" : "<ul class=\"chips\" aria-label=\"Filters\">\(chips, { $0 })</ul>"
  }

  func hiddenFields(dropping dropped: Set<String>) -> HTML {
    let fields = address.fields.filter { !dropped.contains($0.name) }
    return "\(fields, { "<input type=\"hidden\" name=\"\($0.name)\" value=\"\($0.value)\">" })"
  }
}

/// Words for dimensions.
enum DimensionWords {
  static func name(_ dimension: CostDimension) -> String {
    switch dimension {
    case .project: "Project"
    case .team: "Team"
    case .model: "Model"
    case .provider: "Provider"
    case .endpoint: "Endpoint"
    case .environment: "Environment"
    case .userGroup: "User group"
    case .user: "User"
    case .key: "Key"
    case .kind: "Kind"
    case .service: "Service"
    case .extra1: "Dimension 1"
    case .extra2: "Dimension 2"
    case .extra3: "Dimension 3"
    case .extra4: "Dimension 4"
    }
  }

  static func plural(_ dimension: CostDimension) -> String {
    dimension == .key ? "keys" : name(dimension).lowercased() + "s"
  }

  static func none(_ dimension: CostDimension) -> String {
    dimension == .team ? "Unallocated" : "No \(name(dimension).lowercased())"
  }
}
