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
  /// Lines of its own calls: one, or several when broken down.
  var own: [AllocationLine] = []
  var shared = ReportMoney.zero
  var corrections = ReportMoney.zero

  var calls: Int64 { own.reduce(0) { $0 &+ $1.calls } }
  var unpriced: Int64 { own.reduce(0) { $0 &+ $1.unpricedCalls } }
  var tokens: Int64 { own.reduce(0) { $0 &+ $1.usage.totalTokens } }
  /// nil when no line of it says.
  var previous: USD? { own.contains { $0.previous != nil } ? own.reduce(USD.zero) { $0 + ($1.previous ?? .zero) } : nil }
  var total: ReportMoney { amount(\.effective) + shared + corrections }

  func amount(_ path: KeyPath<Amounts, USD>) -> ReportMoney { own.reduce(.zero) { $0 + ReportMoney($1, path) } }

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
    switch line.kind {
    case .team, .unallocated, .total: own.append(line)
    case .shared: shared = shared + ReportMoney(line, \.effective)
    case .adjustment: corrections = corrections + ReportMoney(line, \.effective)
    }
  }

  /// All of them as one.
  static func total(_ sums: [AllocationSums]) -> AllocationSums {
    sums.reduce(into: AllocationSums(team: nil, name: "Total")) { total, sum in
      total.own += sum.own
      total.shared = total.shared + sum.shared
      total.corrections = total.corrections + sum.corrections
    }
  }
}
