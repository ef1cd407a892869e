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

  /// Counts by position in `UsageBucket.allCases`; nil for another number of them.
  public init?(counts: [Int64]) {
    guard counts.count == Self.buckets.count else { return nil }
    self.counts = counts
    collapse()
  }

  private static let buckets = UsageBucket.allCases

  public subscript(bucket: UsageBucket) -> Int64 {
    get { counts.isEmpty ? 0 : counts[bucket.position] }
    set {
      if counts.isEmpty {
        if newValue == 0 { return }
        counts = [Int64](repeating: 0, count: Self.buckets.count)
      }
      counts[bucket.position] = newValue
      if newValue == 0 { collapse() }
    }
  }

  /// Equal usages must be equal arrays.
  private mutating func collapse() {
    for count in counts where count != 0 { return }
    counts = []
  }

  public var isEmpty: Bool { counts.isEmpty }
  /// By position in `UsageBucket.allCases`; empty when every bucket is zero.
  public var positional: [Int64] { counts }
  /// Buckets with a count other than zero, in declared order.
  public var entries: [(bucket: UsageBucket, count: Int64)] {
    var entries: [(bucket: UsageBucket, count: Int64)] = []
    for (i, count) in counts.enumerated() where count != 0 { entries.append((Self.buckets[i], count)) }
    return entries
  }
  public var inputTokens: Int64 { sum(Self.inputs) }
  public var outputTokens: Int64 { sum(Self.outputs) }
  public var totalTokens: Int64 { sum(Self.inputs | Self.outputs) }

  private static let inputs = bits { $0.isInput }
  private static let outputs = bits { $0.isOutput }

  private static func bits(_ includes: (UsageBucket) -> Bool) -> UInt32 {
    buckets.reduce(0) { includes($1) ? $0 | 1 << UInt32($1.position) : $0 }
  }

  private func sum(_ positions: UInt32) -> Int64 {
    var sum: Int64 = 0
    for (i, count) in counts.enumerated() where positions >> UInt32(i) & 1 == 1 { sum &+= count }
    return sum
  }
  public static func + (a: Usage, b: Usage) -> Usage {
    var sum = a
    sum += b
    return sum
  }
  public static func - (a: Usage, b: Usage) -> Usage {
    var difference = a
    for (i, count) in b.counts.enumerated() { difference[buckets[i]] &-= count }
    return difference
  }
  public static func += (a: inout Usage, b: Usage) {
    if a.counts.isEmpty {
      a = b
      return
    }
    for (i, count) in b.counts.enumerated() { a.counts[i] &+= count }
    a.collapse()
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
