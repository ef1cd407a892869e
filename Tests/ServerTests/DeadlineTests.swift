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

  private func limit(_ method: HTTPRequest.Method, _ path: String) -> Duration {
    Edge.limit(
      Request(
        head: HTTPRequest(method: method, scheme: "http", authority: "x", path: path), body: RequestBody(buffer: ByteBuffer())))
  }

  @Test func aDryRunMaySayItselfThatItIsTooLarge() {
    #expect(limit(.post, "/api/v1/repricings") > RepricingDryRuns.longest)
    #expect(limit(.get, "/prices/repricings/new?dry=1&from=2026-01-01") > RepricingDryRuns.longest)
    #expect(limit(.get, "/api/v1/repricings") < RepricingDryRuns.longest)
    #expect(limit(.post, "/prices/repricings") < RepricingDryRuns.longest)
    #expect(limit(.get, "/") < RepricingDryRuns.longest)
  }
}
