import CPCRE2

/// Why a regular expression can't be used.
public struct PatternProblem: Error, Sendable, Hashable {
  /// PCRE2's own words.
  public let message: String
  /// Of the UTF-8 byte at which it was noticed.
  public let offset: Int
}

/// A regular expression that can't run away: libpcre2 with limits on steps, depth and memory. It is searched for
/// anywhere in the name unless anchored, in whatever case. Safe to share: the compiled code and its limits are only read, and the
/// match data is each call's own.
final class CompiledPattern: @unchecked Sendable {
  /// Steps of one match; a pattern for names needs some hundreds.
  private static let stepLimit: UInt32 = 20_000
  private static let depthLimit: UInt32 = 500
  private static let memoryLimitKiB: UInt32 = 256
  /// In UTF-8 bytes.
  static let longestPattern = 1000
  static let longestName = 512
  private let longestText: Int

  private let code: OpaquePointer
  private let limits: OpaquePointer

  /// Of longer texts nothing is matched.
  /// - Throws: `PatternProblem`.
  init(_ text: String, foldsCase: Bool = true, longestText: Int = longestName) throws(PatternProblem) {
    guard text.utf8.count <= Self.longestPattern else {
      throw PatternProblem(message: "the pattern is longer than \(Self.longestPattern) bytes", offset: Self.longestPattern)
    }
    var number: Int32 = 0
    var offset = 0
    let bytes = Array(text.utf8)
    let options = (foldsCase ? PCRE2_CASELESS : 0) | PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C
    self.longestText = longestText
    guard let code = pcre2_compile_8(bytes, bytes.count, UInt32(options), &number, &offset, nil) else {
      throw PatternProblem(message: Self.message(number), offset: offset)
    }
    guard let limits = pcre2_match_context_create_8(nil) else {
      pcre2_code_free_8(code)
      throw PatternProblem(message: "out of memory", offset: 0)
    }
    pcre2_set_match_limit_8(limits, Self.stepLimit)
    pcre2_set_depth_limit_8(limits, Self.depthLimit)
    pcre2_set_heap_limit_8(limits, Self.memoryLimitKiB)
    self.code = code
    self.limits = limits
  }

  deinit {
    pcre2_code_free_8(code)
    pcre2_match_context_free_8(limits)
  }

  /// False also when the limits stop the search.
  func matches(_ name: String) -> Bool {
    guard name.utf8.count <= longestText, let data = pcre2_match_data_create_8(1, nil) else { return false }
    defer { pcre2_match_data_free_8(data) }
    var name = name
    return name.withUTF8 { bytes in
      pcre2_match_8(code, bytes.baseAddress, bytes.count, 0, UInt32(PCRE2_NO_UTF_CHECK), data, limits) >= 0
    }
  }

  static func message(_ number: Int32) -> String {
    var text = [UInt8](repeating: 0, count: 256)
    let count = pcre2_get_error_message_8(number, &text, text.count)
    return count > 0 ? String(decoding: text[..<Int(count)], as: UTF8.self) : "error \(number)"
  }
}

/// Regular expressions over any text, for rules: by the same engine and limits, in the case that is written ("(?i)" folds it).
public enum TextPattern {
  private static let longestText = 4096

  /// A test of texts; texts over 4,096 bytes and searches that reach a limit don't match.
  /// - Throws: `PatternProblem`.
  public static func compile(_ text: String) throws -> @Sendable (String) -> Bool {
    let pattern = try CompiledPattern(text, foldsCase: false, longestText: longestText)
    return { pattern.matches($0) }
  }
}
