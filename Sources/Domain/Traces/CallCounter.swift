/// Decides which candidate rows of a trace stand for the same call. Works bottom up over the tree of candidates (a
/// candidate's parent here is its nearest ancestor that is one): first repeats by the provider's response id, then
/// level by level the siblings are paired and the row above them is compared with what counts below it.
struct CallCounter {
  struct Shadow {
    var row: Int
    var reason: ShadowReason
    /// `row` alone tells what the shadowed one tells; else it is only the largest of several.
    var isTwin = false
  }
  /// What counts within a candidate's subtree.
  struct Subtotal {
    var input: Int64 = 0
    var output: Int64 = 0
    var usageRows: Int64 = 0
    var cost = USD.zero
    var costRows = 0
    /// The largest counted usage-bearing row, else any counted row.
    var best: Int?
    /// Rows that repeat a response which counts on another branch.
    var elsewhere: [Int] = []
  }

  let tree: TraceTree
  private(set) var shadows: [Shadow?]
  var subtotals: [Subtotal]
  /// Candidates below each candidate with none in between, by id; the last place is for those below none.
  var below: [[Int]]
  /// A tool, agent or other step of its own lies between the row and its nearest candidate ancestor.
  var crossesStep: [Bool]
  lazy var nesting = TraceTree.Nesting(tree)

  init(_ tree: TraceTree) {
    self.tree = tree
    shadows = Array(repeating: nil, count: tree.rows.count)
    subtotals = Array(repeating: Subtotal(), count: tree.rows.count)
    below = Array(repeating: [], count: tree.rows.count + 1)
    crossesStep = Array(repeating: false, count: tree.rows.count)
  }

  mutating func count() {
    linkCandidates()
    shadowRepeatedResponses()
    for i in tree.topDown.reversed() where tree.rows[i].isCandidate {
      var subtotal = settledLevel(below[i])
      if shadows[i] == nil {
        judge(i, against: &subtotal)
      } else if subtotal.usageRows == 0, tree.rows[i].hasUsage {
        subtotal.elsewhere.append(i)
      }
      if shadows[i] == nil {
        shadowUnmeteredChildren(of: i)
        add(i, to: &subtotal)
      }
      subtotals[i] = subtotal
    }
    _ = settledLevel(below[tree.rows.count])
  }

  /// The row that counts instead of `row`, however many steps away.
  func finalShadow(of row: Int) -> Shadow? {
    guard let first = shadows[row] else { return nil }
    return Shadow(row: standIn(first.row), reason: first.reason)
  }

  func standIn(_ row: Int) -> Int {
    var current = row
    while let next = shadows[current] { current = next.row }
    return current
  }

  mutating func shadow(_ row: Int, by other: Int, _ reason: ShadowReason, isTwin: Bool = false) {
    let target = standIn(other)
    if target != row, shadows[row] == nil { shadows[row] = Shadow(row: target, reason: reason, isTwin: isTwin) }
  }

  /// Whether the row's usage is that of its stand-in: it counts itself, or repeats that one row.
  func standsForOne(_ i: Int) -> Bool {
    var current = i
    while let shadow = shadows[current] {
      let row = tree.rows[current]
      let isOne = shadow.reason == .descendant ? shadow.isTwin : row.hasSameUsage(as: tree.rows[shadow.row])
      if !isOne { return false }
      current = shadow.row
    }
    return true
  }

  private mutating func linkCandidates() {
    var nearest = [Int?](repeating: nil, count: tree.rows.count)
    var crossed = [Bool](repeating: false, count: tree.rows.count)
    for i in tree.topDown {
      let above = tree.parents[i]
      let anchor = above.flatMap { nearest[$0] }
      let isCrossed = above.map { crossed[$0] } ?? false
      if tree.rows[i].isCandidate {
        below[anchor ?? tree.rows.count].append(i)
        crossesStep[i] = isCrossed
        nearest[i] = i
        crossed[i] = false
      } else {
        nearest[i] = anchor
        crossed[i] = isCrossed || tree.rows[i].kind.isStepOfItsOwn
      }
    }
  }

