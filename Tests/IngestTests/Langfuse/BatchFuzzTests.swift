import Domain
import Testing
import Wire

@testable import Ingest

@Suite struct BatchFuzzTests {
  @Test(arguments: [1, 2, 3, 4]) func damagedBatchesAreRefusedOrAnsweredEventByEvent(seed: UInt64) throws {
    var state = seed
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let bodies =
      try Fixture(name: "langfuse-2.60.10").bodies("ingestion") + Fixture(name: "langfuse-4.18.0").bodies("ingestion")
    let spice = Array(#"{}[]",:\0-9eutfn"#.utf8)
    for _ in 0..<150 {
      var body = bodies[random(bodies.count)]
      for _ in 0...random(6) {
        body[random(body.count)] = random(3) == 0 ? UInt8(random(256)) : spice[random(spice.count)]
      }
      if random(8) == 0 { body.removeLast(random(body.count)) }
      body.withUnsafeBytes { bytes in
        if let result = try? LangfuseBatch.decode(bytes, batchContext) {
          #expect(result.batch.accepted + result.batch.rejections.count == result.events.count)
          #expect(result.events.filter { !$0.isAccepted }.count == result.batch.rejections.count)
          #expect(JSON.isValid(JSON.serialise(result.reply)))
          let texts = result.batch.observations.flatMap(\.bodies) + result.batch.traces.flatMap(\.bodies)
          #expect(texts.allSatisfy { JSON.isValid($0.text) })
        }
        _ = try? LangfuseScores.decode(bytes, batchContext)
      }
    }
  }
}
