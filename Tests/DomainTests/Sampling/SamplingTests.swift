import Testing

@testable import Domain

@Suite struct SamplingTests {
  private func sampling(_ share: Int32) -> ProjectSampling {
    ProjectSampling(secret: Array(0..<32), standard: SamplingPolicy(payloads: SamplingShare(millionths: share)))
  }

  @Test func sharesAreReadAndWrittenExactly() {
    for text in ["0", "100", "2.5", "0.0001", "99.9999", "1"] { #expect(SamplingShare(percent: text)?.percent == text) }
    #expect(SamplingShare(percent: "2.50")?.millionths == 25_000)
    for text in ["", "-1", "100.1", "1e2", "5 %", "0.00001", "x"] { #expect(SamplingShare(percent: text) == nil, "\(text)") }
  }

  /// python3: hmac.new(bytes(range(32)), b"sampling\0" + bytes(15) + b"\1", "sha256"), first 8 bytes × 10^6 >> 64
  @Test func placeIsTheKeyedHashOnEveryProcess() {
    #expect(sampling(0).place(of: TraceID(high: 0, low: 1)) == 185675)
  }

  @Test func drawnTracesAreAsManyAsTheShareAndGrowWithIt() {
    let traces = (1...20_000 as ClosedRange<UInt64>).map { TraceID(high: 5, low: $0) }
    func drawn(_ share: Int32) -> Set<TraceID> {
      Set(traces.filter { sampling(share).isDrawn(.payloads, $0, environments: ["default"]) })
    }
    let (one, ten) = (drawn(10_000), drawn(100_000))
    #expect((130...270).contains(one.count))
    #expect((1788...2212).contains(ten.count))
    #expect(one.isSubset(of: ten))
    #expect(drawn(0).isEmpty)
    #expect(drawn(1_000_000).count == traces.count)
  }

  @Test func mostGenerousEnvironmentDecides() {
    var sampling = sampling(0)
    sampling.environments["prod"] = SamplingPolicy(payloads: .all)
    #expect(sampling.isDrawn(.payloads, TraceID(high: 1, low: 1), environments: ["dev", "prod"]))
    #expect(!sampling.isDrawn(.payloads, TraceID(high: 1, low: 1), environments: ["dev"]))
    #expect(sampling.deciding(.payloads, ["dev", "prod"]) == "prod")
  }

  @Test func durationIsComparedToTheMicrosecond() {
    var keep = KeepRules()
    keep.durationAboveMilliseconds = 5
    var trace = SamplingEvidence(trace: TraceID(high: 1, low: 1), environments: [])
    for (took, reason) in [(4999, nil), (5000, nil), (5001, .duration), (Int64.max, .duration)] as [(Int64, KeepReason?)] {
      trace.durationMicroseconds = took
      #expect(keep.reason(trace) == reason, "\(took)")
    }
  }
}
