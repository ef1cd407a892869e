import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Testing

@testable import Server

@Suite struct FrontTests {
  private let share = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  private func settings(_ values: [String: String]) throws -> Settings {
    try Settings(environment: values.merging(["QUIPU_SHARE": share]) { a, _ in a })
  }

  private func request(_ path: String = "/", _ fields: [(String, String)] = []) -> Request {
    var headers = HTTPFields()
    for (name, value) in fields { if let name = HTTPField.Name(name) { headers[name] = value } }
    return Request(
      head: HTTPRequest(method: .get, scheme: "http", authority: "evil.example", path: path, headerFields: headers),
      body: .init(buffer: ByteBuffer()))
  }

  private func address(_ values: [String: String], _ fields: [(String, String)] = []) throws -> String {
    PublicAddress(request("/", fields), try settings(values)).text
  }

  @Test func whatAStrangerSaysOfTheHostIsNotBelieved() throws {
    let forwarded = [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.example")]
    #expect(try address([:], forwarded) == "http://127.0.0.1:8080")
    #expect(try address(["QUIPU_BASE_URL": "https://q.example/", "QUIPU_PROXIES": "1"], forwarded) == "https://q.example")
  }

  @Test func proxiesOfOursTellTheAddress() throws {
    let one = ["QUIPU_PROXIES": "1"], two = ["QUIPU_PROXIES": "2", "QUIPU_BASE_PATH": "/x/y"]
    #expect(try address(one, [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "q.example:8443")]) == "https://q.example:8443")
    #expect(try address(one, [("X-Forwarded-Proto", "https")]) == "https://127.0.0.1:8080")
    #expect(try address(two, [("X-Forwarded-Host", "evil.example, q.example, inner")]) == "http://q.example/x/y")
    #expect(try address(two, [("X-Forwarded-Host", "q.example")]) == "http://q.example/x/y")
    #expect(try address(one, [("X-Forwarded-Host", "q.example/\"><script>")]) == "http://127.0.0.1:8080")
  }

  @Test func theBasePathIsPartOfTheAddressOnce() throws {
    #expect(try address(["QUIPU_BASE_URL": "https://q.example", "QUIPU_BASE_PATH": "/x/y"]) == "https://q.example/x/y")
    #expect(try address(["QUIPU_BASE_URL": "https://q.example/x/y/", "QUIPU_BASE_PATH": "/x/y"]) == "https://q.example/x/y")
  }

  @Test func requestsComeInWithoutTheBasePathAndAnswersLeaveWithIt() throws {
    let front = Front(settings: try settings(["QUIPU_BASE_PATH": "/x/y"]))
    let inside = front.inside(request("/x/y/traces?a=1", [("Cookie", "__Secure-quipu=1; a=b")]))
    #expect(inside.uri.path == "/traces" && inside.uri.query == "a=1" && inside.headers[.cookie] == "__Host-quipu=1; a=b")
    #expect(front.inside(request("/traces")).uri.path == "/-", "outside")
    var answer = Response.seeOther("/traces")
    answer.setCookie(Cookie(name: "__Host-quipu", value: "Path=/", path: "/", secure: true))
    answer = front.carried(answer, isSecure: true)
    #expect(answer.headers[.location] == "/x/y/traces")
    let cookie = answer.headers[values: .setCookie].first?.components(separatedBy: "; ")
    #expect(cookie?.first == "__Secure-quipu=Path=/" && cookie.map { Set($0) }?.isSuperset(of: ["Path=/x/y", "Secure"]) == true)
  }

  @Test func behindTLSEveryCookieIsSecure() throws {
    let front = Front(settings: try settings([:]))
    var answer = Response.seeOther("/traces")
    answer.setCookie(Cookie(name: "quipu_form", value: "1", path: "/", httpOnly: true, sameSite: .strict))
    #expect(front.carried(answer, isSecure: true).headers[values: .setCookie].first?.hasSuffix("; Secure") == true)
    #expect(front.carried(answer, isSecure: false).headers[values: .setCookie].first?.contains("Secure") == false)
  }
}
