/// A row against what is below it.
extension CallCounter {
  mutating func judge(_ i: Int, against sum: inout Subtotal) {
    let row = tree.rows[i]
    if row.hasUsage {
      if let twin = twin(of: i, in: sum) {
        repeatOne(i, twin, &sum)
      } else if let target = explanation(of: i, by: sum) {
        shadow(i, by: target, .descendant)
      }
    } else if row.kind.isAlwaysCall {
      if let target = callBelow(i) { shadow(i, by: target, .descendant) }
    } else if let cost = row.cost, let target = sum.best, repeatsCost(row.kind, cost, sum) {
      shadow(i, by: target, .descendant)
    }
  }

  /// The row that tells the same usage: right below, or all that counts below.
  private mutating func twin(of i: Int, in sum: Subtotal) -> Int? {
    let row = tree.rows[i]
    let twins = below[i].filter(standsForOne).map(standIn).filter { $0 != i && tree.rows[$0].hasSameUsage(as: row) }
    let twin = twins.min { (tree.rows[$0].isUnpriceable ? 1 : 0, $0) < (tree.rows[$1].isUnpriceable ? 1 : 0, $1) }
    if let twin { return twin }
    let only = sum.usageRows == 1 ? sum.best.map(standIn) : nil
    return only.flatMap { tree.rows[$0].hasSameUsage(as: row) ? $0 : nil }
  }

  /// The outer row goes, unless the inner one lacks what its price hangs on.
  private mutating func repeatOne(_ i: Int, _ inner: Int, _ sum: inout Subtotal) {
    if tree.rows[inner].isUnpriceable, !tree.rows[i].isUnpriceable, nesting.isBelow(inner, i) {
      shadow(inner, by: i, .ancestor)
      remove(inner, from: &sum)
    } else {
      shadow(i, by: inner, .descendant, isTwin: true)
    }
  }

  /// The row below that stands for those this one's usage adds up. A generation or embedding repeats the sum of all, or
  /// of its own steps, exactly. Any other kind only ever adds up what is below it, so it counts beside its descendants
  /// only when they cover less than half of it (whichever way that is decided, the error is then the smaller one).
  private mutating func explanation(of i: Int, by counted: Subtotal) -> Int? {
    let row = tree.rows[i]
    let sum = withElsewhere(counted, of: i)
    guard row.tokens > 0, sum.usageRows > 0, let best = sum.best else { return nil }
    if row.kind.isAlwaysCall {
      if isSum(row, of: sum) { return best }
      let own = sumOfOwn(i)
      return own.usageRows > 0 && isSum(row, of: own) ? own.best : nil
    }
    return Double(sum.input) + Double(sum.output) >= Double(row.tokens) / 2 ? best : nil
  }

  private func isSum(_ row: TraceTree.Row, of sum: Subtotal) -> Bool {
    let slack = sum.usageRows.multipliedReportingOverflow(by: 2).partialValue
    return sum.input == row.inputTokens && TraceTree.Row.isNear(sum.output, row.outputTokens, within: slack)
  }

  /// What counts below a row without what its tools and agents did: a framework adds up its own steps. Empty when there
  /// are none of those.
  private func sumOfOwn(_ i: Int) -> Subtotal {
    let own = below[i].filter { !crossesStep[$0] && !tree.rows[$0].kind.isStepOfItsOwn }
    var sum = Subtotal()
    if own.count < below[i].count { for j in own { merge(subtotals[j], into: &sum) } }
    return sum
  }

  /// With the calls below a row that another branch of the trace counts.
  private mutating func withElsewhere(_ sum: Subtotal, of i: Int) -> Subtotal {
    var all = sum
    var seen: Set<Int> = [i]
    for j in sum.elsewhere {
      let target = standIn(j)
      guard seen.insert(target).inserted, !nesting.isBelow(target, i) else { continue }
      all.input = all.input &+ tree.rows[j].inputTokens
      all.output = all.output &+ tree.rows[j].outputTokens
      all.usageRows += 1
      all.best = better(all.best, target)
    }
    return all
  }

  /// A call without usage is the frame around another of its kind and model, unless a step of its own lies between
  /// them.
  private func callBelow(_ i: Int) -> Int? {
    let row = tree.rows[i]
    let repeated = below[i].filter { j in
      let other = tree.rows[j]
      return !crossesStep[j] && other.kind == row.kind && row.modelsAgree(with: other)
        && (row.cost ?? .zero == .zero || other.hasUsage || other.cost != nil)
    }
    return repeated.map(standIn).reduce(nil) { better($0, $1) }
  }

  private func repeatsCost(_ kind: ObservationKind, _ cost: USD, _ sum: Subtotal) -> Bool {
    if sum.costRows > 0 { return sum.cost + sum.cost >= cost }
    return sum.usageRows > 0 && kind != .tool
  }

  /// An SDK's span without usage inside a metered one of the same kind and model describes the same call (a
  /// framework counts the tokens of a stream that the SDK's instrumentation can't).
  mutating func shadowUnmeteredChildren(of i: Int) {
    let row = tree.rows[i]
    guard row.kind.isAlwaysCall, row.hasUsage || row.cost != nil else { return }
    for j in below[i] where shadows[j] == nil && !crossesStep[j] {
      let child = tree.rows[j]
      let isUnmetered = !child.hasUsage && child.cost == nil && child.kind == row.kind
      if isUnmetered, child.modelsAgree(with: row) { shadow(j, by: i, .ancestor) }
    }
  }
}
