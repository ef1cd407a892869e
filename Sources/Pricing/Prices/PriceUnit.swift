import Domain

/// What a price is for, by the catalogue's own key ("input_mtok": US dollars per million input tokens).
public enum PriceUnit: String, Sendable, Hashable, CaseIterable {
  case input = "input_mtok"
  case cacheRead = "cache_read_mtok"
  case cacheWrite = "cache_write_mtok"
  case cacheWrite1h = "cache_write_1h_mtok"
  case output = "output_mtok"
  case outputReasoning = "output_reasoning_mtok"
  case outputCitation = "output_citation_mtok"
  case inputAudio = "input_audio_mtok"
  case cacheAudioRead = "cache_audio_read_mtok"
  case outputAudio = "output_audio_mtok"
  case inputImage = "input_image_mtok"
  case cacheImageRead = "cache_image_read_mtok"
  case outputImage = "output_image_mtok"
  case inputVideo = "input_video_mtok"
  case outputVideo = "output_video_mtok"
  case requests = "requests_kcount"
  case webSearches = "web_searches_kcount"
  case storageSearches = "storage_searches_kcount"
  case textMessages = "input_text_messages_kcount"
  case characters = "input_mchars"
  case pages = "input_document_kpages"
  case annotatedPages = "input_annotated_document_kpages"
  case audioHours = "audio_hours"
  case inputAudioHours = "input_audio_hours"
  case outputAudioHours = "output_audio_hours"
  /// Images made or edited.
  case images
  case inputImages = "input_images"
  /// Of video; and, where nothing more is said, of whatever runs.
  case inputVideoSeconds = "input_video_seconds"
  case outputVideoSeconds = "output_video_seconds"
  case seconds
  case gpuSeconds = "gpu_seconds"
  case rerankSearches = "rerank_searches_kcount"

  /// How many of the smallest unit (token, call, character, page, image, millisecond) the listed price is for.
  public var quantity: Int64 {
    switch self {
    case .requests, .webSearches, .storageSearches, .rerankSearches, .textMessages, .pages, .annotatedPages: 1000
    case .audioHours, .inputAudioHours, .outputAudioHours: 3_600_000
    case .inputVideoSeconds, .outputVideoSeconds, .seconds, .gpuSeconds: 1000
    case .images, .inputImages: 1
    default: 1_000_000
    }
  }

  /// For people, after a price: "1.25 USD per million tokens".
  public var label: String {
    switch self {
    case .requests: "thousand requests"
    case .webSearches, .storageSearches, .rerankSearches: "thousand searches"
    case .textMessages: "thousand messages"
    case .characters: "million characters"
    case .pages, .annotatedPages: "thousand pages"
    case .audioHours, .inputAudioHours, .outputAudioHours: "hour"
    case .inputVideoSeconds, .outputVideoSeconds: "second of video"
    case .seconds: "second"
    case .gpuSeconds: "GPU second"
    case .images, .inputImages: "image"
    default: "million tokens"
    }
  }
}

/// A price as listed, and as it is charged.
public struct Rate: Sendable, Hashable {
  /// US dollars per the unit's quantity, as the catalogue writes it ("0.15").
  public let decimal: String
  /// Pico-USD per smallest unit, rounded once, half even (design §3.6).
  public let picoPerUnit: Int64

  /// nil when `decimal` is no decimal number, is negative, makes more than 1,000 USD per smallest unit, or rounds to nothing.
  public init?(decimal: String, unit: PriceUnit) {
    guard let pico = DecimalText.scaled(decimal, scaleDigits: 18), pico >= 0 else { return nil }
    let divisor = Int128(unit.quantity) * 1_000_000
    let (whole, rest) = pico.quotientAndRemainder(dividingBy: divisor)
    let rounded = rest * 2 > divisor || (rest * 2 == divisor && whole % 2 == 1) ? whole + 1 : whole
    guard rounded <= 1_000 * USD.scale else { return nil }
    // A price that would be charged as nothing is a mistake, not a gift.
    guard rounded > 0 || !decimal.utf8.prefix(while: { $0 | 0x20 != UInt8(ascii: "e") }).contains(where: { (49...57).contains($0) })
    else { return nil }
    self.decimal = decimal
    self.picoPerUnit = Int64(rounded)
  }
}

/// The price of one unit, with the other prices that hold for the whole request above a prompt size.
public struct UnitPrice: Sendable, Hashable {
  public struct Tier: Sendable, Hashable {
    /// The tier holds when the prompt has more tokens than this.
    public let over: Int64
    public let rate: Rate
  }
  public let unit: PriceUnit
  public let base: Rate
  /// By rising threshold.
  public let tiers: [Tier]
  /// Position in `PriceCatalogue.origins`; 0 for the backbone and for prices of no catalogue.
  public let origin: Int16

  /// Reads "1.25" or "1.25 >200000:2.5"; nil when it is neither.
  public init?(unit: PriceUnit, text: String, origin: Int16 = 0) {
    let words = text.split(separator: " ")
    guard let first = words.first, let base = Rate(decimal: String(first), unit: unit) else { return nil }
    var tiers: [Tier] = []
    for word in words.dropFirst() {
      let parts = word.dropFirst().split(separator: ":")
      guard word.first == ">", parts.count == 2, let over = Int64(parts[0]), over > (tiers.last?.over ?? 0),
        let rate = Rate(decimal: String(parts[1]), unit: unit)
      else { return nil }
      tiers.append(Tier(over: over, rate: rate))
    }
    self.unit = unit
    self.base = base
    self.tiers = tiers
    self.origin = origin
  }

  /// The rate for a prompt of this many tokens, and the threshold it lies above (nil: the base).
  public func rate(promptTokens: Int64) -> (rate: Rate, over: Int64?) {
    guard let tier = tiers.last(where: { promptTokens > $0.over }) else { return (base, nil) }
    return (tier.rate, tier.over)
  }

  var isFree: Bool { base.picoPerUnit == 0 && tiers.allSatisfy { $0.rate.picoPerUnit == 0 } }
}
