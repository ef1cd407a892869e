import Domain

/// A team in the report: its own calls, its part of shared costs, corrections of closed months posted to it. The lines stay as they are;
/// here they are only added up.
struct AllocationSums {
  /// nil: Unallocated.
  var team: TeamID?
  var name: String
  var costCentre: String?
  var glAccount: String?
  var owner: String?
  /// Its lines of every kind: their sums are those of the report's total.
  var lines: [AllocationLine] = []
  /// Effective cost of all lines in the period before; nil when no line says.
  var previous: USD?

  /// Lines of its own calls: one, or several when broken down.
  var own: [AllocationLine] { lines.filter(\.isOwn) }
  var shared: ReportMoney { amount(\.effective, .shared) }
  var corrections: ReportMoney { amount(\.effective, .adjustment) }
  /// With the calls of corrections.
  var calls: Int64 { lines.reduce(0) { $0 &+ $1.calls } }
  var ownCalls: Int64 { own.reduce(0) { $0 &+ $1.calls } }
  var unpriced: Int64 { lines.reduce(0) { $0 &+ $1.unpricedCalls } }
  var ownUnpriced: Int64 { own.reduce(0) { $0 &+ $1.unpricedCalls } }
  var tokens: Int64 { own.reduce(0) { $0 &+ $1.usage.totalTokens } }
  var total: ReportMoney { lines.reduce(.zero) { $0 + ReportMoney($1, \.effective) } }

  /// Of its own calls.
  func amount(_ path: KeyPath<Amounts, USD>) -> ReportMoney { own.reduce(.zero) { $0 + ReportMoney($1, path) } }

  private func amount(_ path: KeyPath<Amounts, USD>, _ kind: AllocationLine.Kind) -> ReportMoney {
    lines.filter { $0.kind == kind }.reduce(.zero) { $0 + ReportMoney($1, path) }
  }

  /// In the order of the report's lines; a team that has nothing but shared costs comes last.
  static func of(_ lines: [AllocationLine]) -> [AllocationSums] {
    var sums: [AllocationSums] = []
    for line in lines where line.kind != .total {
      let team = line.kind == .unallocated ? nil : line.team
      let place = sums.firstIndex { $0.team == team } ?? sums.count
      if place == sums.count { sums.append(AllocationSums(team: team, name: team == nil ? "Unallocated" : line.name)) }
      sums[place].add(line)
    }
    return sums
  }

  private mutating func add(_ line: AllocationLine) {
    costCentre = costCentre ?? line.costCentre
    glAccount = glAccount ?? line.glAccount
    owner = owner ?? line.owner
    lines.append(line)
    if let before = line.previous { previous = (previous ?? .zero) + before }
  }

  /// All of them as one: the report's total, which also knows what lines cost before that are gone now.
  static func total(_ report: AllocationReport) -> AllocationSums {
    var total = AllocationSums(team: nil, name: "Total")
    total.lines = report.lines.filter { $0.kind != .total }
    total.previous = report.total.previous
    return total
  }
}
