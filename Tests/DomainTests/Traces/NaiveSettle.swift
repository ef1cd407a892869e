@testable import Domain

/// The rules of counting once, as sentences over sets: every sum is made anew from all rows, every relation is walked.
/// It shares no structure with `CallCounter`, only what a row says of itself.
struct NaiveSettle {
  private let rows: [ObservationID: Observation]
  private var parent: [ObservationID: ObservationID] = [:]
  private(set) var shadow: [ObservationID: (by: ObservationID, reason: ShadowReason, isTwin: Bool)] = [:]

  init(_ observations: [Observation]) {
    rows = Dictionary(uniqueKeysWithValues: observations.filter(\.facts.isArrived).map { ($0.facts.id, $0) })
    for (id, row) in rows { parent[id] = row.facts.parent.flatMap { rows[$0] == nil ? nil : $0 } }
    for id in rows.keys {
      // On a cycle whose smallest row this is.
      let cycle = walk(from: id)
      if cycle.last == id, cycle.min() == id { parent[id] = nil }
    }
    shadowRepeats()
    for level in Set(candidates.map(depth)).sorted(by: >) {
      for id in candidates.filter({ depth($0) == level }).sorted(by: >) { decide(id) }
    }
    pairSiblings(candidates.filter { anchor($0) == nil })
  }

  var calls: Set<ObservationID> { Set(candidates.filter { shadow[$0] == nil }) }
  var reasons: [ObservationID: ShadowReason] { shadow.mapValues(\.reason) }

  // MARK: - What a row says

  private func row(_ id: ObservationID) -> Observation { rows[id].unsafelyUnwrapped }
  private var candidates: [ObservationID] {
    rows.keys.filter { row($0).carriesUsageOrCost || row($0).kind.isAlwaysCall }
  }
  private func input(_ id: ObservationID) -> Int64 { row(id).facts.usage?.usage.inputTokens ?? 0 }
  private func output(_ id: ObservationID) -> Int64 { row(id).facts.usage?.usage.outputTokens ?? 0 }
  private func tokens(_ id: ObservationID) -> Int64 { input(id) + output(id) }
  private func isMetered(_ id: ObservationID) -> Bool { row(id).carriesUsage }
  private func cost(_ id: ObservationID) -> USD? { row(id).facts.reportedCost?.amount }
  private func isUnpriceable(_ id: ObservationID) -> Bool { row(id).sentModel == nil && cost(id) == nil }
  private func emitter(_ id: ObservationID) -> Int { EmitterRank.rank(row(id).facts.scope) }
  private func isStep(_ id: ObservationID) -> Bool {
    [.tool, .agent, .retriever, .evaluator, .guardrail].contains(row(id).kind)
  }
  private func isSameUsage(_ a: ObservationID, _ b: ObservationID) -> Bool {
    guard isMetered(a), isMetered(b) else { return false }
    if tokens(a) == 0 || tokens(b) == 0 { return row(a).facts.usage?.usage == row(b).facts.usage?.usage }
    return input(a) == input(b) && abs(output(a) - output(b)) <= 2
  }
  /// The traffic of these tests has undated models without deployments.
  private func isSameModel(_ a: ObservationID, _ b: ObservationID) -> Bool {
    row(a).sentModel == nil || row(b).sentModel == nil || row(a).sentModel == row(b).sentModel
  }

  // MARK: - The forest

  /// Ancestors, up to the first repeated one.
  private func walk(from id: ObservationID) -> [ObservationID] {
    var path: [ObservationID] = []
    var current = parent[id]
    while let next = current, !path.contains(next) {
      path.append(next)
      current = parent[next]
    }
    return path
  }
  private func depth(_ id: ObservationID) -> Int { walk(from: id).count }
  private func anchor(_ id: ObservationID) -> ObservationID? { walk(from: id).first(where: candidates.contains) }
  private func isBelow(_ id: ObservationID, _ above: ObservationID) -> Bool { walk(from: id).contains(above) }
  private func children(_ id: ObservationID) -> [ObservationID] { candidates.filter { anchor($0) == id } }
  private func crossesStep(_ id: ObservationID) -> Bool {
    walk(from: id).prefix { !candidates.contains($0) }.contains(where: isStep)
  }
  private func standIn(_ id: ObservationID) -> ObservationID { shadow[id].map { standIn($0.by) } ?? id }
  private func counted(below id: ObservationID) -> [ObservationID] {
    candidates.filter { isBelow($0, id) && shadow[$0] == nil }
  }
  private mutating func drop(
    _ id: ObservationID, for other: ObservationID, _ reason: ShadowReason, isTwin: Bool = false
  ) {
    if standIn(other) != id, shadow[id] == nil { shadow[id] = (standIn(other), reason, isTwin) }
  }

  // MARK: - The rules

