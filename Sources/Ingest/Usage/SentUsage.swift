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
  public var cacheReadAudio: Int64?
  public var outputAudio: Int64?
  public var inputImage: Int64?
  public var outputImage: Int64?
  public var inputVideo: Int64?
  /// Counts in units other than tokens.
  public var others = Usage()
  /// True when the sender is known to have estimated the counts.
  public var isEstimate = false
  /// The counts as sent, by the sender's names: one JSON object.
  public var rawText: String
  /// What was sent under the name of a count and is none.
  private(set) var unreadable: [JSONMember] = []

  public init(rawText: String = "{}") { self.rawText = rawText }

  /// No single call has more; larger numbers are no counts.
  static let countMax: Int64 = 1_000_000_000_000

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

  /// Nothing was sent, not even something unreadable.
  var isEmpty: Bool {
    if input != nil || output != nil || total != nil || cacheRead != nil || cacheWrite != nil { return false }
    if cacheWrite5m != nil || cacheWrite1h != nil || reasoning != nil || inputAudio != nil { return false }
    if cacheReadAudio != nil || outputAudio != nil || inputImage != nil || outputImage != nil { return false }
    return inputVideo == nil && others.isEmpty && unreadable.isEmpty
  }

  /// Cache writes of any lifetime: the stated sum, else the sum of the lifetimes.
  var cacheWriteAll: Int64 { max(cacheWrite ?? 0, (cacheWrite5m ?? 0) + (cacheWrite1h ?? 0)) }
}
