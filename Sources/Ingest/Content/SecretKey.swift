/// Secrets that say by their first letters what they open.
enum SecretKey {
  /// Before the first "-" or "_". *Source:* the providers' and forges' own lists of token formats.
  private static let names: [String] = [
    "sk", "rk", "xoxb", "xoxp", "xoxa", "xoxr", "xoxs", "xoxe", "xapp", "ghp", "gho", "ghu", "ghs", "ghr", "github", "glpat", "hf", "gsk", "pplx",
    "xai", "nvapi", "lsv2", "whsec", "dckr", "npm", "pypi", "shpat", "key", "r8", "fw", "tgp", "csk", "ant", "pat",
  ]
  /// Their bytes as numbers: hyphens and underlines are frequent, and a String for each would cost more than the rest.
  private static let prefixes = Set(names.map { packed(Array($0.utf8)[...]) })
  private static let prefixMax = 6
  private static let lengthMin = 20

  /// At a "-" or "_" behind a prefix, or at the "A" of AKIA, ASIA, AIza.
  static func find(_ text: UnsafeBufferPointer<UInt8>, at i: Int, from: Int) -> Range<Int>? {
    if text[i] == UInt8(ascii: "A") { return amazon(text, i) ?? google(text, i) }
    var start = i
    while start > from, i - start <= prefixMax, Letters.isWord(text[start - 1]) { start -= 1 }
    guard (2...prefixMax).contains(i - start), !Letters.isToken(text.at(start - 1)) else { return nil }
    guard prefixes.contains(packed(text[start..<i])) else { return nil }
    var end = i
    while end < text.count, Letters.isToken(text[end]) { end += 1 }
    return end - start >= lengthMin && isRandom(text[i..<end]) ? start..<end : nil
  }

  private static func packed(_ bytes: some Sequence<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }

  /// Names ("sk-learn-compatible-estimators", "key_figures_2026") have no long stretch with a digit in it.
  private static func isRandom(_ rest: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    rest.split { !Letters.isWord($0) }.contains { $0.count >= 12 && $0.contains(where: Letters.isDigit) }
  }

  /// AKIA or ASIA and 16 capitals and digits.
  private static func amazon(_ text: UnsafeBufferPointer<UInt8>, _ i: Int) -> Range<Int>? {
    guard !text.isWord(i - 1), text.has("AKIA", at: i) || text.has("ASIA", at: i) else { return nil }
    var end = i + 4
    while end < text.count, Letters.isUpper(text[end]) || Letters.isDigit(text[end]) { end += 1 }
    return end - i == 20 && !text.isWord(end) ? i..<end : nil
  }

  /// AIza and 35 more.
  private static func google(_ text: UnsafeBufferPointer<UInt8>, _ i: Int) -> Range<Int>? {
    guard !text.isWord(i - 1), text.has("AIza", at: i) else { return nil }
    var end = i + 4
    while end < text.count, Letters.isToken(text[end]) { end += 1 }
    return end - i >= 39 ? i..<end : nil
  }
}
