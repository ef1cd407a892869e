/// One doubt by the name that addresses, the API and pages share.
public enum UsageDoubt: String, Sendable, Hashable, CaseIterable {
  case contradiction
  case negativeRemainder = "negative-remainder"
  case unexplained
  case estimated
  case unreadable
  case servedFromCache = "served-from-cache"

  public var flag: UsageFlags {
    switch self {
    case .contradiction: .contradiction
    case .negativeRemainder: .negativeRemainder
    case .unexplained: .unexplained
    case .estimated: .estimatedBySender
    case .unreadable: .unreadable
    case .servedFromCache: .servedFromCache
    }
  }
}

/// A name that no doubt has.
public struct UnknownUsageDoubt: Error, Equatable {
  public let name: String
}

extension UsageFlags {
  /// Those that make the counts uncertain; who was not asked for an answer is known to bill nothing.
  public static let uncertain: UsageFlags = [.contradiction, .negativeRemainder, .unexplained, .estimatedBySender, .unreadable]

  /// From names with commas between them.
  /// - Throws: `UnknownUsageDoubt` for the first name that no doubt has, the empty one too.
  public init(names text: String) throws(UnknownUsageDoubt) {
    self = []
    for name in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let doubt = UsageDoubt(rawValue: String(name)) else { throw UnknownUsageDoubt(name: String(name)) }
      insert(doubt.flag)
    }
  }

  /// In order of the declaration.
  public var doubts: [UsageDoubt] { UsageDoubt.allCases.filter { contains($0.flag) } }
  public var names: [String] { doubts.map(\.rawValue) }
}