  private mutating func shadowRepeats() {
    let named = candidates.filter { row($0).facts.responseID != nil }
    let groups = Dictionary(grouping: named) { row($0).facts.responseID }
    for group in groups.values {
      let order = group.sorted { a, b in
        func key(_ i: ObservationID) -> [Int] {
          let isEstimate = row(i).facts.usage?.flags.contains(.estimatedBySender) ?? false
          return [isMetered(i) ? 0 : 1, isEstimate ? 1 : 0, isUnpriceable(i) ? 1 : 0, -depth(i), emitter(i)]
        }
        return key(a) == key(b) ? a < b : key(a).lexicographicallyPrecedes(key(b))
      }
      for id in order.dropFirst() { drop(id, for: order[0], .responseID) }
    }
  }

  private mutating func decide(_ id: ObservationID) {
    pairSiblings(children(id))
    guard shadow[id] == nil else { return }
    if isMetered(id) { judgeMetered(id) } else if row(id).kind.isAlwaysCall { judgeFrame(id) } else { judgeCost(id) }
    guard shadow[id] == nil, row(id).kind.isAlwaysCall, isMetered(id) || cost(id) != nil else { return }
    for child in children(id) where !crossesStep(child) && !isMetered(child) && cost(child) == nil {
      if row(child).kind == row(id).kind, isSameModel(child, id) { drop(child, for: id, .ancestor) }
    }
  }

  private mutating func judgeMetered(_ id: ObservationID) {
    let metered = counted(below: id).filter(isMetered)
    let single = children(id).filter(standsForOne)
    let near = single.map(standIn) + (metered.count == 1 ? metered : [])
    let twins = near.filter { $0 != id && isSameUsage($0, id) }.sorted()
    if let twin = twins.first(where: { !isUnpriceable($0) }) ?? twins.first { return repeats(id, twin) }
    var all = metered.map { (input($0), output($0)) }
    var known = Set(metered + [id])
    for repeated in candidates.sorted() where isBelow(repeated, id) && shadow[repeated]?.reason == .responseID {
      let isWrapper = candidates.contains { isBelow($0, repeated) && isMetered($0) && shadow[$0] == nil }
      if !isWrapper, isMetered(repeated), !isBelow(standIn(repeated), id), known.insert(standIn(repeated)).inserted {
        all.append((input(repeated), output(repeated)))
      }
    }
    let own = children(id).filter { !crossesStep($0) && !isStep($0) }
    let ownCounted = metered.filter { m in own.contains { $0 == m || isBelow(m, $0) } }.map { (input($0), output($0)) }
    let isRepeat =
      row(id).kind.isAlwaysCall
      ? isSum(id, all) || own.count < children(id).count && isSum(id, ownCounted)
      : !all.isEmpty && 2 * all.reduce(0) { $0 + $1.0 + $1.1 } >= tokens(id)
    guard isRepeat, tokens(id) > 0 else { return }
    let any = metered.first ?? candidates.first { isBelow($0, id) && shadow[$0]?.reason == .responseID }
    if let any { drop(id, for: any, .descendant) }
  }

  /// The outer row goes, unless the inner one is the same call without what its price hangs on.
  private mutating func repeats(_ outer: ObservationID, _ inner: ObservationID) {
    if isUnpriceable(inner), !isUnpriceable(outer), isBelow(inner, outer) {
      drop(inner, for: outer, .ancestor)
    } else {
      drop(outer, for: inner, .descendant, isTwin: true)
    }
  }

  private func standsForOne(_ id: ObservationID) -> Bool {
    guard let why = shadow[id] else { return true }
    return (why.reason == .descendant ? why.isTwin : isSameUsage(id, why.by)) && standsForOne(why.by)
  }

  private func isSum(_ id: ObservationID, _ parts: [(Int64, Int64)]) -> Bool {
    !parts.isEmpty && parts.reduce(0) { $0 + $1.0 } == input(id)
      && abs(parts.reduce(0) { $0 + $1.1 } - output(id)) <= 2 * Int64(parts.count)
  }

  private mutating func judgeFrame(_ id: ObservationID) {
    let inner = children(id).filter {
      !crossesStep($0) && row($0).kind == row(id).kind && isSameModel($0, id)
        && (cost(id) ?? .zero == .zero || isMetered($0) || cost($0) != nil)
    }
    if let any = inner.first(where: { standIn($0) != id }) { drop(id, for: any, .descendant) }
  }

  private mutating func judgeCost(_ id: ObservationID) {
    let inner = counted(below: id)
    guard let any = inner.first, let own = cost(id) else { return }
    let costs = inner.compactMap(cost)
    let sum = costs.reduce(USD.zero) { $0 + $1 }
    let isRepeat = costs.isEmpty ? inner.contains(where: isMetered) && row(id).kind != .tool : sum + sum >= own
    if isRepeat { drop(id, for: any, .descendant) }
  }

  // MARK: - Siblings

  private mutating func pairSiblings(_ level: [ObservationID]) {
    for group in Dictionary(grouping: level, by: { row($0).facts.parent }).values { pair(group) }
  }

