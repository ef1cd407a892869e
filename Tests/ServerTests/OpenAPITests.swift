import Domain
import Foundation
import HTTPTypes
import Testing
import Wire

@testable import Server

@Suite struct OpenAPITests {
  private static let access: RouteAccess = .key([.read])

  @Test func everyOperationIsDescribedOnce() {
    let routes = OpenAPI.operations.map { "\($0.method.rawValue) \($0.path)" }, ids = OpenAPI.operations.map(\.id)
    #expect(Set(routes).count == routes.count && Set(ids).count == ids.count)
    for operation in OpenAPI.operations {
      #expect(!operation.about.isEmpty && !operation.answers.isEmpty, "\(operation.id)")
      let parts = operation.path.split(separator: "/").filter { $0.hasPrefix(":") }.map { String($0.dropFirst()) }
      #expect(Set(operation.parts.keys).isSubset(of: parts), "\(operation.id) describes a part that its path does not have")
    }
  }

  @Test func aRouteBecomesAPathWithItsKeysAndRefusals() throws {
    let rows = [RouteRow(method: .get, path: "api/v1/traces/:trace", access: .key([.read, .admin])), RouteRow(method: .get, path: "settings", access: .member)]
    let document = JSONValue.object(OpenAPI.document(rows))
    let paths = try #require(document["paths"]?.objectValue)
    #expect(paths.members.map(\.key) == ["/api/v1/traces/{trace}"], "pages are for people")
    let get = try #require(paths["/api/v1/traces/{trace}"]?["get"])
    #expect(get["parameters"]?[0]?["name"] == "trace" && get["parameters"]?[0]?["required"] == true)
    #expect(get["x-key-scopes"] == ["admin", "read"])
    let answers = try #require(get["responses"]?.objectValue).members.map(\.key)
    #expect(answers == ["200", "400", "401", "403", "404", "429", "503"])
  }

  @Test func theDocumentAndTheRouteTableAgree() throws {
    let share = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
    let rows = try Routes.rows(Settings(environment: ["QUIPU_SHARE": share])).filter(OpenAPI.isProgrammatic)
    #expect(rows.count > 60)
    for row in rows { #expect(OpenAPI.described(row) != nil, "\(row.method.rawValue) /\(row.path) is not described in Sources/Server/API/OpenAPI+….swift") }
    for operation in OpenAPI.operations {
      #expect(rows.contains { $0.method == operation.method && $0.path == operation.path }, "\(operation.id) describes a route that is not there")
    }
  }

  @Test func everyReferenceLeads() throws {
    let rows = OpenAPI.operations.map { RouteRow(method: $0.method, path: $0.path, access: Self.access) }
    let document = OpenAPI.document(rows), text = JSON.serialise(.object(document))
    let names = Set(Schema.components.map(\.name))
    let used = text.components(separatedBy: "#/components/schemas/").dropFirst().map { String($0.prefix { $0 != "\"" }) }
    #expect(!used.isEmpty && Set(used).isSubset(of: names))
    #expect(document["paths"]?.objectValue?.members.count == Set(OpenAPI.operations.map(\.path)).count)
  }
}
