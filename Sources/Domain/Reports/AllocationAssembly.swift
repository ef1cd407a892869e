/// Puts a report together from its parts: order, total, and cents that add up. Page, files and statements all use it.
public enum AllocationAssembly {
  /// Lines as they are printed, with `rounded` set, and their total.
  ///
  /// *Order:* Unallocated when it isn't zero, teams by effective cost (a team's lines together), shared costs by pool and team,
  /// corrections by month and team; an Unallocated of zero after the teams. *Shape:* at least one `unallocated` line is among `direct`.
  public static func assemble(
    direct: [AllocationLine], shared: [AllocationLine], adjustments: [AllocationLine]
  ) -> (lines: [AllocationLine], total: AllocationLine) {
    let unallocated = direct.filter { $0.kind == .unallocated }.sorted(by: isBefore)
    let teams = direct.filter { $0.kind != .unallocated }
    var ofTeam: [TeamID?: USD] = [:]
    for line in teams { ofTeam[line.team, default: .zero] += line.exact.effective }
    let ordered = teams.sorted { a, b in
      let (x, y) = (ofTeam[a.team] ?? .zero, ofTeam[b.team] ?? .zero)
      if a.team == b.team { return isBefore(a, b) }
      if x != y { return x > y }
      return a.name == b.name ? isLower(a.team, b.team) : a.name < b.name
    }
    let isZero = unallocated.allSatisfy { $0.calls == 0 && $0.exact == Amounts() }
    let own = isZero ? ordered + unallocated : unallocated + ordered
    let lines = rounded(own + shared.sorted(by: isSharedBefore) + adjustments.sorted(by: isAdjustmentBefore))
    return (lines, total(of: lines))
  }

  /// Each column of money once, by largest remainder.
  static func rounded(_ lines: [AllocationLine]) -> [AllocationLine] {
    var lines = lines
    for column in Amounts.columns {
      let cents = LargestRemainder.round(lines.map { $0.exact[keyPath: column] })
      for (i, amount) in cents.enumerated() { lines[i].rounded[keyPath: column] = amount }
    }
    return lines
  }

  /// Sum of the lines; active users are nobody's sum and stay nil.
  public static func total(of lines: [AllocationLine]) -> AllocationLine {
    var total = AllocationLine(kind: .total, name: "Total")
    for line in lines {
      total.calls &+= line.calls
      total.errors &+= line.errors
      total.unpricedCalls &+= line.unpricedCalls
      total.usage += line.usage
      total.exact = total.exact + line.exact
      total.rounded = total.rounded + line.rounded
    }
    return total
  }

  private static func isBefore(_ a: AllocationLine, _ b: AllocationLine) -> Bool {
    if a.exact.effective != b.exact.effective { return a.exact.effective > b.exact.effective }
    for (x, y) in zip(a.values, b.values) where x.value != y.value {
      guard let text = x.value else { return false }
      return y.value.map { text < $0 } ?? true
    }
    return false
  }

  private static func isSharedBefore(_ a: AllocationLine, _ b: AllocationLine) -> Bool {
    let (x, y) = (a.shared?.pool.rawValue ?? 0, b.shared?.pool.rawValue ?? 0)
    return x == y ? isLower(a.team, b.team) : x < y
  }

  private static func isAdjustmentBefore(_ a: AllocationLine, _ b: AllocationLine) -> Bool {
    let (x, y) = (a.correctionOf ?? "", b.correctionOf ?? "")
    return x == y ? isLower(a.team, b.team) : x < y
  }

  private static func isLower(_ a: TeamID?, _ b: TeamID?) -> Bool { (a?.rawValue ?? 0) < (b?.rawValue ?? 0) }
}

extension Amounts {
  /// The columns, in the order they are printed.
  public static var columns: [WritableKeyPath<Amounts, USD>] { [\.list, \.contracted, \.effective, \.avoided] }
}

extension AllocationLine {
  /// What the same line of another period shares with it.
  public struct Key: Hashable, Sendable {
    public var kind: Kind
    public var team: TeamID?
    public var values: [String?]
    public var pool: PoolID?
    public var correctionOf: String?
  }

  public var key: Key {
    Key(kind: kind, team: team, values: values.map(\.value), pool: shared?.pool, correctionOf: correctionOf)
  }
}