  private mutating func pair(_ group: [ObservationID]) {
    let standIns = Dictionary(
      uniqueKeysWithValues: group.compactMap { id -> (ObservationID, ObservationID)? in
        guard let why = shadow[id] else { return (id, id) }
        return why.isTwin ? (id, standIn(id)) : nil
      })
    if Set(standIns.keys.map(scope)).count < 2 { return }
    var dropped: Set<ObservationID> = []
    var seen: [ObservationID: Set<String>] = [:]
    let metered = standIns.keys.filter(isMetered)
    let before = self
    rounds(metered, standIns, &seen, &dropped) { before.isTwin($0, $1) }
    guard standIns.keys.contains(where: isNative) else { return }
    let bare = standIns.keys.filter { !dropped.contains($0) && row($0).kind.isAlwaysCall && standIns[$0] == $0 }
    rounds(bare, standIns, &seen, &dropped) { before.isBareTwin($0, $1) }
  }

  private mutating func rounds(
    _ members: [ObservationID], _ standIns: [ObservationID: ObservationID], _ seen: inout [ObservationID: Set<String>],
    _ dropped: inout Set<ObservationID>, _ isTwin: (ObservationID, ObservationID) -> Bool
  ) {
    func scopes(_ id: ObservationID) -> Set<String> {
      (seen[id] ?? []).union([scope(id), scope(standIns[id] ?? id)])
    }
    var left = members.sorted { key($0).lexicographicallyPrecedes(key($1)) }
    while true {
      var pairs: [(overlap: Int64, a: ObservationID, b: ObservationID)] = []
      for (i, a) in left.enumerated() {
        for b in left.dropFirst(i + 1) where scopes(a).isDisjoint(with: scopes(b)) && isTwin(a, b) {
          pairs.append((overlap(a, b) ?? 0, a, b))
        }
      }
      // Stable: of equal overlaps the earlier rows first.
      let order = pairs.enumerated().sorted { ($1.element.overlap, $0.offset) < ($0.element.overlap, $1.offset) }
      var taken: Set<ObservationID> = []
      var losers: [(kept: ObservationID, lost: ObservationID)] = []
      for (_, pair) in order where !taken.contains(pair.a) && !taken.contains(pair.b) {
        taken.formUnion([pair.a, pair.b])
        let isFirst = !rank(standIns[pair.b] ?? pair.b).lexicographicallyPrecedes(rank(standIns[pair.a] ?? pair.a))
        losers.append(isFirst ? (pair.a, pair.b) : (pair.b, pair.a))
      }
      if losers.isEmpty { return }
      let all = losers.map { scopes($0.lost) }
      for (pair, scopes) in zip(losers, all) {
        seen[pair.kept, default: []].formUnion(scopes)
        dropped.insert(pair.lost)
        drop(standIns[pair.lost] ?? pair.lost, for: standIns[pair.kept] ?? pair.kept, .sibling)
      }
      left.removeAll(where: dropped.contains)
    }
  }

  private func key(_ id: ObservationID) -> [Int64] { [start(id), end(id), Int64(id.rawValue)] }
  private func rank(_ id: ObservationID) -> [Int] {
    let isEstimate = row(id).facts.usage?.flags.contains(.estimatedBySender) ?? false
    return [
      isMetered(id) ? 0 : 1, isEstimate ? 1 : 0, row(id).kind.isAlwaysCall ? 0 : 1, isUnpriceable(id) ? 1 : 0,
      emitter(id), Int(id.rawValue),
    ]
  }
  private func scope(_ id: ObservationID) -> String { row(id).facts.scope ?? "" }
  private func isNative(_ id: ObservationID) -> Bool { EmitterRank.isNativeSDK(row(id).facts.scope) }
  private func start(_ id: ObservationID) -> Int64 { row(id).startedAt.microseconds }
  private func end(_ id: ObservationID) -> Int64 { max(start(id), row(id).facts.endedAt?.microseconds ?? start(id)) }
  /// nil when the two don't touch, or only at an end.
  private func overlap(_ a: ObservationID, _ b: ObservationID) -> Int64? {
    let from = max(start(a), start(b)), to = min(end(a), end(b))
    let isInstant = start(a) == end(a) || start(b) == end(b)
    return to > from || to == from && isInstant ? to - from : nil
  }
  private func isTwin(_ a: ObservationID, _ b: ObservationID) -> Bool {
    let kinds = row(a).kind == row(b).kind || !(row(a).kind.isAlwaysCall && row(b).kind.isAlwaysCall)
    return kinds && isSameUsage(a, b) && isSameModel(a, b) && overlap(a, b) != nil
  }
  private func isBareTwin(_ a: ObservationID, _ b: ObservationID) -> Bool {
    guard !(isMetered(a) && isMetered(b)), isNative(a) != isNative(b), row(a).kind == row(b).kind else { return false }
    guard let model = row(a).sentModel, model == row(b).sentModel, let overlap = overlap(a, b) else { return false }
    return 10 * overlap >= 9 * min(end(a) - start(a), end(b) - start(b))
  }
}
