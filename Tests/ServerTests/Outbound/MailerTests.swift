import Foundation
import Glibc
import Testing

@testable import Server

@Suite struct MailerTests {
  @Test func aMailArrivesAtTheServerAsItWasWritten() async throws {
    let sink = try MailSink()
    defer { sink.close() }
    let mailer = Mailer(server: "smtp://127.0.0.1:\(sink.port)", from: "quipu@example.com")
    let (told, answer) = AsyncStream<[String]>.makeStream()
    // A thread of its own: one that waits for a client would take one of the few that run all tests, and the mail gives up after 20 s.
    Thread { answer.yield(sink.serve()) }.start()
    try await mailer.send(Mail(to: "ann@example.com", subject: "Invitation", text: "Come in:\nhttps://quipu.example.com/join/1"))
    let lines = try #require(await told.first { _ in true })
    #expect(lines.contains("MAIL FROM:<quipu@example.com>"))
    #expect(lines.contains("RCPT TO:<ann@example.com>"))
    #expect(lines.contains("Subject: Invitation"))
    #expect(lines.contains(Data("Come in:\r\nhttps://quipu.example.com/join/1".utf8).base64EncodedString()))
  }

  @Test func aServerThatIsNotThereIsSaidToBe() async throws {
    let sink = try MailSink()
    sink.close()
    await #expect(throws: OutboundError.self) {
      try await Mailer(server: "smtp://127.0.0.1:\(sink.port)", from: "quipu@example.com").send(Mail(to: "a@b.example", subject: "s", text: "t"))
    }
  }
}

/// Takes one mail and says what it was told.
private final class MailSink: Sendable {
  private let listener: Int32
  let port: UInt16

  init() throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in(), size = socklen_t(MemoryLayout<sockaddr_in>.size)
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, size) == 0 && listen(listener, 1) == 0 && getsockname(listener, $0, &size) == 0
      }
    }
    try #require(isBound)
    self.listener = listener
    port = UInt16(bigEndian: address.sin_port)
  }

  func close() { _ = shutdown(listener, Int32(SHUT_RDWR)); _ = Glibc.close(listener) }

  func serve() -> [String] {
    let client = accept(listener, nil, nil)
    defer { _ = Glibc.close(client) }
    var lines: [String] = [], pending = "", isInData = false, buffer = [UInt8](repeating: 0, count: 4096)
    func say(_ text: String) { _ = send(client, text + "\r\n", text.utf8.count + 2, 0) }
    say("220 sink")
    while true {
      let count = recv(client, &buffer, buffer.count, 0)
      guard count > 0 else { return lines }
      pending += String(decoding: buffer.prefix(count), as: UTF8.self)
      while let end = pending.range(of: "\r\n") {
        let line = String(pending[..<end.lowerBound])
        pending = String(pending[end.upperBound...])
        lines.append(line)
        if isInData {
          if line == "." { isInData = false; say("250 taken") }
        } else if line == "DATA" {
          isInData = true
          say("354 go on")
        } else {
          say(line == "QUIT" ? "221 bye" : "250 ok")
        }
      }
    }
  }
}
