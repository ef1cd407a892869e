import Testing

@testable import Domain

@Suite struct TraceIDTests {
  @Test func hexIdsAreKeptInEitherCase() {
    let (id, external) = TraceID.named("0AF7651916CD43DD8448EB211C80319C")
    #expect(id.hex == "0af7651916cd43dd8448eb211c80319c")
    #expect(external == nil)
    #expect(TraceID(bytes: id.bytes) == id)
  }

  @Test func otherTextsAreHashedAndKept() {
    let (id, external) = TraceID.named("trace-low-r1")
    #expect(external == "trace-low-r1")
    #expect(id == TraceID.named("trace-low-r1").id)
    #expect(id != TraceID.named("trace-low-r2").id)
    #expect(id.bytes == Array(SHA256Digest.of("trace-low-r1".utf8).prefix(16)))
  }

  @Test func aUUIDIsAnotherText() {
    #expect(TraceID.named("d1d2797c-fabc-4bd7-a746-06b9a6fb315c").external != nil)
  }

  @Test func allZeroIsNoIdOfOpenTelemetry() {
    #expect(TraceID(bytes: [UInt8](repeating: 0, count: 16)) == nil)
    #expect(TraceID.named(String(repeating: "0", count: 32)).external != nil)
    #expect(ObservationID(bytes: [UInt8](repeating: 0, count: 8)) == nil)
    #expect(ObservationID.named("0000000000000000").external != nil)
  }

  @Test func observationIdsAreNamedAlike() {
    #expect(ObservationID.named("00f067aa0ba902b7").id.hex == "00f067aa0ba902b7")
    #expect(ObservationID.named("g1").external == "g1")
    #expect(ObservationID.named("ünïcödé-00000000").external != nil)
  }
}
