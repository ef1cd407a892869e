import Domain
import Testing
import Wire

@testable import Ingest

/// Whatever was sent, buckets are disjoint; whatever a source meant, they add up to its total.
@Suite struct UsagePropertyTests {
  /// The same numbers on every run.
  private struct Numbers: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 29)
    }
  }

  /// What a provider counted, before any sender added anything up.
  private struct Truth {
    var input: Int64, read: Int64, write5m: Int64, write1h: Int64, output: Int64, reasoning: Int64
    var inputAudio: Int64, outputAudio: Int64

    init(_ numbers: inout Numbers, hasCache: Bool = true, hasAudio: Bool = true) {
      func some(_ most: Int64, _ numbers: inout Numbers) -> Int64 {
        Bool.random(using: &numbers) ? .random(in: 0...most, using: &numbers) : 0
      }
      input = .random(in: 1...5000, using: &numbers)
      read = hasCache ? some(90_000, &numbers) : 0
      write5m = hasCache ? some(9000, &numbers) : 0
      write1h = hasCache ? some(9000, &numbers) : 0
      output = .random(in: 1...5000, using: &numbers)
      reasoning = some(20_000, &numbers)
      inputAudio = hasAudio ? some(900, &numbers) : 0
      outputAudio = hasAudio ? some(900, &numbers) : 0
    }

    var inputs: Int64 { input + inputAudio }
    var outputs: Int64 { output + outputAudio }
    var total: Int64 { inputs + read + write5m + write1h + outputs + reasoning }
    var usage: Usage {
      Usage([
        .input: input, .cacheRead: read, .cacheWrite: write5m, .cacheWrite1h: write1h, .output: output,
        .reasoning: reasoning, .inputAudio: inputAudio, .outputAudio: outputAudio,
      ])
    }

    /// As a source tells it that means `reading`.
    func sent(_ reading: UsageReading, total: Int64?) -> SentUsage {
      var sent = SentUsage()
      sent.input = (reading.modalitiesInside ? inputs : input)
      sent.output = (reading.modalitiesInside ? outputs : output)
      if reading.cacheReadInside { sent.input? += read }
      if reading.cacheWriteInside { sent.input? += write5m + write1h }
      if reading.reasoningInside { sent.output? += reasoning }
      (sent.cacheRead, sent.cacheWrite5m, sent.cacheWrite1h) = (read, write5m, write1h)
      (sent.reasoning, sent.inputAudio, sent.outputAudio, sent.total) = (reasoning, inputAudio, outputAudio, total)
      return sent
    }
  }

  static let conventions: [(emitter: Emitter, provider: String?)] = [
    (Emitter(.openTelemetry, library: "openai_v2"), "openai"), (Emitter(.openLLMetry, library: "anthropic"), "anthropic"),
    (Emitter(.openInference, library: "openai"), "openai"), (Emitter(.openInference, library: "claude_agent_sdk"), nil),
    (Emitter(.openInference, library: "bedrock"), "aws.bedrock"), (Emitter(.openLIT, library: "openai"), "openai"),
    (Emitter(.openLIT, library: "anthropic"), "anthropic"), (Emitter(.openLIT, library: "bedrock"), "aws.bedrock"),
    (Emitter(.openLIT, library: "google_ai_studio"), "gcp.gemini"), (Emitter(.openLIT), "anthropic"),
    (Emitter(.vercelAI), "openai"), (Emitter(.vercelAI), "anthropic"), (Emitter(.vercelAI), "gcp.gemini"),
    (Emitter(.liteLLM), "anthropic"), (Emitter(.googleADK), "gcp.vertex_ai"), (Emitter(.langfuse), nil),
    (Emitter(.unknown), nil),
  ]

  @Test(arguments: conventions.indices) func bucketsAreWhatEachConventionMeans(_ index: Int) throws {
    let (emitter, provider) = Self.conventions[index]
    let source = UsageSource(emitter, provider: provider)
    let reading = UsageConvention.of(source).reading
    var numbers = Numbers(state: UInt64(index) + 1)
    for _ in 0..<500 {
      let truth = Truth(&numbers)
      let report = try #require(UsageNormaliser.normalise(truth.sent(reading, total: truth.total), source))
      #expect(report.usage == truth.usage && report.usage.totalTokens == truth.total, "\(report)")
      #expect(report.flags == [])
      let untold = try #require(UsageNormaliser.normalise(truth.sent(reading, total: nil), source))
      #expect(untold.usage == truth.usage && untold.flags == [], "\(untold)")
    }
  }

  /// A total that fits one reading alone decides, whatever was declared.
  @Test func totalDecidesBetweenReadings() throws {
    var numbers = Numbers(state: 77)
    var decided = 0
    for _ in 0..<3000 {
      let truth = Truth(&numbers, hasAudio: false)
      for meant in [UsageReading.inclusive, .exclusive, .gemini] {
        let sent = truth.sent(meant, total: truth.total)
        let report = try #require(UsageNormaliser.normalise(sent, UsageSource(Emitter(.unknown))))
        if report.flags == [] {
          #expect(report.usage.totalTokens == truth.total)
          decided += report.usage == truth.usage ? 1 : 0
        } else {
          #expect(report.flags.contains(.contradiction) || report.flags.contains(.unexplained))
        }
      }
    }
    #expect(decided > 8000)
  }

  /// Any numbers at all: no bucket is negative, no crash, and a total that is not met is told.
  @Test func strangeCountsAreNeitherNegativeNorSilent() throws {
    var numbers = Numbers(state: 5)
    let sizes: [Int64] = [0, 1, 7, 5000, 1_000_000_000_000]
    func some() -> Int64? { Bool.random(using: &numbers) ? sizes.randomElement(using: &numbers) : nil }
    for (emitter, provider) in Self.conventions {
      for _ in 0..<300 {
        var sent = SentUsage()
        (sent.input, sent.output, sent.total, sent.reasoning) = (some(), some(), some(), some())
        (sent.cacheRead, sent.cacheWrite, sent.cacheWrite5m, sent.cacheWrite1h) = (some(), some(), some(), some())
        (sent.inputAudio, sent.cacheReadAudio, sent.outputAudio) = (some(), some(), some())
        (sent.inputImage, sent.cacheReadImage, sent.outputImage) = (some(), some(), some())
        (sent.inputVideo, sent.cacheReadVideo) = (some(), some())
        guard let report = UsageNormaliser.normalise(sent, emitter: emitter, provider: provider) else { continue }
        #expect(report.usage.entries.allSatisfy { $0.count > 0 }, "\(sent)")
        if let total = sent.total, report.usage.totalTokens != total {
          let mayOmit = (sent.input ?? 0) + (sent.output ?? 0) == total
          #expect(report.flags != [] || mayOmit, "\(sent) \(report)")
        }
      }
    }
  }

  /// Every alias names its quantity once: sent under all of its names, nothing is subtracted twice.
  @Test func aliasesOfOneQuantityCountOnce() throws {
    let base: [SentUsage.Count: Int64] = [
      .input: 10_000, .output: 5000, .cacheRead: 700, .cacheWrite: 300, .reasoning: 200, .inputAudio: 90,
      .outputAudio: 60, .inputImage: 50, .outputImage: 40, .inputVideo: 30,
    ]
    let slots: [Slot: SentUsage.Count] = [
      .input: .input, .output: .output, .cacheRead: .cacheRead, .cacheWrite: .cacheWrite, .reasoning: .reasoning,
      .inputAudio: .inputAudio, .outputAudio: .outputAudio, .inputImage: .inputImage, .outputImage: .outputImage,
      .inputVideo: .inputVideo,
    ]
    let truth = Usage([
      .input: 8830, .cacheRead: 700, .cacheWrite: 300, .output: 4700, .reasoning: 200, .inputAudio: 90,
      .outputAudio: 60, .inputImage: 50, .outputImage: 40, .inputVideo: 30,
    ])
    var everything: [Attribute] = []
    for convention in MappingTable.conventions {
      for (key, slot) in convention.keys {
        if let count = slots[slot].flatMap({ base[$0] }) { everything.append(Attribute(key, count)) }
      }
    }
    #expect(everything.count > 60)
    #expect(Spans.facts(everything).usage?.usage == truth)
    // Each alias alone, beside the plain names of the whole.
    for attribute in everything {
      let others = [Attribute("gen_ai.usage.input_tokens", 10_000), Attribute("gen_ai.usage.output_tokens", 5000)]
      let facts = Spans.facts(others.filter { $0.key != attribute.key } + [attribute])
      #expect(facts.usage?.usage.totalTokens == 15_000, "\(attribute.key)")
    }
  }

  /// A provider's object read as attributes' counts, as a map and out of an answer tells the same.
  @Test func oneCallReadsAlikeHoweverItIsCarried() throws {
    var numbers = Numbers(state: 9)
    for _ in 0..<200 {
      let truth = Truth(&numbers, hasAudio: false)
      let whole = truth.input + truth.read + truth.write5m + truth.write1h
      let openAI = """
        {"prompt_tokens":\(whole),"completion_tokens":\(truth.output + truth.reasoning),"total_tokens":\(truth.total),\
        "prompt_tokens_details":{"cached_tokens":\(truth.read),"cache_write_tokens":\(truth.write5m + truth.write1h)},\
        "completion_tokens_details":{"reasoning_tokens":\(truth.reasoning)}}
        """
      let anthropic = """
        {"input_tokens":\(truth.input),"cache_read_input_tokens":\(truth.read),\
        "cache_creation_input_tokens":\(truth.write5m + truth.write1h),"output_tokens":\(truth.output + truth.reasoning),\
        "output_tokens_details":{"thinking_tokens":\(truth.reasoning)}}
        """
      var expected = truth.usage
      expected[.cacheWrite] += expected[.cacheWrite1h]
      expected[.cacheWrite1h] = 0
      for text in [openAI, anthropic] {
        #expect(UsageNormaliser.langfuse(details: try JSON.parse(text), legacy: nil)?.usage == expected, "\(text)")
        let answer = Attribute("output.value", #"{"id":"x","content":[],"usage":\#(text)}"#)
        #expect(Spans.facts([Attribute("gen_ai.request.model", "m"), answer]).usage?.usage == expected, "\(text)")
      }
    }
  }
}
