import Domain
import HTML

/// Names of usage buckets and doubts for people.
public enum UsageWords {
  public static func name(_ bucket: UsageBucket) -> String {
    switch bucket {
    case .input: "Uncached input"
    case .cacheRead: "Cache read"
    case .cacheWrite: "Cache write"
    case .cacheWrite1h: "Cache write, 1 hour"
    case .output: "Output"
    case .reasoning: "Reasoning"
    case .inputAudio: "Audio input"
    case .cacheReadAudio: "Audio from cache"
    case .outputAudio: "Audio output"
    case .inputImage: "Image input"
    case .outputImage: "Image output"
    case .inputVideo: "Video input"
    case .requests: "Requests"
    case .searches: "Searches"
    case .characters: "Characters"
    case .pages: "Pages"
    case .images: "Images"
    case .milliseconds: "Milliseconds"
    }
  }

  /// What is doubtful, as a sentence.
  static func sentence(_ doubt: UsageDoubt) -> String {
    switch doubt {
    case .contradiction: "The reported total disagrees with every reading of the parts."
    case .negativeRemainder: "A part is larger than the whole it should be in."
    case .unexplained: "The total holds tokens that no part explains; they are not billed."
    case .estimated: "The sender estimated these counts."
    case .unreadable: "A count that was sent could not be read; it is not billed."
    case .servedFromCache: "A cache of the framework or gateway gave the answer: the provider was not asked."
    }
  }

  /// What is asked for, in a form or a chip.
  static func label(_ flags: UsageFlags) -> String {
    let doubts = flags.doubts
    return flags == .uncertain ? "any" : doubts.count > 1 ? "several" : doubts.map(label).joined()
  }

  private static func label(_ doubt: UsageDoubt) -> String {
    switch doubt {
    case .contradiction: "total contradicts the parts"
    case .negativeRemainder: "part exceeds its whole"
    case .unexplained: "tokens no part explains"
    case .estimated: "estimated by the sender"
    case .unreadable: "unreadable count"
    case .servedFromCache: "served from a cache"
    }
  }
}

/// Beside a cost made of counts that the sender only estimated.
struct EstimateMark: HTMLConvertible {
  let observation: Observation

  var html: HTML {
    guard observation.facts.usage?.flags.contains(.estimatedBySender) == true else { return "" }
    return " <small class=\"amber\" title=\"\(UsageWords.sentence(.estimated))\">estimated by the sender</small>"
  }
}

/// The doubts about a call, on its line: one word, with all of them on hover.
struct DoubtMark: HTMLConvertible {
  let observation: Observation

  var html: HTML {
    guard observation.decision.isCall, let flags = observation.facts.usage?.flags, !flags.isEmpty else { return "" }
    let why = flags.doubts.map(UsageWords.sentence).joined(separator: " ")
    return "<em class=\"\(flags == .servedFromCache ? "q t" : "q w")\" title=\"\(why)\">\(Self.word(flags))</em>"
  }

  private static func word(_ flags: UsageFlags) -> String {
    let uncertain = flags.intersection(.uncertain)
    return uncertain.isEmpty ? "cached" : uncertain == .estimatedBySender ? "estimate" : "doubt"
  }
}
