import Testing
import Wire

/// Broken input must throw or read as less; a trap would end the test process.
@Suite struct FuzzTests {
  @Test func everyPrefixOfProtobufReadsOrThrows() throws {
    let bodies = OTLPFixtureTests.traces.map(\.body).filter { $0.count < 8_000 }
    try #require(!bodies.isEmpty)
    for body in bodies + [Message.request(records: [.span(FullSpan.value)])] {
      let whole = try spanCount(body, .protobuf)
      for end in stride(from: 0, to: body.count, by: 1) {
        let count = (try? spanCount(Array(body[..<end]), .protobuf)) ?? 0
        #expect(count < whole)
      }
    }
  }

  @Test func everyPrefixOfJSONThrows() throws {
    let body = Array(FullSpan.json.utf8)
    for end in 0..<body.count {
      let kind = wireErrorKind { _ = try readTraces(Array(body[..<end]), .json) }
      #expect(kind == .truncated || kind == .malformed)
    }
  }

  @Test func everyPrefixOfASpanIsReadOrRefused() throws {
    let span = Message.span(FullSpan.value).bytes
    for end in 0...span.count {
      let body = Message.request(records: [Message(bytes: Array(span[..<end]))])
      let scope = try readTraces(body, .protobuf)[0].scopes[0]
      #expect(scope.spans.count + scope.refusals.count == 1)
    }
  }

  @Test func mutatedProtobufNeverTraps() throws {
    var random = SeededGenerator(state: 1)
    var outcomes = Outcomes()
    for (signal, requests) in [
      (OTLP.Signal.traces, OTLPFixtureTests.traces), (.logs, OTLPFixtureTests.logs),
      (.metrics, OTLPFixtureTests.metrics),
    ] {
      for _ in 0..<2_000 {
        let body = mutated(try #require(requests.randomElement(using: &random)).body, &random)
        outcomes.note { try read(body, signal, .protobuf) }
      }
    }
    outcomes.expectBoth()
  }

  @Test func mutatedJSONNeverTraps() throws {
    var random = SeededGenerator(state: 2)
    var outcomes = Outcomes()
    let bodies = (OTLPFixtureTests.traces + OTLPFixtureTests.logs).map(\.decodedBytes) + [Array(FullSpan.json.utf8)]
    for _ in 0..<1_500 {
      let body = mutated(try #require(bodies.randomElement(using: &random)), &random)
      outcomes.note { try read(body, .traces, .json) }
      outcomes.note { try read(body, .logs, .json) }
      outcomes.note { _ = try JSON.parse(body) }
    }
    outcomes.expectBoth()
  }

  /// What the parser takes, the skipping scanner takes, and the writer gives back.
  @Test func parserScannerAndWriterAgreeOnMutatedJSON() throws {
    var random = SeededGenerator(state: 3)
    let seed = Array(
      #"{"a":[1,-0.5e+3,"x\n\u00e9\ud83d\ude00",true,null,{}],"b":{"c":[[],[{"d":"\\"}]]},"e":1e5}"#.utf8)
    var accepted = 0
    for _ in 0..<20_000 {
      let text = mutated(seed, &random, editsMax: 3)
      let value = try? JSON.parse(text)
      #expect((value != nil) == JSON.isValid(text), "\(String(decoding: text, as: UTF8.self))")
      guard let value else { continue }
      accepted += 1
      #expect(try JSON.parse(JSON.serialise(value)) == value)
    }
    #expect(accepted > 1_000)
    #expect(accepted < 19_000)
  }

  @Test func mutatedGzipNeverTraps() throws {
    var random = SeededGenerator(state: 4)
    var outcomes = Outcomes()
    let packed = Gzip.deflate(try #require(OTLPFixtureTests.traces.first).body)
    for _ in 0..<2_000 {
      let input = mutated(packed, &random, editsMax: 2)
      outcomes.note { _ = try input.withUnsafeBytes { try Gzip.inflate($0, limitBytes: 1 << 20) } }
    }
    outcomes.expectBoth()
  }

  private func spanCount(_ body: [UInt8], _ encoding: OTLPEncoding) throws -> Int {
    try readTraces(body, encoding).flatMap(\.scopes).reduce(0) { $0 + $1.spans.count }
  }

  private func read(_ body: [UInt8], _ signal: OTLP.Signal, _ encoding: OTLPEncoding) throws {
    switch signal {
    case .traces:
      for span in try readTraces(body, encoding).flatMap(\.scopes).flatMap(\.spans) {
        for attribute in span.attributes { exercise(attribute.value) }
      }
    case .logs:
      for record in try readLogs(body, encoding).flatMap(\.scopes).flatMap(\.records) { exercise(record.body) }
    case .metrics: _ = try countPoints(body, encoding)
    }
  }

  private func exercise(_ value: AnyValue) {
    #expect(JSON.isValid(value.jsonText))
    #expect(value.stringValue?.contains("\0") != true)
    _ = (value.intValue, value.doubleValue, value.boolValue, value.decimalText)
  }

  /// Changes, inserts, removes, repeats or cuts off bytes.
  private func mutated(_ original: [UInt8], _ random: inout SeededGenerator, editsMax: Int = 8) -> [UInt8] {
    var body = original
    for _ in 0..<Int.random(in: 1...editsMax, using: &random) where !body.isEmpty {
      let index = Int.random(in: 0..<body.count, using: &random)
      switch Int.random(in: 0..<7, using: &random) {
      case 0: body[index] = UInt8.random(in: .min ... .max, using: &random)
      case 1: body[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 2: body.insert([0, 0x7F, 0x80, 0xFF, 0x22, 0x5C, 0x5B, 0x7B].randomElement(using: &random) ?? 0, at: index)
      case 3: body.remove(at: index)
      case 4: body.removeSubrange(index..<min(body.count, index + Int.random(in: 1...40, using: &random)))
      case 5: body.insert(contentsOf: body[index..<min(body.count, index + 20)], at: index)
      default: if Int.random(in: 0..<4, using: &random) == 0 { body.removeSubrange(index...) }
      }
    }
    return body
  }
}

/// A fuzz test whose inputs all fail, or all pass, tests nothing.
private struct Outcomes {
  private var readCount = 0
  private var refusedCount = 0

  mutating func note(_ body: () throws -> Void) {
    do {
      try body()
      readCount += 1
    } catch {
      #expect(error is WireError)
      refusedCount += 1
    }
  }

  func expectBoth() {
    #expect(readCount > 20)
    #expect(refusedCount > 20)
  }
}
