import Domain

/// All state of a page, as its address: copying the address is sharing the view. Pages make every link from one of these.
public struct PageAddress: Sendable, Hashable {
  public var path: String
  public var range: RangeChoice = .preset(.last30Days)
  /// Values to keep by dimension; the empty text is "none", written "-" in the address.
  public var filter: CostFilter = [:]
  public var session: String?
  /// Text to search bodies and ids for.
  public var text: String?
  /// Part of a trace's name.
  public var name: String?
  public var errorsOnly = false
  public var unpricedOnly = false
  /// With a call whose usage has one of these doubts; empty asks nothing.
  public var usageFlags: UsageFlags = []
  public var costAbove: USD?
  /// Column to sort by; which names exist depends on the page.
  public var sort: String?
  public var ascending = false
  public var cursor: String?
  /// What the cost chart is stacked by: model or team.
  public var stack: CostDimension = .model
  /// The selected observation of a trace page.
  public var observation: String?
  /// Text to find in a trace's tree.
  public var find: String?
  /// Tables shown in full instead of their first ten rows.
  public var showAll: Set<String> = []
  /// What the rows of the costs page are: one dimension, or a second one within it. Empty: as the page begins.
  public var by: [CostDimension] = []
  /// What the costs page measures: its chart, shares and changes.
  public var measure: CostFigure = .cost
  /// Further columns of the costs page.
  public var columns: [CostFigure] = CostFigure.usualColumns
  /// The costs page shows the period before beside this one.
  public var compares = true

  public init(path: String) { self.path = path }

  /// From the query of a request (without "?"); names that don't exist and values that can't be read are ignored. `declared` has
  /// further names of dimensions ("metadata.tenant").
  public init(path: String, query: some StringProtocol, declared: [String: CostDimension] = [:]) {
    self.init(path: path)
    var from: Moment?
    var to: Moment?
    for (name, value) in QueryText.pairs(query) where !value.isEmpty {
      switch name {
      case "range": if let preset = RangeChoice.Preset(rawValue: value) { range = .preset(preset) }
      case "from": from = Moment(value)
      case "to": to = Moment(value)
      case "by": by = Self.dimensions(value, declared)
      default: read(declared[name]?.rawValue ?? name, value)
      }
    }
    if from != nil || to != nil { range = .custom(from: from, to: to) }
  }

  private mutating func read(_ name: String, _ value: String) {
    switch name {
    case "session": session = value
    case "q": text = value
    case "name": self.name = value
    case "errors": errorsOnly = value == "1"
    case "unpriced": unpricedOnly = value == "1"
    case "doubt": usageFlags.formUnion((try? UsageFlags(names: value)) ?? [])
    case "costAbove": costAbove = USD(decimal: value)
    case "sort": sort = value
    case "order": ascending = value == "asc"
    case "cursor": cursor = value
    case "stack": stack = value == "team" ? .team : .model
    case "observation": observation = value
    case "find": find = value
    case "all": showAll.insert(value)
    case "measure": if let figure = CostFigure(rawValue: value), CostFigure.measurable.contains(figure) { measure = figure }
    case "columns": columns = CostFigure.columns.filter(Set(value.split(separator: ",").compactMap { CostFigure(rawValue: String($0)) }).contains)
    case "compare": compares = value != "0"
    case "group": read("userGroup", value)
    default:
      guard let dimension = CostDimension(rawValue: name) else { return }
      let kept = Self.readNone(value)
      if filter[dimension]?.contains(kept) != true { filter[dimension, default: []].append(kept) }
    }
  }

  /// One or two different ones, with a comma between them; what is no dimension is ignored.
  private static func dimensions(_ text: String, _ declared: [String: CostDimension]) -> [CostDimension] {
    var found: [CostDimension] = []
    for name in text.split(separator: ",").map(String.init) {
      if let dimension = CostDimension(rawValue: name) ?? declared[name], !found.contains(dimension) { found.append(dimension) }
    }
    return Array(found.prefix(2))
  }

  /// Path and query, names in a fixed order; what is as by default is left out.
  public var url: String {
    let query = fields.map { "\($0.name)=\(QueryText.encoded($0.value))" }.joined(separator: "&")
    return query.isEmpty ? path : "\(path)?\(query)"
  }

