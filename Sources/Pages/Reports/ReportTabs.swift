import Domain

/// The pages about reports.
enum ReportTab: PageTab {
  case allocation, statements, pools, exports

  static var section: Section { .reports }
  static var group: String { "Reports" }
  var label: String {
    switch self {
    case .allocation: "Cost allocation"
    case .statements: "Statements"
    case .pools: "Shared costs"
    case .exports: "Exports"
    }
  }
  var path: String {
    switch self {
    case .allocation: Route.allocation
    case .statements: Route.statements
    case .pools: Route.pools
    case .exports: Route.exports
    }
  }
}

extension ReportTab {
  var permission: Permission? {
    switch self {
    case .allocation, .statements, .pools: .seeMoney
    case .exports: .export
    }
  }
  var isForAll: Bool { self == .pools }
}

extension Route {
  public static let allocation = "/reports/allocation"
  public static let allocationFile = "/reports/allocation/file"
  public static let statements = "/reports/statements"
  public static let pools = "/reports/pools"
  public static let newPool = "/reports/pools/new"
  public static let exports = "/reports/exports"

  public static func statement(_ month: String) -> String { "\(statements)/\(month)" }
  public static func pool(_ id: PoolID) -> String { "\(pools)/\(id)" }
  public static func exportFile(_ id: ExportID) -> String { "\(exports)/\(id)/file" }
}
