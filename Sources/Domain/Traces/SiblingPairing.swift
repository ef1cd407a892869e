/// Pairs rows under one parent that different emitters wrote about the same call: one to one, greatest overlap in time
/// first. Two rows of the same scope are never paired, so equal calls that really happened stay apart.
struct SiblingPairing {
  struct Member {
    let row: Int
    /// The row that counts for it: itself, or the one that it wraps.
    let standIn: Int
  }
  private enum Rule { case metered, unmetered }
  typealias Pair = (kept: Member, dropped: Member)

  private let tree: TraceTree
  private var members: [Member]
  /// Scopes each kept row has already stood in for, so that a second call of that scope is not taken for its twin too.
  private var absorbed: [Int: Set<String>] = [:]

  /// Groups in which more rows overlap than this are paired in order of start instead of by greatest overlap.
  private static let exactLimit = 256

  init(_ tree: TraceTree, _ members: [Member]) {
    self.tree = tree
    self.members = members
  }

  /// All pairs: metered rows with equal usage first, then rows without usage beside a provider SDK's own.
  mutating func pairs() -> [Pair] {
    if Set(members.map { scope($0.row) }).count < 2 { return [] }
    var result: [Pair] = []
    let metered = members.filter { tree.rows[$0.row].hasUsage }
    for group in Dictionary(grouping: metered, by: { tree.rows[$0.row].inputTokens }).values {
      result += exhausted(group, .metered)
    }
    guard members.contains(where: { isNative($0.row) }) else { return result }
    let dropped = Set(result.map(\.dropped.row))
    let rest = members.filter {
      !dropped.contains($0.row) && tree.rows[$0.row].kind.isAlwaysCall && $0.row == $0.standIn
    }
    return result + exhausted(rest, .unmetered)
  }

  /// Pairs again among those kept, because three emitters may describe one call.
  private mutating func exhausted(_ group: [Member], _ rule: Rule) -> [Pair] {
    var left = group
    var result: [Pair] = []
    while left.count > 1 {
      let round = touching(left).flatMap { matched($0) { isOpen($0, $1) && isSame($0, $1, by: rule) } }.map(ranked)
      if round.isEmpty { break }
      for pair in round { note(pair) }
      let dropped = Set(round.map(\.dropped.row))
      left.removeAll { dropped.contains($0.row) }
      result += round
    }
    return result
  }

  private mutating func note(_ pair: Pair) {
    let scopes = (absorbed[pair.dropped.row] ?? []).union([scope(pair.dropped.row), scope(pair.dropped.standIn)])
    absorbed[pair.kept.row, default: []].formUnion(scopes)
  }

  // MARK: - Conditions

  private func isSame(_ a: Member, _ b: Member, by rule: Rule) -> Bool {
    switch rule {
    case .metered: isSameMeteredCall(a, b)
    case .unmetered: isSameUnmeteredCall(a, b)
    }
  }

  private func isOpen(_ a: Member, _ b: Member) -> Bool {
    if tree.rows[a.row].scope == tree.rows[b.row].scope { return false }
    if absorbed.isEmpty, a.row == a.standIn, b.row == b.standIn { return true }
    let left = (absorbed[a.row] ?? []).union([scope(a.row), scope(a.standIn)])
    let right = (absorbed[b.row] ?? []).union([scope(b.row), scope(b.standIn)])
    return left.isDisjoint(with: right)
  }

  private func isSameMeteredCall(_ a: Member, _ b: Member) -> Bool {
    let x = tree.rows[a.row], y = tree.rows[b.row]
    let kindsFit = x.kind == y.kind || !(x.kind.isAlwaysCall && y.kind.isAlwaysCall)
    return kindsFit && x.hasSameUsage(as: y) && x.modelsAgree(with: y) && x.overlap(with: y) != nil
  }

  private func isSameUnmeteredCall(_ a: Member, _ b: Member) -> Bool {
    let x = tree.rows[a.row], y = tree.rows[b.row]
    guard !(x.hasUsage && y.hasUsage), isNative(a.row) != isNative(b.row), x.kind == y.kind else { return false }
    guard x.model != nil, y.model != nil, x.modelsAgree(with: y) else { return false }
    guard let overlap = x.overlap(with: y) else { return false }
    return Double(overlap) >= 0.9 * Double(min(x.duration, y.duration))
  }

