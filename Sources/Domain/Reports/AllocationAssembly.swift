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

  /// Each column of money by largest remainder: what a team, a shared cost or a correction comes to is rounded first, as without a
  /// breakdown, then its lines are rounded to that. However a report is broken down, a team has the same cents.
  static func rounded(_ lines: [AllocationLine]) -> [AllocationLine] {
    var lines = lines
    let groups = placesByKey(lines)
    for column in Amounts.columns {
      let sums = LargestRemainder.round(groups.map { $0.reduce(USD.zero) { $0 + lines[$1].exact[keyPath: column] } })
      for (places, sum) in zip(groups, sums) {
        let cents = LargestRemainder.round(places.map { lines[$0].exact[keyPath: column] }, total: sum)
        for (i, amount) in zip(places, cents) { lines[i].rounded[keyPath: column] = amount }
      }
    }
    return lines
  }

  /// Of the lines that one line would be without a breakdown, in the order of the first of each.
  private static func placesByKey(_ lines: [AllocationLine]) -> [[Int]] {
    var groups: [[Int]] = [], place: [AllocationLine.Key: Int] = [:]
    for i in lines.indices {
      var key = lines[i].key
      key.values = []
      if let known = place[key] {
        groups[known].append(i)
      } else {
        place[key] = groups.count
        groups.append([i])
      }
    }
    return groups
  }

  /// The lines with what each cost in the period before. Several lines that are one in the period before have it once; what there is no
  /// line for any more gets one of zero, so that the column adds up.
  public static func compared(_ lines: [AllocationLine], with before: [AllocationLine]) -> [AllocationLine] {
    var rest: [AllocationLine.Key: USD] = [:]
    for line in before { rest[line.key, default: .zero] += line.exact.effective }
    var lines = lines
    for i in lines.indices { lines[i].previous = rest.removeValue(forKey: lines[i].key) ?? .zero }
    for line in before {
      guard let amount = rest.removeValue(forKey: line.key), amount != .zero else { continue }
      lines.insert(gone(line, amount), at: place(of: line, in: lines))
    }
    return lines
  }

  private static func gone(_ line: AllocationLine, _ before: USD) -> AllocationLine {
    var gone = AllocationLine(kind: line.kind, team: line.team, name: line.name)
    (gone.costCentre, gone.glAccount, gone.owner) = (line.costCentre, line.glAccount, line.owner)
    (gone.values, gone.shared, gone.correctionOf, gone.previous) = (line.values, line.shared, line.correctionOf, before)
    // Of the period before.
    gone.shared?.driver = 0
    gone.shared?.driverTotal = 0
    return gone
  }

  /// Behind the last line of its kind and team, else of its kind, else of those that stand before.
  private static func place(of line: AllocationLine, in lines: [AllocationLine]) -> Int {
    let place = lines.lastIndex { $0.kind == line.kind && $0.team == line.team } ?? lines.lastIndex { $0.kind.rank <= line.kind.rank }
    return place.map { $0 + 1 } ?? 0
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

extension AllocationLine.Kind {
  fileprivate var rank: Int {
    switch self {
    case .team, .unallocated: 0
    case .shared: 1
    case .adjustment: 2
    case .total: 3
    }
  }
}

extension AllocationLine {
  /// What the same line of another period shares with it.
  public struct Key: Hashable, Sendable {
    public var kind: Kind
    public var team: TeamID?
    public var values: [String?]
    /// By its name: a shared cost whose amount changes is another one from that month on.
    public var pool: String?
    public var correctionOf: String?
  }

  public var key: Key {
    Key(kind: kind, team: team, values: values.map(\.value), pool: shared?.poolName, correctionOf: correctionOf)
  }
}
