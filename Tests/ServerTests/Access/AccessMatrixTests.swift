import Domain
import Foundation
import HTTPTypes
import Testing

@testable import Server

/// The matrix of roles and permissions, and the table of routes, as they were agreed on. Who changes one of them changes it here too,
/// and whoever reads the change sees who may do more than before.
@Suite struct AccessMatrixTests {
  private static let roles: [Member.Role] = [.owner, .admin, .finance, .teamLead, .engineer, .viewer, .auditor]

  private static func access(_ role: Member.Role) -> MemberAccess {
    let member = Member(id: MemberID(1), organisation: OrganisationID(1), email: "ada@people.example", role: role)
    return MemberAccess(member, grants: [], content: [], teams: [], projects: [], at: Timestamp(seconds: 0))
  }

  private static func routes() throws -> [RouteRow] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
    return try Routes.rows(Settings(environment: ["QUIPU_SHARE": root]))
  }

  @Test func rolesMayDoWhatTheMatrixSays() {
    let words: [Permission.Extent: String] = [.all: "all", .own: "own", .none: "-"]
    let lines = Permission.allCases.map { permission in
      ([permission.rawValue] + Self.roles.map { words[Self.access($0).extent(permission)] ?? "?" }).joined(separator: " ")
    }
    #expect(lines == Self.matrix.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") })
  }

  /// owner admin finance teamLead engineer viewer auditor
  private static let matrix = """
    seeMoney      all all all own own own all
    seeUserCost   all all all own -   -   all
    seeTraces     all all all own own own all
    seeRequests   all all -   own own -   -
    editPrices    all all all -   -   -   -
    editTeams     all all all -   -   -   -
    editRules     all -   all -   -   -   -
    manageKeys    all all -   own own -   -
    manageMembers all all -   -   -   -   -
    manageContent all all -   own -   -   -
    manageData    all all -   -   -   -   -
    readAudit     all all -   -   -   -   all
    export        all all all own own -   all
    """

  @Test func everyRouteHasItsRowAndNoRowIsWithoutRoute() throws {
    let registered = Set(try Self.routes().map(\.text)), agreed = Set(RouteRows.text.split(separator: "\n").map(String.init))
    #expect(registered.subtracting(agreed).sorted() == [], "routes without a row: add them to RouteRows.swift (`quipu routes` prints them)")
    #expect(agreed.subtracting(registered).sorted() == [], "rows without a route")
  }

  @Test func aRouteIsRegisteredOnce() throws {
    let names = try Self.routes().map { "\($0.method.rawValue) \($0.path)" }
    #expect(Dictionary(grouping: names) { $0 }.filter { $0.value.count > 1 }.keys.sorted() == [])
  }

  /// What an administrating key does on the API is an act of its maker on pages: each such route says which.
  @Test func everyRouteOfAdministratorKeysNamesAPermissionOfItsMaker() throws {
    let rows = try Self.routes().compactMap { row -> (RouteRow, Permission?)? in
      guard case .key(let scopes, let permission) = row.access, scopes == [.admin] else { return nil }
      return (row, permission)
    }
    #expect(rows.count > 40 && rows.filter { $0.1 == nil }.map(\.0.text) == [])
    let closed = rows.filter { Self.access(.admin).extent($0.1 ?? .seeMoney) != .all }.map(\.0.path)
    #expect(Set(closed.map { $0.split(separator: "/").dropFirst(2).first.map(String.init) ?? "" }) == ["attribution-rules", "reattributions", "statements"])
  }

  @Test func theDoorAdmitsByExtent() {
    #expect(RouteAccess.permitted(.seeMoney).admits(Self.access(.viewer)) && !RouteAccess.permittedForAll(.seeMoney).admits(Self.access(.viewer)))
    #expect(RouteAccess.permittedForAll(.seeMoney).admits(Self.access(.auditor)) && !RouteAccess.permitted(.editRules).admits(Self.access(.admin)))
    #expect(!RouteAccess.key([.admin]).admits(Self.access(.owner)) && RouteAccess.member.admits(Self.access(.viewer)))
  }
}
