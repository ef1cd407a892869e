import Domain

/// One way to read a sender's counts: which of them lie inside `input` and `output`, and which stand beside them.
struct UsageReading: Sendable, Hashable {
  var cacheReadInside: Bool
  var cacheWriteInside: Bool
  var reasoningInside: Bool
  /// Audio, image and video counts lie inside `input` and `output`.
  var modalitiesInside = true
  /// `output` repeats the total.
  var outputIsTotal = false

  static let inclusive = UsageReading(cacheReadInside: true, cacheWriteInside: true, reasoningInside: true)
  static let exclusive = UsageReading(cacheReadInside: false, cacheWriteInside: false, reasoningInside: true)
  /// Gemini's own counts: thoughts stand beside candidates.
  static let gemini = UsageReading(cacheReadInside: true, cacheWriteInside: true, reasoningInside: false)
  static let disjoint = UsageReading(
    cacheReadInside: false, cacheWriteInside: false, reasoningInside: false, modalitiesInside: false)

  /// Every other reading of the same counts, by which a total can be explained.
  var alternatives: [UsageReading] {
    var all: [UsageReading] = []
    for (read, write) in [(true, true), (false, false), (false, true), (true, false)] {
      for reasoning in [reasoningInside, !reasoningInside] {
        var reading = self
        (reading.cacheReadInside, reading.cacheWriteInside, reading.reasoningInside) = (read, write, reasoning)
        all.append(reading)
        reading.outputIsTotal = true
        all.append(reading)
      }
    }
    return all.filter { $0 != self }
  }

  /// Short name of the difference to others, for the rule shown to people.
  var name: String {
    let cache =
      switch (cacheReadInside, cacheWriteInside) {
      case (true, true): "inclusive"
      case (false, false): "exclusive"
      case (false, true): "write-inside"
      case (true, false): "read-inside"
      }
    return cache + (outputIsTotal ? "-output-is-total" : "")
  }

  /// The disjoint buckets under this reading; a negative remainder becomes zero and is told.
  func buckets(_ sent: SentUsage) -> (usage: Usage, isNegative: Bool) {
    var counts = sent.others.positional
    if counts.isEmpty { counts = [Int64](repeating: 0, count: UsageBucket.allCases.count) }
    func set(_ bucket: UsageBucket, _ count: Int64) { counts[bucket.position] = count }
    let write = sent.cacheWriteAll
    let write1h = min(sent.cacheWrite1h ?? 0, write)
    let readAudio = min(sent.cacheReadAudio ?? 0, sent.cacheRead ?? 0)
    let inputAudio = max(0, (sent.inputAudio ?? 0) - readAudio)
    set(.cacheRead, (sent.cacheRead ?? 0) - readAudio)
    set(.cacheReadAudio, readAudio)
    set(.cacheWrite, write - write1h)
    set(.cacheWrite1h, write1h)
    set(.reasoning, sent.reasoning ?? 0)
    set(.inputAudio, inputAudio)
    set(.inputImage, sent.inputImage ?? 0)
    set(.inputVideo, sent.inputVideo ?? 0)
    set(.outputAudio, sent.outputAudio ?? 0)
    set(.outputImage, sent.outputImage ?? 0)

    let hasInput = sent.input != nil, hasOutput = sent.output != nil
    var input = sent.input ?? 0
    if hasInput, cacheReadInside { input -= sent.cacheRead ?? 0 }
    if hasInput, cacheWriteInside { input -= write }
    if hasInput, modalitiesInside { input -= inputAudio + (sent.inputImage ?? 0) + (sent.inputVideo ?? 0) }
    var output = sent.output ?? 0
    if hasOutput, outputIsTotal { output -= inputWhole(sent) }
    if hasOutput, reasoningInside { output -= sent.reasoning ?? 0 }
    if hasOutput, modalitiesInside { output -= (sent.outputAudio ?? 0) + (sent.outputImage ?? 0) }
    set(.input, max(0, input))
    set(.output, max(0, output))
    return (Usage(counts: counts) ?? Usage(), input < 0 || output < 0)
  }

  /// The sum a sender would state who means this reading.
  func total(_ sent: SentUsage) -> Int64 {
    var output = outputIsTotal ? 0 : sent.output ?? 0
    if !outputIsTotal, !reasoningInside { output += sent.reasoning ?? 0 }
    if !outputIsTotal, !modalitiesInside { output += (sent.outputAudio ?? 0) + (sent.outputImage ?? 0) }
    return outputIsTotal ? sent.output ?? 0 : inputWhole(sent) + output
  }

  private func inputWhole(_ sent: SentUsage) -> Int64 {
    var whole = sent.input ?? 0
    if !cacheReadInside { whole += sent.cacheRead ?? 0 }
    if !cacheWriteInside { whole += sent.cacheWriteAll }
    if !modalitiesInside { whole += (sent.inputAudio ?? 0) + (sent.inputImage ?? 0) + (sent.inputVideo ?? 0) }
    return whole
  }
}
