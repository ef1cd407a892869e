import Domain
import Postgres

extension CostFilter {
  /// Dimensions with at least one value; an empty list filters nothing.
  var active: CostFilter { filter { !$0.value.isEmpty } }
}

extension CostDirectory {
  /// Conditions for the rows of one table: projects, the scope's teams, and the filter. A name that nobody has matches
  /// nothing.
  func condition(_ filter: CostFilter, projects: [ProjectID], scope: AccessScope, table: CostSource) -> SQL {
    var all: [SQL] = ["project_id = any(\(projects))"]
    if scope.teams != .all { all.append(scope.teamCondition("team_id")) }
    all += callConditions(filter, table: table, column: { table.column($0) })
    return all.joined(by: " and ")
  }

  /// Conditions of the filter alone, without projects, in order of the dimensions.
  func callConditions(_ filter: CostFilter, table: CostSource, column: (CostDimension) -> String) -> [SQL] {
    CostDimension.allCases.compactMap { dimension in
      guard dimension != .project, let wanted = filter.active[dimension] else { return nil }
      return condition(dimension, wanted, table: table, column: column(dimension))
    }
  }

  private func condition(_ dimension: CostDimension, _ wanted: [String], table: CostSource, column: String) -> SQL {
    let names = Set(wanted.filter(\.isStorable))
    let hasNone = names.contains("")
    // Sums have 0 where observations have NULL.
    func ids<ID: RowID>(_ found: [ID]) -> [Int32] {
      (hasNone && table != .observations ? [0] : []) + found.map(\.rawValue).sorted()
    }
    let match: SQL
    switch dimension {
    case .team: match = "\(unescaped: column) = any(\(ids(teams.values.filter { names.contains($0.name) }.map(\.id))))"
    case .project:
      match = "\(unescaped: column) = any(\(projects.values.filter { names.contains($0.slug) }.map(\.id).sorted()))"
    case .userGroup: match = "\(unescaped: column) = any(\(ids(groups.filter { names.contains($0.value) }.map(\.key))))"
    case .key: match = "\(unescaped: column) = any(\(ids(keys.filter { names.contains($0.value.publicKey) }.map(\.key))))"
    case .kind:
      match = "\(unescaped: column) = any(\(names.compactMap { ObservationKind(rawValue: $0)?.code }.sorted()))"
    case .user: match = "\(users.value(column)) = any(\(names.sorted()))"
    case .model, .provider, .endpoint, .environment, .service, .extra1, .extra2, .extra3, .extra4:
      match = "\(unescaped: column) = any(\(names.sorted()))"
    }
    return hasNone && table == .observations ? "(\(match) or \(unescaped: column) is null)" : match
  }
}
