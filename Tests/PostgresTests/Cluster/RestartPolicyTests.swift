import Testing

@testable import Postgres

@Suite struct RestartPolicyTests {
  @Test func pausesDoubleUpToTheLongestAndEnd() {
    var policy = RestartPolicy()
    var pauses: [Duration] = []
    while let pause = policy.pause() {
      pauses.append(pause)
      policy.noteFailure()
    }
    #expect(pauses.prefix(4) == [.milliseconds(200), .milliseconds(400), .milliseconds(800), .milliseconds(1600)])
    #expect(pauses.count == policy.failuresMax && pauses.last == policy.pauseMax)
    #expect(pauses.reduce(.zero, +) > .seconds(50), "a short disturbance ends the service")
  }

  @Test func aServerThatRanSteadilyStartsANewRow() {
    var policy = RestartPolicy()
    for _ in 0..<5 { policy.noteFailure() }
    policy.noteEnd(after: .seconds(60))
    #expect(policy.failures == 0 && policy.pause() == policy.pauseMin)
  }

  @Test func aServerThatEndsAtOnceCountsAsAFailedStart() {
    var policy = RestartPolicy()
    for _ in 0..<policy.failuresMax { policy.noteEnd(after: .milliseconds(100)) }
    #expect(policy.pause() == nil)
  }
}
