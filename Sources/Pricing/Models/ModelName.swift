/// The forms in which a sent model name is looked for, from as sent to the most stripped.
struct ModelName: Sendable {
  struct Form: Sendable, Hashable {
    let name: String
    /// What was done to it, for the sentence; empty for the name as sent.
    let change: String
  }
  let sent: String
  /// At least the lower-case name itself; no form twice.
  private(set) var forms: [Form] = []

  init(_ sent: String) {
    self.sent = sent
    let base = lowercased(sent)
    add(base, "")
    let bare = addPaths(base)
    let undotted = addDotted(bare)
    for name in undotted == bare ? [bare] : [bare, undotted] { addSuffixes(name) }
    for form in forms { addPunctuation(form) }
  }

  private mutating func add(_ name: some StringProtocol, _ change: String) {
    guard !name.isEmpty, !forms.contains(where: { $0.name == name }) else { return }
    forms.append(Form(name: String(name), change: change))
  }

  /// "models/gemini-2.5-pro", "publishers/google/models/…", "openai/gpt-4o", ARNs: what follows each slash.
  /// - Returns: the last part.
  private mutating func addPaths(_ base: String) -> String {
    var rest = base[...]
    while let slash = rest.utf8.firstIndex(of: UInt8(ascii: "/")) {
      rest = rest[rest.utf8.index(after: slash)...]
      add(rest, "without its path")
    }
    return String(rest)
  }

  /// "us.anthropic.claude-…": without the region, then without the vendor.
  private mutating func addDotted(_ bare: String) -> String {
    var rest = bare[...]
    for (words, change) in [(Self.regions, "without its region"), (Self.vendors, "without its vendor")] {
      guard let dot = rest.utf8.firstIndex(of: UInt8(ascii: ".")), words.contains(String(rest[..<dot])) else {
        continue
      }
      rest = rest[rest.utf8.index(after: dot)...]
      add(rest, change)
    }
    return String(rest)
  }

  /// "@20250929", "-v1:0", "-20250929", "-2025-09-29": one after the other.
  private mutating func addSuffixes(_ name: String) {
    var rest = Array(name.utf8)[...]
    if let at = rest.lastIndex(of: UInt8(ascii: "@")), at > rest.startIndex {
      rest = rest[..<at]
      add(String(decoding: rest, as: UTF8.self), "without its version")
    }
    if let end = bedrockVersionStart(rest) {
      rest = rest[..<end]
      add(String(decoding: rest, as: UTF8.self), "without its version")
    }
    guard let date = dateStart(rest) else { return }
    if let dashed = dashedDate(rest, from: date) { add(dashed, "with its date in hyphens") }
    add(String(decoding: rest[..<date], as: UTF8.self), "without its date")
  }

  /// Claude's versions are written with a dot or a hyphen.
  private mutating func addPunctuation(_ form: Form) {
    guard form.name.contains("claude") else { return }
    let bytes = Array(form.name.utf8)
    var hyphened = bytes
    for i in bytes.indices where bytes[i] == UInt8(ascii: ".") && isBetweenDigits(bytes, i) {
      hyphened[i] = UInt8(ascii: "-")
    }
    add(String(decoding: hyphened, as: UTF8.self), joined(form.change, "with hyphens for dots"))
  }

  static let regions: Set<String> = [
    "us", "eu", "apac", "ap", "jp", "au", "ca", "sa", "in", "me", "af", "global", "us-gov", "regional",
  ]
  static let vendors: Set<String> = [
    "anthropic", "amazon", "meta", "mistral", "cohere", "ai21", "deepseek", "openai", "qwen", "stability", "writer",
    "twelvelabs", "google", "moonshotai", "moonshot", "minimax", "nvidia", "zai", "luma", "xai",
  ]
}

private func joined(_ a: String, _ b: String) -> String { a.isEmpty ? b : a + " and " + b }

private func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

private func isBetweenDigits(_ bytes: [UInt8], _ i: Int) -> Bool {
  i > 0 && i + 1 < bytes.count && isDigit(bytes[i - 1]) && isDigit(bytes[i + 1])
}

/// ASCII only: model names are ASCII, and other letters can match nothing.
func lowercased(_ text: String) -> String {
  let trimmed = Array(text.utf8).drop { $0 <= 32 }
  let end = trimmed.lastIndex { $0 > 32 }.map { $0 + 1 } ?? trimmed.startIndex
  return String(decoding: trimmed[..<end].map { (65...90).contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
}

/// Where "-v1:0", "-v2" or ":0" begins at the end of the name.
private func bedrockVersionStart(_ name: ArraySlice<UInt8>) -> Int? {
  var end = name.endIndex
  let digits = trailingDigits(name)
  guard (1...2).contains(digits) else { return nil }
  end -= digits
  if end > name.startIndex, name[end - 1] == UInt8(ascii: ":") {
    let colon = end - 1
    let before = trailingDigits(name[..<colon])
    let v = colon - before
    if (1...2).contains(before), hasVersionMark(name, endingAt: v) { return v - 2 }
    return colon
  }
  return hasVersionMark(name, endingAt: end) ? end - 2 : nil
}

private func hasVersionMark(_ name: ArraySlice<UInt8>, endingAt end: Int) -> Bool {
  end - 2 > name.startIndex && name[end - 1] == UInt8(ascii: "v") && name[end - 2] == UInt8(ascii: "-")
}

/// Where "-20250929", "-2025-09-29" or, for OpenAI's snapshots only, "-0613" begins at the end of the name. Elsewhere four
/// digits are as often another model as another day.
private func dateStart(_ name: ArraySlice<UInt8>) -> Int? {
  let patterns = ["-20######", "-20##-##-##"] + (name.starts(with: "gpt-".utf8) ? ["-0###", "-1###"] : [])
  for pattern in patterns {
    let start = name.endIndex - pattern.utf8.count
    guard start > name.startIndex else { continue }
    if zip(name[start...], pattern.utf8).allSatisfy({ $1 == UInt8(ascii: "#") ? isDigit($0) : $0 == $1 }) { return start }
  }
  return nil
}

private func dashedDate(_ name: ArraySlice<UInt8>, from start: Int) -> String? {
  guard name.endIndex - start == 9 else { return nil }
  let text = String(decoding: name, as: UTF8.self)
  return "\(text.dropLast(4))-\(text.suffix(4).prefix(2))-\(text.suffix(2))"
}

private func trailingDigits(_ name: ArraySlice<UInt8>) -> Int { name.reversed().prefix(while: isDigit).count }
