import Domain
import Foundation
import Testing

@testable import Server

@Suite struct OutboundTests {
  @Test(arguments: [
    "http://example.com/", "http://localhost.example.com/", "ftp://example.com/", "file:///etc/passwd", "https://", "https:///path", "example.com",
    "https://user:password@example.com/", "https://example.com/a b", "https://exa\u{0}mple.com/", "https://example.com\\@evil.org/", "http://127.0.0.1@evil.org/",
    "http://[::1].example.com/", "http://[::1", "http://localhost:80.example.com/", "http://localhost:port/", "http://127.0.0.2/", "https://a@b@example.com/",
  ])
  func onlyHTTPSIsAskedOrThisMachine(address: String) {
    #expect(throws: OutboundError.self) { try OutboundAddress(address) }
  }

  @Test func hostsAreRead() throws {
    #expect(try OutboundAddress("https://ID.example.com:8443/x?y#z").host == "id.example.com")
    #expect(try OutboundAddress("http://[::1]:9/x").isLoopback)
    #expect(try OutboundAddress("http://localhost:9").isLoopback)
    #expect(try OutboundAddress("smtp://u:p%40x@mail.example.com:587", schemes: ["smtp"], isPlainAllowed: true).host == "mail.example.com")
  }

  @Test func aMailServersPasswordIsInNoError() {
    let error = #expect(throws: OutboundError.self) {
      try OutboundAddress("smtp://quipu:secret@word@mail.example.com", schemes: ["smtp"], isPlainAllowed: true)
    }
    #expect(error?.description.contains("secret") == false && error?.description.contains("mail.example.com") == true)
  }

  @Test func aProxyIsAHostWithAScheme() {
    #expect(OutboundAddress.isProxy("http://proxy.example.com:3128") && OutboundAddress.isProxy("https://user:p%40x@proxy.example.com"))
    #expect(!OutboundAddress.isProxy("proxy.example.com:3128") && !OutboundAddress.isProxy("http://proxy.example.com/x") && !OutboundAddress.isProxy("socks5://x"))
  }

  @Test func aFormTextHasNothingThatAFormMeansSomethingBy() {
    #expect(FormText.encoded("a b&c=d/é+~") == "a%20b%26c%3Dd%2F%C3%A9%2B~")
  }

  @Test(arguments: ["a@b.example\r\nBcc: c@d.example", "a@b@c", "a b@c.example", "a@b.example>", "@b.example", "a@"])
  func aMailGoesToOneAddress(to: String) {
    #expect(throws: OutboundError.self) { try MailMessage(Mail(to: to, subject: "s", text: "t"), from: "quipu@example.com", at: .now) }
  }

  @Test func aSubjectWritesNoHeaders() {
    #expect(throws: OutboundError.self) {
      try MailMessage(Mail(to: "a@b.example", subject: "s\r\nBcc: c@d.example", text: "t"), from: "quipu@example.com", at: .now)
    }
  }

  @Test func linesOfAMailAreShortAndTextArrivesAsItWas() throws {
    let text = ".\n" + String(repeating: "Grüße, ", count: 100), subject = String(repeating: "Einladung für dich – ", count: 6)
    let message = String(decoding: try MailMessage(Mail(to: "a@b.example", subject: subject, text: text), from: "quipu@example.com", at: Timestamp(microseconds: 0)).bytes(), as: UTF8.self)
    let lines = message.components(separatedBy: "\r\n")
    #expect(lines.allSatisfy { $0.utf8.count <= 78 && $0 != "." })
    #expect(lines.contains("Date: Thu, 01 Jan 1970 00:00:00 +0000"))
    let body = message.components(separatedBy: "\r\n\r\n").dropFirst().joined().replacingOccurrences(of: "\r\n", with: "")
    #expect(Data(base64Encoded: body).map { String(decoding: $0, as: UTF8.self) } == text.replacingOccurrences(of: "\n", with: "\r\n"))
    let words = message.components(separatedBy: "Subject: ")[1].components(separatedBy: "\r\nMessage-ID")[0]
    let decoded = words.components(separatedBy: "\r\n ").compactMap { Data(base64Encoded: $0.dropFirst(10).dropLast(2).description) }
    #expect(decoded.map { String(decoding: $0, as: UTF8.self) }.joined() == subject)
  }
}
