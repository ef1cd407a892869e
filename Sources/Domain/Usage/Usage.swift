/// The disjoint buckets of usage (design §3.4): no token is in two of them. Raw values are the names in the API and in the columns' stems.
public enum UsageBucket: String, Sendable, CaseIterable, Hashable, Codable {
  /// Uncached input tokens (text, or of unknown modality).
  case input
  /// Input tokens read from the provider's prompt cache.
  case cacheRead
  /// Input tokens written to the prompt cache with the default lifetime (5 minutes at Anthropic).
  case cacheWrite
  /// Input tokens written to the cache with one hour of lifetime.
  case cacheWrite1h
  /// Output tokens without reasoning (text, or of unknown modality).
  case output
  /// Output tokens spent on reasoning.
  case reasoning
  case inputAudio, cacheReadAudio, outputAudio, inputImage, outputImage, inputVideo
  /// Not tokens.
  case requests, searches, characters, pages, images
  /// Audio or compute time.
  case milliseconds

  public var isTokens: Bool {
    switch self {
    case .requests, .searches, .characters, .pages, .images, .milliseconds: false
    default: true
    }
  }
  /// Counts as prompt side when a whole-prompt size is asked (context tiers, cache hit rate).
  public var isInput: Bool {
    switch self {
    case .input, .cacheRead, .cacheWrite, .cacheWrite1h, .inputAudio, .cacheReadAudio, .inputImage, .inputVideo: true
    default: false
    }
  }
  public var isOutput: Bool { isTokens && !isInput }
}

/// Counts by bucket; a bucket that is absent counts zero.
public struct Usage: Sendable, Hashable {
  /// By position in `UsageBucket.allCases`; empty when every bucket is zero.
  private var counts: [Int64]

  public init() { counts = [] }
  public init(_ pairs: KeyValuePairs<UsageBucket, Int64>) {
    self.init()
    for (bucket, count) in pairs { self[bucket] = count }
  }

  public subscript(bucket: UsageBucket) -> Int64 {
    get { counts.isEmpty ? 0 : counts[bucket.position] }
    set {
      if counts.isEmpty {
        if newValue == 0 { return }
        counts = [Int64](repeating: 0, count: UsageBucket.allCases.count)
      }
      counts[bucket.position] = newValue
      if newValue == 0, counts.allSatisfy({ $0 == 0 }) { counts = [] }
    }
  }

  public var isEmpty: Bool { counts.isEmpty }
  /// Buckets with a count other than zero, in declared order.
  public var entries: [(bucket: UsageBucket, count: Int64)] {
    UsageBucket.allCases.compactMap { self[$0] == 0 ? nil : ($0, self[$0]) }
  }
  public var inputTokens: Int64 { sum { $0.isInput } }
  public var outputTokens: Int64 { sum { $0.isOutput } }
  public var totalTokens: Int64 { sum { $0.isTokens } }

  private func sum(_ includes: (UsageBucket) -> Bool) -> Int64 {
    UsageBucket.allCases.reduce(0) { includes($1) ? $0 &+ self[$1] : $0 }
  }
  public static func + (a: Usage, b: Usage) -> Usage { combined(a, b, &+) }
  public static func - (a: Usage, b: Usage) -> Usage { combined(a, b, &-) }
  public static func += (a: inout Usage, b: Usage) { a = a + b }
  private static func combined(_ a: Usage, _ b: Usage, _ operation: (Int64, Int64) -> Int64) -> Usage {
    var result = Usage()
    for bucket in UsageBucket.allCases { result[bucket] = operation(a[bucket], b[bucket]) }
    return result
  }
}

extension UsageBucket {
  /// Position in `allCases`, by declaration order.
  @inlinable public var position: Int {
    switch self {
    case .input: 0
    case .cacheRead: 1
    case .cacheWrite: 2
    case .cacheWrite1h: 3
    case .output: 4
    case .reasoning: 5
    case .inputAudio: 6
    case .cacheReadAudio: 7
    case .outputAudio: 8
    case .inputImage: 9
    case .outputImage: 10
    case .inputVideo: 11
    case .requests: 12
    case .searches: 13
    case .characters: 14
    case .pages: 15
    case .images: 16
    case .milliseconds: 17
    }
  }
}
