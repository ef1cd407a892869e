import HTTPTypes
import Testing

@testable import Server

@Suite struct AdmissionTests {
  @Test func bytesOverTheLimitAreAskedToComeBack() throws {
    let admission = Admission(limitBytes: 1000)
    let first = try admission.admit(bytes: 900)
    let failure = #expect(throws: Failure.self) { _ = try admission.admit(bytes: 200) }
    #expect(failure?.status.code == 503)
    #expect(failure?.retryAfterSeconds != nil)
    withExtendedLifetime(first) {}
    #expect(admission.refusedTotal == 1)
  }

  @Test func roomIsGivenBackWhenTheTicketGoes() throws {
    let admission = Admission(limitBytes: 1000)
    do {
      let ticket = try admission.admit(bytes: 300)
      try ticket.grow(by: 400)
      #expect(admission.inFlightBytes == 700)
      #expect(throws: Failure.self) { try ticket.grow(by: 400) }
    }
    #expect(admission.inFlightBytes == 0)
  }
}
