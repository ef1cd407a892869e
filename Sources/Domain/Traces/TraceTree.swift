/// The arrived rows of a trace in order of id, with what counting needs of each in plain numbers, and parent links that
/// are free of cycles. Everything that settling does walks this, so that the order of the rows given can't matter.
struct TraceTree {
  struct Row {
    /// Position in the array that the tree was made of.
    let position: Int
    let id: ObservationID
    /// As sent, also when that row is missing.
    let parentID: ObservationID?
    let kind: ObservationKind
    let usage: Usage
    let inputTokens: Int64
    let outputTokens: Int64
    let isEstimated: Bool
    let cost: USD?
    let start: Int64
    let end: Int64
    let scope: String?
    let emitter: EmitterRank.Standing
    /// The served model, else the one asked for.
    let model: String?
    let askedModel: String?
    let responseID: String?

    var hasUsage: Bool { !usage.isEmpty }
    /// Would be a call if nothing shadowed it.
    var isCandidate: Bool { hasUsage || cost != nil || kind.isAlwaysCall }
    var tokens: Int64 { inputTokens &+ outputTokens }
    /// Neither a model that could be priced nor a cost.
    var isUnpriceable: Bool { model == nil && cost == nil }
  }

  let rows: [Row]
  /// Row index of the parent; nil for roots and where the parent is missing.
  let parents: [Int?]
  /// Steps from the topmost known ancestor.
  let depths: [Int]
  /// Row indexes, parents before children.
  let topDown: [Int]

  init(_ observations: [Observation]) {
    let ordered = observations.indices.filter { observations[$0].facts.isArrived }
      .sorted { observations[$0].facts.id < observations[$1].facts.id }
    var standings: [String: EmitterRank.Standing] = [:]
    let rows = ordered.map { Row(observations[$0], position: $0, &standings) }
    self.rows = rows
    parents = Self.withoutCycles(rows.map { row in row.parentID.flatMap { Self.place(of: $0, in: rows) } })
    depths = Self.depths(parents)
    let depths = depths
    topDown = rows.indices.sorted { (depths[$0], $0) < (depths[$1], $1) }
  }

  /// By halving: rows are in order of id. Of equal ids the first.
  private static func place(of id: ObservationID, in rows: [Row]) -> Int? {
    var low = 0, high = rows.count
    while low < high {
      let middle = (low + high) / 2
      if rows[middle].id < id { low = middle + 1 } else { high = middle }
    }
    return low < rows.count && rows[low].id == id ? low : nil
  }

  /// Cuts each cycle at its smallest row.
  private static func withoutCycles(_ links: [Int?]) -> [Int?] {
    var parents = links
    var state = [UInt8](repeating: 0, count: links.count)
    for start in links.indices where state[start] == 0 {
      var path: [Int] = []
      var current: Int? = start
      while let i = current, state[i] == 0 {
        state[i] = 1
        path.append(i)
        current = parents[i]
      }
      if let meeting = current, state[meeting] == 1, let first = path.firstIndex(of: meeting),
        let smallest = path[first...].min()
      {
        parents[smallest] = nil
      }
      for i in path { state[i] = 2 }
    }
    return parents
  }

  /// Whether a row is below another, told in constant time.
  struct Nesting {
    private var places: [Int]
    private var sizes: [Int]

    init(_ tree: TraceTree) {
      sizes = Array(repeating: 1, count: tree.rows.count)
      for i in tree.topDown.reversed() {
        if let parent = tree.parents[i] { sizes[parent] += sizes[i] }
      }
      // Parents first: each takes its place, its children the places after it.
      places = Array(repeating: 0, count: tree.rows.count)
      var next = places
      var rootPlace = 0
      for i in tree.topDown {
        if let parent = tree.parents[i] {
          places[i] = next[parent]
          next[parent] += sizes[i]
        } else {
          places[i] = rootPlace
          rootPlace += sizes[i]
        }
        next[i] = places[i] + 1
      }
    }