  private func scope(_ row: Int) -> String { tree.rows[row].scope ?? "" }
  private func isNative(_ row: Int) -> Bool { tree.rows[row].emitter.isNativeSDK }

  /// Who stays: metered, then counted rather than estimated, then a call rather than a frame, then with a model or cost
  /// rather than without, then by emitter, then the smaller id.
  private func ranked(_ a: Member, _ b: Member) -> Pair {
    standing(a) <= standing(b) ? (a, b) : (b, a)
  }

  private func standing(_ member: Member) -> (Int, Int, Int, Int, Int, Int) {
    let row = tree.rows[member.standIn]
    return (
      row.hasUsage ? 0 : 1, row.isEstimated ? 1 : 0, row.kind.isAlwaysCall ? 0 : 1, row.isUnpriceable ? 1 : 0,
      row.emitter.rank, member.standIn
    )
  }

  // MARK: - Matching

  /// Splits into runs whose times are connected; rows of different runs can't overlap.
  private func touching(_ group: [Member]) -> [[Member]] {
    var runs: [[Member]] = []
    var end = Int64.min
    for member in group.sorted(by: { startsEarlier($0, $1) }) {
      let row = tree.rows[member.row]
      if runs.isEmpty || row.start > end { runs.append([]) }
      runs[runs.count - 1].append(member)
      end = max(end, row.end)
    }
    return runs
  }

  private func startsEarlier(_ a: Member, _ b: Member) -> Bool {
    let x = tree.rows[a.row], y = tree.rows[b.row]
    return (x.start, x.end, a.row) < (y.start, y.end, b.row)
  }

  private func matched(_ run: [Member], _ isSame: (Member, Member) -> Bool) -> [(Member, Member)] {
    run.count <= Self.exactLimit ? byOverlap(run, isSame) : inOrder(run, isSame)
  }

  private func byOverlap(_ run: [Member], _ isSame: (Member, Member) -> Bool) -> [(Member, Member)] {
    var candidates: [(overlap: Int64, first: Int, second: Int)] = []
    for i in run.indices {
      for j in run.indices.dropFirst(i + 1) where isSame(run[i], run[j]) {
        candidates.append((tree.rows[run[i].row].overlap(with: tree.rows[run[j].row]) ?? 0, i, j))
      }
    }
    candidates.sort { ($1.overlap, $0.first, $0.second) < ($0.overlap, $1.first, $1.second) }
    var taken = Set<Int>()
    return candidates.compactMap { candidate in
      guard !taken.contains(candidate.first), !taken.contains(candidate.second) else { return nil }
      taken.formUnion([candidate.first, candidate.second])
      return (run[candidate.first], run[candidate.second])
    }
  }

  /// For hundreds of equal calls at once: the scopes' rows side by side in order of start.
  private func inOrder(_ run: [Member], _ isSame: (Member, Member) -> Bool) -> [(Member, Member)] {
    let byScope = Dictionary(grouping: run) { scope($0.row) }
    let scopes = byScope.keys.sorted()
    var taken = Set<Int>()
    var result: [(Member, Member)] = []
    for (i, name) in scopes.enumerated() {
      for other in scopes.dropFirst(i + 1) {
        let left = (byScope[name] ?? []).filter { !taken.contains($0.row) }
        let right = (byScope[other] ?? []).filter { !taken.contains($0.row) }
        for pair in sideBySide(left, right, isSame) {
          taken.formUnion([pair.0.row, pair.1.row])
          result.append(pair)
        }
      }
    }
    return result
  }

  private func sideBySide(_ left: [Member], _ right: [Member], _ isSame: (Member, Member) -> Bool) -> [(Member, Member)]
  {
    var result: [(Member, Member)] = []
    var i = 0, j = 0
    while i < left.count, j < right.count {
      if isSame(left[i], right[j]) {
        result.append((left[i], right[j]))
        i += 1
        j += 1
      } else if tree.rows[left[i].row].end <= tree.rows[right[j].row].end {
        i += 1
      } else {
        j += 1
      }
    }
    return result
  }
}
