import CPCRE2

/// All places of a regular expression in long texts, for masking: by the engine of `TextPattern`, in the case that is written. What it
/// may take is bounded in steps for each place it begins at, and in time for a text.
public final class PatternSearch: @unchecked Sendable {
  // Compiled code and limits are only read; match data is each call's own.
  private let code: OpaquePointer
  private let limits: OpaquePointer
  /// Steps from one place: some tens of microseconds.
  private static let stepLimit: UInt32 = 20_000
  private static let depthLimit: UInt32 = 1000
  private static let memoryLimitKiB: UInt32 = 1024
  private static let timeLimit = Duration.milliseconds(250)
  /// The engine is asked for places within so many bytes at a time; between, the time is looked at.
  private static let strideBytes = 4096

  /// - Throws: `PatternProblem`, also for a pattern that matches the empty text: it would be found everywhere.
  public init(_ text: String) throws(PatternProblem) {
    let bytes = Array(text.utf8)
    guard (1...CompiledPattern.longestPattern).contains(bytes.count) else {
      throw PatternProblem(message: "a pattern has 1 to \(CompiledPattern.longestPattern) bytes", offset: bytes.count)
    }
    var number: Int32 = 0
    var offset = 0
    let options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | UInt32(PCRE2_USE_OFFSET_LIMIT)
    guard let code = pcre2_compile_8(bytes, bytes.count, options, &number, &offset, nil) else {
      throw PatternProblem(message: CompiledPattern.message(number), offset: offset)
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
    guard !matchesNothing else { throw PatternProblem(message: "the pattern matches the empty text", offset: 0) }
  }

  deinit {
    pcre2_code_free_8(code)
    pcre2_match_context_free_8(limits)
  }

  private var matchesNothing: Bool {
    guard let data = pcre2_match_data_create_8(1, nil) else { return false }
    defer { pcre2_match_data_free_8(data) }
    return pcre2_match_8(code, [], 0, 0, 0, data, limits) >= 0
  }

  /// Every place in `text`, which is UTF-8, in order and none overlapping. False when a limit was reached: what is behind it was not seen.
  public func places(in text: UnsafeBufferPointer<UInt8>, _ found: (Range<Int>) -> Void) -> Bool {
    guard let base = text.baseAddress, let data = pcre2_match_data_create_8(1, nil), let own = pcre2_match_context_copy_8(limits) else {
      return text.isEmpty
    }
    defer {
      pcre2_match_data_free_8(data)
      pcre2_match_context_free_8(own)
    }
    let end = ContinuousClock.now + Self.timeLimit
    var from = 0
    while from <= text.count {
      let last = min(text.count, from + Self.strideBytes)
      pcre2_set_offset_limit_8(own, last)
      let outcome = pcre2_match_8(code, base, text.count, from, PCRE2_NO_UTF_CHECK, data, own)
      if outcome == PCRE2_ERROR_NOMATCH {
        from = Self.characterStart(after: last, text)
      } else if outcome >= 0, let pair = pcre2_get_ovector_pointer_8(data) {
        let range = pair[0]..<max(pair[0], pair[1])
        if !range.isEmpty { found(range) }
        from = range.isEmpty ? Self.characterStart(after: range.upperBound, text) : range.upperBound
      } else {
        return false
      }
      guard ContinuousClock.now < end else { return false }
    }
    return true
  }

  private static func characterStart(after place: Int, _ text: UnsafeBufferPointer<UInt8>) -> Int {
    var next = place + 1
    while next < text.count, text[next] & 0xC0 == 0x80 { next += 1 }
    return next
  }
}
