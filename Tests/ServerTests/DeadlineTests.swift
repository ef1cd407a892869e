import HTTPTypes
import Hummingbird
import NIOCore
import Testing

@testable import Server

@Suite struct DeadlineTests {
  @Test func readingThatTakesTooLongSaysWhatToDo() async throws {
    let late = Failure.badRequest("choose a shorter period")
    let failure = await #expect(throws: Failure.self) {
      try await Deadline.reading(.milliseconds(10), late: late) { try await Task.sleep(for: .seconds(3600)) }
    }
    #expect(failure?.status == .badRequest && failure?.message == "choose a shorter period")
    let standard = await #expect(throws: Failure.self) {
      try await Deadline.reading(.milliseconds(10)) { try await Task.sleep(for: .seconds(3600)) }
    }
    #expect(standard?.status == .serviceUnavailable)
    #expect(try await Deadline.reading(.seconds(3600), late: late) { 7 } == 7)
  }

  private func request(_ method: HTTPRequest.Method, _ path: String) -> Request {
    Request(head: HTTPRequest(method: method, scheme: "http", authority: "x", path: path), body: RequestBody(buffer: ByteBuffer()))
  }

  private func limit(_ method: HTTPRequest.Method, _ path: String) -> Duration { Edge.limit(request(method, path)) }

  @Test func aFileThatTakesTooLongIsAdvisedAsAnExport() {
    for path in ["/reports/allocation/file?format=focus&month=2026-10", "/api/v1/reports/allocation?month=2026-10"] {
      let failure = Edge.late(request(.get, path))
      #expect(failure?.status == .contentTooLarge && failure?.retryAfterSeconds == nil)
      #expect(failure?.message.contains("POST /api/v1/exports") == true)
    }
    #expect(Edge.late(request(.get, "/reports/allocation?month=2026-10")) == nil)
  }

  @Test func aDryRunMaySayItselfThatItIsTooLarge() {
    #expect(limit(.post, "/api/v1/repricings") > RepricingDryRuns.longest)
    #expect(limit(.get, "/prices/repricings/new?dry=1&from=2026-01-01") > RepricingDryRuns.longest)
    #expect(limit(.get, "/api/v1/repricings") < RepricingDryRuns.longest)
    #expect(limit(.post, "/prices/repricings") < RepricingDryRuns.longest)
    #expect(limit(.get, "/") < RepricingDryRuns.longest)
  }
}
