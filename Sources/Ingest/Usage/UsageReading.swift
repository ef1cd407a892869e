import Domain

/// One way to read a sender's counts: which of them lie inside `input` and `output`, and which stand beside them.
struct UsageReading: Sendable, Hashable {
  var cacheReadInside: Bool
  var cacheWriteInside: Bool
  var reasoningInside: Bool
  /// Audio, image and video counts lie inside `input` and `output`, and their cached parts inside `cacheRead`.
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
  func alternatives(_ sent: SentUsage) -> [UsageReading] {
    let repeatsTotal = sent.total != nil && sent.output == sent.total && sent.input != nil
    var all: [UsageReading] = []
    for (read, write) in [(true, true), (false, false), (false, true), (true, false)] {
      for reasoning in [reasoningInside, !reasoningInside] {
        var reading = self
        (reading.cacheReadInside, reading.cacheWriteInside, reading.reasoningInside) = (read, write, reasoning)
        all.append(reading)
        reading.outputIsTotal = true
        if repeatsTotal { all.append(reading) }
      }
    }
    return all.filter { $0 != self }
  }

  /// The mildest changes of this reading that take parts out of wholes they do not fit in.
  var beside: [UsageReading] {
    var cache = self, reasoning = self
    (cache.cacheReadInside, cache.cacheWriteInside) = (false, false)
    reasoning.reasoningInside = false
    var both = cache
    both.reasoningInside = false
    return [cache, reasoning, both].filter { $0 != self }
  }

  /// What differs from `declared`, for the rule shown to people: "exclusive", "reasoning-beside" …
  func name(against declared: UsageReading) -> String {
    var words: [String] = []
    if (cacheReadInside, cacheWriteInside) != (declared.cacheReadInside, declared.cacheWriteInside) {
      words.append(cacheName)
    }
    if reasoningInside != declared.reasoningInside {
      words.append(reasoningInside ? "reasoning-inside" : "reasoning-beside")
    }
    if outputIsTotal { words.append("output-is-total") }
    return words.joined(separator: "-")
  }

  private var cacheName: String {
    switch (cacheReadInside, cacheWriteInside) {
    case (true, true): "inclusive"
    case (false, false): "exclusive"
    case (false, true): "write-inside"
    case (true, false): "read-inside"
    }
  }

  /// The same counts with modalities cut to what the cache leaves of the input, and reasoning to what its modalities
  /// leave of an output that the total confirms.
  func clipped(_ sent: SentUsage) -> SentUsage {
    guard modalitiesInside else { return sent }
    var sent = sent
    if let input = sent.input {
      let cache = CacheParts(sent, isInside: true)
      var room = input - (cacheReadInside ? cache.readAll : 0) - (cacheWriteInside ? cache.write : 0)
      for (whole, cached) in [
        (SentUsage.Count.inputImage, SentUsage.Count.cacheReadImage), (.inputVideo, .cacheReadVideo),
        (.inputAudio, .cacheReadAudio),
      ] {
        guard let count = sent[whole] else { continue }
        let part = min(max(0, room), Self.rest(count, sent[cached]))
        sent[whole] = part + (sent[cached] ?? 0)
        room -= part
      }
    }
    if let output = sent.output, let reasoning = sent.reasoning, reasoningInside, sent.total != nil {
      sent.reasoning = min(reasoning, max(0, output - (sent.outputAudio ?? 0) - (sent.outputImage ?? 0)))
    }
    return sent
  }

  /// The disjoint buckets under this reading; a negative remainder becomes zero and is told.
  func buckets(_ sent: SentUsage) -> (usage: Usage, isNegative: Bool) {
    var counts = sent.others.positional
    if counts.isEmpty { counts = [Int64](repeating: 0, count: UsageBucket.allCases.count) }
    func set(_ bucket: UsageBucket, _ count: Int64) { counts[bucket.position] = count }
    let cache = CacheParts(sent, isInside: modalitiesInside)
    let image = modalitiesInside ? Self.rest(sent.inputImage, sent.cacheReadImage) : sent.inputImage ?? 0
    let video = modalitiesInside ? Self.rest(sent.inputVideo, sent.cacheReadVideo) : sent.inputVideo ?? 0
    let audio = modalitiesInside ? Self.rest(sent.inputAudio, sent.cacheReadAudio) : sent.inputAudio ?? 0
    set(.cacheRead, cache.read)
    set(.cacheReadAudio, cache.readAudio)
    set(.cacheWrite, cache.write - cache.write1h)
    set(.cacheWrite1h, cache.write1h)
    set(.reasoning, sent.reasoning ?? 0)
    set(.inputAudio, audio)
    set(.inputImage, image)
    set(.inputVideo, video)
    set(.outputAudio, sent.outputAudio ?? 0)
    set(.outputImage, sent.outputImage ?? 0)

    let hasInput = sent.input != nil, hasOutput = sent.output != nil
    var input = sent.input ?? 0
    var outside: Int64 = 0
    if cacheReadInside { input -= cache.readAll } else { outside += cache.readAll }
    if cacheWriteInside { input -= cache.write } else { outside += cache.write }
    if modalitiesInside { input -= audio + image + video } else { outside += audio + image + video }
    if !hasInput { input = 0 }
    var output = sent.output ?? 0
    if outputIsTotal { output -= (sent.input ?? 0) + outside }
    if reasoningInside { output -= sent.reasoning ?? 0 }
    if modalitiesInside { output -= (sent.outputAudio ?? 0) + (sent.outputImage ?? 0) }
    if !hasOutput { output = 0 }
    set(.input, max(0, input))
    set(.output, max(0, output))
    return (Usage(counts: counts) ?? Usage(), input < 0 || output < 0)
  }

  private static func rest(_ whole: Int64?, _ cached: Int64?) -> Int64 { max(0, (whole ?? 0) - (cached ?? 0)) }
}

/// The cache's counts, each token once.
private struct CacheParts {
  /// Read, of any modality.
  let readAll: Int64
  /// Read, without audio.
  let read: Int64
  let readAudio: Int64
  let write: Int64
  let write1h: Int64

  init(_ sent: SentUsage, isInside: Bool) {
    readAudio = sent.cacheReadAudio ?? 0
    if isInside {
      readAll = max(sent.cacheRead ?? 0, readAudio + (sent.cacheReadImage ?? 0) + (sent.cacheReadVideo ?? 0))
      read = readAll - readAudio
    } else {
      read = (sent.cacheRead ?? 0) + (sent.cacheReadImage ?? 0) + (sent.cacheReadVideo ?? 0)
      readAll = read + readAudio
    }
    write = sent.cacheWriteAll
    write1h = min(sent.cacheWrite1h ?? 0, write)
  }
}