    func isBelow(_ row: Int, _ above: Int) -> Bool {
      places[row] > places[above] && places[row] < places[above] + sizes[above]
    }
  }

  private static func depths(_ parents: [Int?]) -> [Int] {
    var depths = [Int](repeating: -1, count: parents.count)
    for start in parents.indices where depths[start] < 0 {
      var path: [Int] = []
      var current: Int? = start
      while let i = current, depths[i] < 0 {
        path.append(i)
        current = parents[i]
      }
      var depth = current.map { depths[$0] } ?? -1
      for i in path.reversed() {
        depth += 1
        depths[i] = depth
      }
    }
    return depths
  }
}

extension TraceTree.Row {
  /// `standings` remembers what is known of each scope, of which a trace has few.
  init(_ observation: Observation, position: Int, _ standings: inout [String: EmitterRank.Standing]) {
    let start = observation.startedAt.microseconds
    let scope = observation.facts.scope
    let usage = observation.facts.usage
    let isCandidate = usage != nil || observation.facts.reportedCost != nil || observation.kind.isAlwaysCall
    self.init(
      position: position, id: observation.facts.id, parentID: observation.facts.parent, kind: observation.kind,
      usage: usage?.usage ?? Usage(),
      inputTokens: usage?.usage.inputTokens ?? 0, outputTokens: usage?.usage.outputTokens ?? 0,
      isEstimated: usage?.flags.contains(.estimatedBySender) ?? false, cost: observation.facts.reportedCost?.amount,
      start: start,
      end: max(start, observation.facts.endedAt?.microseconds ?? start), scope: scope,
      emitter: isCandidate ? Self.standing(scope, &standings) : .none,
      // Only candidates are compared by their models.
      model: isCandidate ? observation.sentModel.map(EmitterRank.bareModel) : nil,
      askedModel: isCandidate ? observation.facts.requestModel.map(EmitterRank.bareModel) : nil,
      responseID: observation.facts.responseID)
  }

  private static func standing(
    _ scope: String?, _ standings: inout [String: EmitterRank.Standing]
  ) -> EmitterRank.Standing {
    if let known = standings[scope ?? ""] { return known }
    let standing = EmitterRank.Standing(scope)
    standings[scope ?? ""] = standing
    return standing
  }

  /// The same consumption as far as two emitters agree on it: all input tokens (they split caches differently) and
  /// output within 2.
  func hasSameUsage(as other: Self) -> Bool {
    guard hasUsage, other.hasUsage else { return false }
    if tokens == 0 || other.tokens == 0 { return usage == other.usage }
    return inputTokens == other.inputTokens && Self.isNear(outputTokens, other.outputTokens, within: 2)
  }

  /// Served or asked for alike: of a deployment with a name of its own one emitter may know only that, another what
  /// served it too.
  func modelsAgree(with other: Self) -> Bool {
    if EmitterRank.modelsAgree(model, other.model) { return true }
    guard let askedModel, let asked = other.askedModel else { return false }
    return EmitterRank.modelsAgree(askedModel, asked)
  }

  static func isNear(_ a: Int64, _ b: Int64, within tolerance: Int64) -> Bool {
    let (difference, overflow) = a.subtractingReportingOverflow(b)
    return !overflow && difference.magnitude <= tolerance.magnitude
  }

  /// Microseconds in both; nil when they do not touch, or only at an end.
  func overlap(with other: Self) -> Int64? {
    let from = max(start, other.start), to = min(end, other.end)
    if to < from { return nil }
    if to == from, start != end, other.start != other.end { return nil }
    let (shared, overflow) = to.subtractingReportingOverflow(from)
    return overflow ? .max : shared
  }

  var duration: Int64 {
    let (length, overflow) = end.subtractingReportingOverflow(start)
    return overflow ? .max : length
  }
}
