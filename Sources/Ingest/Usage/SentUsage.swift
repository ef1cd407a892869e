import Domain
import Wire

/// Counts as a sender named them, before it is decided which lies inside which. nil means not sent.
public struct SentUsage: Sendable {
  public var input: Int64?
  public var output: Int64?
  /// The sender's own sum: the checksum that tells inclusive from exclusive counts.
  public var total: Int64?
  public var cacheRead: Int64?
  /// All cache writes, those with an hour's lifetime included.
  public var cacheWrite: Int64?
  public var cacheWrite5m: Int64?
  public var cacheWrite1h: Int64?
  public var reasoning: Int64?
  public var inputAudio: Int64?
  /// The cached part of `inputAudio`; likewise of images and video.
  public var cacheReadAudio: Int64?
  public var outputAudio: Int64?
  public var inputImage: Int64?
  public var cacheReadImage: Int64?
  public var outputImage: Int64?
  public var inputVideo: Int64?
  public var cacheReadVideo: Int64?
  /// Counts in units other than tokens.
  public var others = Usage()
  /// True when the sender estimated the counts: it says so, or is known to.
  public var isEstimate = false
  /// The counts as sent, by the sender's names: one JSON object.
  public var rawText: String
  /// What was sent under the name of a count and is none.
  private(set) var unreadable: [JSONMember] = []

  public init(rawText: String = "{}") { self.rawText = rawText }

  /// No single call has more; larger numbers are no counts.
  static let countMax: Int64 = 1_000_000_000_000

  /// Nothing was sent, not even something unreadable.
  var isEmpty: Bool { !hasTokens && total == nil && others.isEmpty && unreadable.isEmpty }

  /// Tokens were sent, be it zero; a mere total is none.
  var hasTokens: Bool {
    if input != nil || output != nil || cacheRead != nil || cacheWrite != nil || reasoning != nil { return true }
    if cacheWrite5m != nil || cacheWrite1h != nil || inputAudio != nil || outputAudio != nil { return true }
    if cacheReadAudio != nil || inputImage != nil || outputImage != nil || inputVideo != nil { return true }
    return cacheReadImage != nil || cacheReadVideo != nil
  }

  /// Cache writes of any lifetime: the stated sum, else the sum of the lifetimes.
  var cacheWriteAll: Int64 { max(cacheWrite ?? 0, (cacheWrite5m ?? 0) + (cacheWrite1h ?? 0)) }
}

// MARK: - Reading

extension SentUsage {
  /// A whole number from 0 to `countMax`, also as text; nil for anything else.
  static func count(_ value: JSONValue?) -> Int64? {
    value?.intValue.flatMap { (0...countMax).contains($0) ? $0 : nil }
  }

  static func count(_ value: AnyValue?) -> Int64? {
    value?.intValue.flatMap { (0...countMax).contains($0) ? $0 : nil }
  }

  /// The count under a sender's name; nil when it is absent, null or an empty text, or remembered as unreadable.
  mutating func read(_ key: String, _ value: JSONValue?) -> Int64? {
    guard let value, !value.isNull, value != .string("") else { return nil }
    if let count = Self.count(value) { return count }
    unreadable.append(JSONMember(key: key, value: value))
    return nil
  }

  mutating func read(_ key: String, in object: JSONObject) -> Int64? { read(key, object[key]) }

  mutating func read(_ key: String, _ value: AnyValue) -> Int64? {
    if let count = Self.count(value) { return count }
    unreadable.append(JSONMember(key: key, value: value.jsonValue))
    return nil
  }

  /// An amount in another unit, which may have a fraction ("20.424" seconds), times `factor` and rounded.
  mutating func readAmount(_ key: String, _ value: JSONValue, times factor: Int64) -> Int64? {
    if value.isNull || value == .string("") { return nil }
    if let count = Self.count(value) { return min(Self.countMax, count * factor) }
    if factor > 1, let amount = value.doubleValue, amount >= 0, amount <= 1_000_000_000 {
      return Int64((amount * Double(factor)).rounded())
    }
    unreadable.append(JSONMember(key: key, value: value))
    return nil
  }

  /// The object `key` that details a count. An empty list is how some languages write an empty object.
  mutating func details(_ key: String, in object: JSONObject) -> JSONObject? {
    guard let value = object[key] else { return nil }
    switch value {
    case .object(let details): return details
    case .null: return nil
    case .array(let values) where values.isEmpty: return nil
    case .string(let text) where text.isEmpty: return nil
    case .bool, .number, .string, .array: break
    }
    unreadable.append(JSONMember(key: key, value: value))
    return nil
  }

  mutating func add(_ bucket: UsageBucket, _ count: Int64) {
    others[bucket] = min(Self.countMax, others[bucket] + min(Self.countMax, count))
  }

  /// A quantity that a list of keys may fill, without key paths, which are slow.
  enum Count {
    case input, output, total, cacheRead, cacheWrite, cacheWrite5m, cacheWrite1h, reasoning
    case inputAudio, cacheReadAudio, outputAudio, inputImage, cacheReadImage, outputImage, inputVideo, cacheReadVideo
  }

  subscript(count: Count) -> Int64? {
    get {
      switch count {
      case .input: input
      case .output: output
      case .total: total
      case .cacheRead: cacheRead
      case .cacheWrite: cacheWrite
      case .cacheWrite5m: cacheWrite5m
      case .cacheWrite1h: cacheWrite1h
      case .reasoning: reasoning
      case .inputAudio: inputAudio
      case .cacheReadAudio: cacheReadAudio
      case .outputAudio: outputAudio
      case .inputImage: inputImage
      case .cacheReadImage: cacheReadImage
      case .outputImage: outputImage
      case .inputVideo: inputVideo
      case .cacheReadVideo: cacheReadVideo
      }
    }
    set {
      switch count {
      case .input: input = newValue
      case .output: output = newValue
      case .total: total = newValue
      case .cacheRead: cacheRead = newValue
      case .cacheWrite: cacheWrite = newValue
      case .cacheWrite5m: cacheWrite5m = newValue
      case .cacheWrite1h: cacheWrite1h = newValue
      case .reasoning: reasoning = newValue
      case .inputAudio: inputAudio = newValue
      case .cacheReadAudio: cacheReadAudio = newValue
      case .outputAudio: outputAudio = newValue
      case .inputImage: inputImage = newValue
      case .cacheReadImage: cacheReadImage = newValue
      case .outputImage: outputImage = newValue
      case .inputVideo: inputVideo = newValue
      case .cacheReadVideo: cacheReadVideo = newValue
      }
    }
  }
}
