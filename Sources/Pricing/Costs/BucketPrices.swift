import Domain

/// The price that a bucket is charged at, and why when it is not its own.
struct BucketPrice: Sendable {
  let unit: PricedUnit
  /// nil: the bucket's own price.
  let standIn: String?
}

extension PriceSet {
  /// nil when nothing that is listed may stand for the bucket. Another price stands in only where the provider's own
  /// price page says that it does, or where it can only be as high or higher; else the bucket stays unpriced (design §3.5).
  func price(for bucket: UsageBucket) -> BucketPrice? {
    switch bucket {
    case .input: own(.input)
    case .cacheRead: own(.cacheRead) ?? standIn(.input, "no cache-read price is listed, so the full input price holds")
    case .cacheWrite: own(.cacheWrite)
    case .cacheWrite1h: own(.cacheWrite1h)
    case .output: own(.output)
    case .reasoning: own(.outputReasoning) ?? standIn(.output, "reasoning is billed as output")
    case .inputAudio: own(.inputAudio) ?? (isOnePriceForInput ? standIn(.input, Self.onePrice) : nil)
    case .cacheReadAudio:
      own(.cacheAudioRead) ?? standIn(.inputAudio, "no price for cached audio is listed, so the full audio price holds")
    case .outputAudio: own(.outputAudio) ?? (hasPart("tts") ? standIn(.output, "this model's output is audio") : nil)
    case .inputImage: own(.inputImage) ?? standIn(.input, Self.onePrice)
    case .outputImage: own(.outputImage) ?? (isImageModel ? standIn(.output, "this model's output is images") : nil)
    case .inputVideo: own(.inputVideo) ?? standIn(.input, Self.onePrice)
    case .requests: own(.requests)
    case .searches: own(.webSearches) ?? own(.rerankSearches)
    case .characters: own(.characters)
    case .pages: own(.pages)
    case .images: own(.images) ?? own(.inputImages)
    case .milliseconds: Self.times.lazy.compactMap { own($0) }.first
    }
  }

  /// Prices of time; a model has rarely more than one.
  private static let times: [PriceUnit] = [
    .inputAudioHours, .audioHours, .outputAudioHours, .outputVideoSeconds, .inputVideoSeconds, .seconds, .gpuSeconds,
  ]
  private static let onePrice = "one input price is listed for text and media"

  private func own(_ unit: PriceUnit) -> BucketPrice? { price(unit).map { BucketPrice(unit: $0, standIn: nil) } }
  private func standIn(_ unit: PriceUnit, _ why: String) -> BucketPrice? {
    price(unit).map { BucketPrice(unit: $0, standIn: why) }
  }

  /// Google's page prices text, image, video and audio input together unless it lists audio apart; OpenAI's never does.
  private var isOnePriceForInput: Bool { provider == "google" }
  /// OpenAI's image models give nothing else; others with "image" in their name also write text, at another price.
  private var isImageModel: Bool { provider == "openai" && model.hasPrefix("gpt-image-") }
  private func hasPart(_ word: String) -> Bool {
    model.lowercased().split { $0 == "-" || $0 == "/" || $0 == "." }.contains { $0 == word }
  }
}
