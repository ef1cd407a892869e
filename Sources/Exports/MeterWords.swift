import Domain

/// What meters are called in files.
enum MeterWords {
  /// Of a column in JSON: "cacheReadTokens".
  static func column(_ bucket: UsageBucket) -> String {
    bucket.isTokens ? bucket.rawValue + "Tokens" : bucket == .requests ? "billedRequests" : bucket.rawValue
  }

  /// FOCUS SkuMeter, and titles in spreadsheets.
  static func name(_ bucket: UsageBucket) -> String {
    switch bucket {
    case .input: "Input Tokens"
    case .cacheRead: "Cached Input Tokens"
    case .cacheWrite: "Cache Write Tokens 5m"
    case .cacheWrite1h: "Cache Write Tokens 1h"
    case .output: "Output Tokens"
    case .reasoning: "Reasoning Tokens"
    case .inputAudio: "Audio Input Tokens"
    case .cacheReadAudio: "Cached Audio Input Tokens"
    case .outputAudio: "Audio Output Tokens"
    case .inputImage: "Image Input Tokens"
    case .outputImage: "Image Output Tokens"
    case .inputVideo: "Video Input Tokens"
    case .requests: "Requests"
    case .searches: "Web Searches"
    case .characters: "Characters"
    case .pages: "Pages"
    case .images: "Images"
    case .milliseconds: "Milliseconds"
    }
  }

  /// FOCUS unit of the smallest quantity.
  static func unit(_ bucket: UsageBucket) -> String {
    switch bucket {
    case .requests: "Requests"
    case .searches: "Searches"
    case .characters: "Characters"
    case .pages: "Pages"
    case .images: "Images"
    case .milliseconds: "Milliseconds"
    default: "Tokens"
    }
  }
}