  /// What the address says besides its path, for links and for hidden fields of forms.
  public var fields: [(name: String, value: String)] {
    var fields: [(name: String, value: String)] = rangeFields
    for dimension in CostDimension.allCases {
      for value in filter[dimension] ?? [] { fields.append((dimension.rawValue, Self.writtenNone(value))) }
    }
    func add(_ name: String, _ value: String?) {
      if let value, !value.isEmpty { fields.append((name, value)) }
    }
    add("session", session)
    add("q", text)
    add("name", name)
    add("errors", errorsOnly ? "1" : nil)
    add("unpriced", unpricedOnly ? "1" : nil)
    add("doubt", usageFlags.names.joined(separator: ","))
    add("costAbove", costAbove?.decimal)
    add("sort", sort)
    add("order", ascending ? "asc" : nil)
    add("cursor", cursor)
    add("stack", stack == .team ? "team" : nil)
    add("observation", observation)
    add("find", find)
    for table in showAll.sorted() { add("all", table) }
    add("by", by.map(\.rawValue).joined(separator: ","))
    add("measure", measure == .cost ? nil : measure.rawValue)
    if columns != CostFigure.usualColumns {
      add("columns", columns.isEmpty ? "none" : columns.map(\.rawValue).joined(separator: ","))
    }
    add("compare", compares ? nil : "0")
    return fields
  }

  private var rangeFields: [(name: String, value: String)] {
    switch range {
    case .preset(.last30Days): []
    case .preset(let preset): [("range", preset.rawValue)]
    case .custom(let from, let to):
      [("from", from?.text), ("to", to?.text)].compactMap { name, text in text.map { (name, $0) } }
    }
  }

  // "-" is "none"; a real value of dashes gets one more, so that the two can't be confused.
  private static func writtenNone(_ value: String) -> String { value.allSatisfy { $0 == "-" } ? value + "-" : value }
  private static func readNone(_ value: String) -> String {
    value.allSatisfy { $0 == "-" } ? String(value.dropLast()) : value
  }
}

extension PageAddress {
  /// A copy with a change; paging starts again.
  public func with(_ change: (inout PageAddress) -> Void) -> PageAddress {
    var copy = self
    copy.cursor = nil
    change(&copy)
    return copy
  }

  /// Another page with the same range and filters.
  public func going(to path: String) -> PageAddress {
    with {
      $0.path = path
      $0.sort = nil
      $0.ascending = false
      $0.observation = nil
      $0.find = nil
      $0.text = nil
      $0.showAll = []
      $0.stack = .model
      $0.by = []
      $0.measure = .cost
      $0.columns = CostFigure.usualColumns
      $0.compares = true
    }
  }

  /// Only this value of a dimension; nil is "none".
  public func keeping(_ dimension: CostDimension, _ value: String?) -> PageAddress {
    with { $0.filter[dimension] = [value ?? ""] }
  }

  public func removing(_ dimension: CostDimension, _ value: String? = nil) -> PageAddress {
    with {
      guard let value else {
        $0.filter[dimension] = nil
        return
      }
      $0.filter[dimension]?.removeAll { $0 == value }
      if $0.filter[dimension]?.isEmpty == true { $0.filter[dimension] = nil }
    }
  }

  /// The traces behind a number of this page.
  var traces: PageAddress { going(to: Route.traces) }
  public var timeIsDefault: Bool { range == .preset(.last30Days) }

  /// The step that keeps a chart of `range` readable.
  public static func interval(for range: TimeRange) -> CostInterval {
    let hours = range.durationMicroseconds / 3_600_000_000
    return hours <= 49 ? .hour : hours <= 24 * 100 ? .day : .month
  }
}

/// Paths of the pages that exist.
public enum Route {
  public static let overview = "/"
  public static let costs = "/costs"
  public static let costsFile = "/costs.csv"
  public static let endpoints = "/endpoints"
  public static let teams = "/teams"
  public static let reports = "/reports/allocation"
  public static let traces = "/traces"
  public static let users = "/users"
  public static let settings = "/settings/teams"
  public static let connect = "/connect"
  public static let signIn = "/sign-in"
  public static let signOut = "/sign-out"
  public static let theme = "/theme"

  /// SDKs print this link. `trace` is the sender's id.
  public static func trace(project: String, trace: String) -> String {
    "/project/\(segment(project))/traces/\(segment(trace))"
  }
  /// The right pane alone is this with "?partial".
  public static func observation(project: String, trace: String, observation: String) -> String {
    Route.trace(project: project, trace: trace) + "/observations/" + segment(observation)
  }
  /// A team by its name; "-" is Unallocated.
  public static func team(_ name: String?) -> String { teams + "/" + segment(name.map { $0.allSatisfy { $0 == "-" } ? $0 + "-" : $0 } ?? "-") }

  /// A slash in an id would end the segment.
  static func segment(_ text: String) -> String {
    QueryText.encoded(text).split(separator: "/", omittingEmptySubsequences: false).joined(separator: "%2F")
  }
}