  // MARK: - Repeats of one response

  private mutating func shadowRepeatedResponses() {
    var groups: [String: [Int]] = [:]
    for (i, row) in tree.rows.enumerated() where row.isCandidate {
      if let response = row.responseID, !response.isEmpty { groups[response, default: []].append(i) }
    }
    for group in groups.values where group.count > 1 {
      guard let kept = group.min(by: { standing($0) < standing($1) }) else { continue }
      for i in group where i != kept { shadow(i, by: kept, .responseID) }
    }
  }

  /// Smallest stays: metered before not, counted before estimated, with a model or cost before without, deepest, then
  /// by emitter and id.
  private func standing(_ i: Int) -> (Int, Int, Int, Int, Int, Int) {
    let row = tree.rows[i]
    return (
      row.hasUsage ? 0 : 1, row.isEstimated ? 1 : 0, row.isUnpriceable ? 1 : 0, -tree.depths[i], row.emitter.rank, i
    )
  }

  // MARK: - One level

  /// Pairs the siblings among `level` and adds up what counts in it.
  private mutating func settledLevel(_ level: [Int]) -> Subtotal {
    if level.count > 1 { pairSiblings(level) }
    var sum = Subtotal()
    for i in level { merge(subtotals[i], into: &sum) }
    return sum
  }

  private mutating func pairSiblings(_ level: [Int]) {
    for group in Dictionary(grouping: level, by: { tree.rows[$0].parentID }).values where group.count > 1 {
      var pairing = SiblingPairing(tree, group.sorted().compactMap(sibling))
      for (kept, dropped) in pairing.pairs() where shadows[dropped.standIn] == nil {
        shadow(dropped.standIn, by: kept.standIn, .sibling)
        remove(dropped.standIn, from: &subtotals[dropped.row])
      }
    }
  }

  /// A row as it takes part in pairing: itself, or for a wrapper the one row below that it repeats.
  private func sibling(_ i: Int) -> SiblingPairing.Member? {
    guard let shadow = shadows[i] else { return SiblingPairing.Member(row: i, standIn: i) }
    return shadow.isTwin ? SiblingPairing.Member(row: i, standIn: standIn(i)) : nil
  }

  func merge(_ part: Subtotal, into sum: inout Subtotal) {
    sum.input = sum.input &+ part.input
    sum.output = sum.output &+ part.output
    sum.usageRows += part.usageRows
    sum.cost += part.cost
    sum.costRows += part.costRows
    sum.best = better(sum.best, part.best)
    sum.elsewhere += part.elsewhere.prefix(Self.elsewhereMax - min(sum.elsewhere.count, Self.elsewhereMax))
  }

  /// Of one wrapper; keeps a hostile trace from costing the square of its rows.
  private static let elsewhereMax = 256

  private func add(_ i: Int, to sum: inout Subtotal) {
    let row = tree.rows[i]
    merge(
      Subtotal(
        input: row.inputTokens, output: row.outputTokens, usageRows: row.hasUsage ? 1 : 0, cost: row.cost ?? .zero,
        costRows: row.cost == nil ? 0 : 1, best: i), into: &sum)
  }

  func remove(_ i: Int, from sum: inout Subtotal) {
    let row = tree.rows[i]
    sum.input = sum.input &- row.inputTokens
    sum.output = sum.output &- row.outputTokens
    sum.usageRows -= row.hasUsage ? 1 : 0
    sum.cost = sum.cost - (row.cost ?? .zero)
    sum.costRows -= row.cost == nil ? 0 : 1
  }

  func better(_ a: Int?, _ b: Int?) -> Int? {
    guard let a, let b else { return a ?? b }
    let x = tree.rows[a], y = tree.rows[b]
    return (x.hasUsage ? 0 : 1, -x.tokens, a) <= (y.hasUsage ? 0 : 1, -y.tokens, b) ? a : b
  }
}

extension ObservationKind {
  /// Not a mere frame: what is inside is another piece of work.
  var isStepOfItsOwn: Bool {
    switch self {
    case .tool, .agent, .retriever, .evaluator, .guardrail: true
    default: false
    }
  }
}
