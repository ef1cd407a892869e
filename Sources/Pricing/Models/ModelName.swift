/// A sent model name and where it may be cut without becoming another model.
struct ModelName: Sendable {
  struct Cut: Sendable, Hashable {
    let at: Int
    /// What is cut off up to or from here, for the sentence: "path", "date"; none for the name as sent.
    let losses: [String]
  }
  /// In UTF-8 bytes: what is longer is no name, and isn't worth the work of looking.
  static let longest = 400
  private static let mostParts = 16

  let sent: String
  /// Lower case, without surrounding space, and without what an ARN says besides the name.
  let bytes: [UInt8]
  /// As `bytes`, same length, in the spelling in which dots and hyphens are alike.
  let folded: [UInt8]
  /// Where the name may begin, from as sent to the most stripped.
  private(set) var starts: [Cut]
  /// Where the name may end, from as sent to the most stripped.
  private(set) var ends: [Cut] = []
  /// A family rule of the catalogue must reach at least to here.
  private(set) var looseEnd: Int
  /// "eu", "global", "us-east-1": where the call was served, if the name says so.
  private(set) var region: String?
  /// Why no catalogue can know this name.
  private(set) var obstacle: String?
  private(set) var isARN = false

  init(_ sent: String) {
    self.sent = sent
    var all = Array(lowercased(sent).utf8)
    if let resource = AmazonResource(all) {
      all = resource.name
      region = resource.region
      obstacle = resource.obstacle
      isARN = true
    } else {
      Self.readColon(&all)
    }
    bytes = all
    folded = fold(all)
    starts = [Cut(at: 0, losses: [])]
    looseEnd = all.count
    guard !all.isEmpty else { return }
    if !isBoundToAnAccount { addStarts() }
    addEnds()
  }

  var isEmpty: Bool { bytes.isEmpty }

  func text(_ start: Cut, _ end: Cut) -> String { String(decoding: bytes[start.at..<end.at], as: UTF8.self) }
  func key(_ start: Cut, _ end: Cut) -> String { foldedKey(folded[start.at..<end.at]) }

  /// Non-last parts of a path: "bedrock", "us-east-1".
  var pathParts: [String] {
    bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropLast().prefix(6).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  /// A deployment of somebody's own that is called like a model may be anything.
  private var isBoundToAnAccount: Bool {
    if bytes.contains(UInt8(ascii: "#")) { return true }
    return bytes.starts(with: "accounts/".utf8) && !bytes.starts(with: "accounts/fireworks/".utf8)
  }

  /// "openai:gpt-4o" of LangChain and Pydantic AI is the path "openai/gpt-4o"; in "llama3.2:3b" and "mistral:7b" the colon
  /// is the name's.
  private static func readColon(_ bytes: inout [UInt8]) {
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), !bytes[..<colon].contains(UInt8(ascii: "/")) else { return }
    let word = ProviderName.key(String(decoding: bytes[..<colon], as: UTF8.self))
    guard word != "mistral", ProviderName.firstParties.contains(word) || ProviderName.aliases[word] != nil || resellers.contains(word) else {
      return
    }
    bytes[colon] = UInt8(ascii: "/")
  }

  private static let resellers: Set<String> = ["azure", "aws", "groq", "together", "fireworks", "openrouter", "ollama"]

  // MARK: Before the name

  private mutating func addStarts() {
    var begin = 0
    var previous = bytes[0..<0]
    while starts.count < Self.mostParts, let slash = bytes[begin...].firstIndex(of: UInt8(ascii: "/")) {
      let part = bytes[begin..<slash]
      if isWord(previous, "locations") || isRegion(part) { region = String(decoding: part, as: UTF8.self) }
      previous = part
      begin = slash + 1
      guard begin < bytes.count else { break }
      starts.append(Cut(at: begin, losses: ["path"]))
    }
    if begin < bytes.count { addDotted(from: begin) }
  }

  /// "us.anthropic.claude-…", "anthropic--claude-…", "omni-moderation-…".
  private mutating func addDotted(from begin: Int) {
    var losses = begin == 0 ? [] : ["path"]
    var begin = begin
    if let (word, next) = part(begin), Self.regions.contains(word), isRegionPart(word, next) {
      if word != "regional" { region = word }
      losses.append("region")
      starts.append(Cut(at: next, losses: losses))
      begin = next
    }
    if let (word, next) = part(begin), Self.vendors.contains(word) {
      starts.append(Cut(at: next, losses: losses + ["vendor"]))
    } else if let dash = firstDoubleHyphen(from: begin) {
      starts.append(Cut(at: dash + 2, losses: losses + ["vendor"]))
    } else if Self.prefixed.contains(where: { bytes[begin...].starts(with: $0.utf8) }) {
      starts.append(Cut(at: begin + 5, losses: losses + ["prefix"]))
    }
  }

  private func part(_ begin: Int) -> (word: String, next: Int)? {
    guard let dot = bytes[begin...].prefix(12).firstIndex(of: UInt8(ascii: ".")), dot > begin, dot + 1 < bytes.count else {
      return nil
    }
    return (String(decoding: bytes[begin..<dot], as: UTF8.self), dot + 1)
  }

  private func isRegionPart(_ word: String, _ next: Int) -> Bool {
    Self.plainRegions.contains(word) || part(next).map { Self.vendors.contains($0.word) } ?? false
  }

  private func firstDoubleHyphen(from begin: Int) -> Int? {
    let found = bytes[begin...].indices.first {
      $0 + 2 < bytes.count && bytes[$0] == UInt8(ascii: "-") && bytes[$0 + 1] == UInt8(ascii: "-")
    }
    return found.flatMap { Self.vendors.contains(String(decoding: bytes[begin..<$0], as: UTF8.self)) ? $0 : nil }
  }

  // MARK: After the name

  private mutating func addEnds() {
    let tail = NameTail(bytes: bytes, folded: folded, floor: starts.last?.at ?? 0)
    ends = [Cut(at: bytes.count, losses: [])]
    var losses: [String] = []
    while let cut = tail.strict(before: ends[ends.count - 1].at) {
      if !losses.contains(cut.kind.rawValue) { losses.append(cut.kind.rawValue) }
      ends.append(Cut(at: cut.at, losses: losses))
    }
    looseEnd = ends[ends.count - 1].at
    while let cut = tail.loose(before: looseEnd) { looseEnd = cut.at }
  }

  /// Families that the catalogue lists without the first word of their names.
  private static let prefixed = ["c4ai-aya", "omni-moderation", "text-moderation"]

  /// Words that stand before the vendor in Bedrock's inference profiles and in the catalogue's ids of them.
  static let regions: Set<String> = [
    "us", "eu", "apac", "ap", "jp", "au", "ca", "sa", "in", "me", "af", "global", "us-gov", "regional",
  ]
  private static let plainRegions: Set<String> = ["us", "eu", "apac", "jp", "au", "global", "us-gov", "regional"]
  static let vendors: Set<String> = [
    "anthropic", "amazon", "meta", "mistral", "cohere", "ai21", "deepseek", "openai", "qwen", "stability", "writer",
    "twelvelabs", "google", "moonshotai", "moonshot", "minimax", "nvidia", "zai", "luma", "xai",
  ]
}

/// "eu", "us-east-1", "europe-west4", "global-standard" as a part of a path.
private func isRegion(_ part: ArraySlice<UInt8>) -> Bool {
  guard (2...24).contains(part.count) else { return false }
  let text = String(decoding: part, as: UTF8.self)
  if regionParts.contains(text) { return true }
  guard let last = part.last, isASCIIDigit(last), let dash = part.firstIndex(of: UInt8(ascii: "-")) else { return false }
  return regionHeads.contains(String(decoding: part[..<dash], as: UTF8.self))
}
private let regionParts: Set<String> = ["us", "eu", "apac", "global", "jp", "au", "us-gov", "global-standard"]
private let regionHeads: Set<String> = [
  "us", "eu", "ap", "ca", "sa", "me", "af", "il", "mx", "cn", "europe", "asia", "northamerica", "southamerica", "australia",
  "africa",
]

/// "arn:aws:bedrock:REGION:ACCOUNT:KIND/NAME", alone or after a path.
private struct AmazonResource {
  let region: String?
  let name: [UInt8]
  let obstacle: String?

  init?(_ bytes: [UInt8]) {
    guard bytes.count > 12, let start = Self.start(bytes) else { return nil }
    let parts = bytes[start...].split(separator: UInt8(ascii: ":"), maxSplits: 5, omittingEmptySubsequences: false)
    guard parts.count == 6 else { return nil }
    region = parts[3].isEmpty ? nil : String(decoding: parts[3], as: UTF8.self)
    let resource = parts[5]
    let slash = resource.firstIndex(of: UInt8(ascii: "/")) ?? resource.endIndex
    let kind = resource[..<slash]
    name = slash < resource.endIndex ? Array(resource[(slash + 1)...]) : Array(resource)
    let namesAModel =
      isWord(parts[2], "bedrock") && (isWord(kind, "foundation-model") || isWord(kind, "inference-profile"))
    obstacle =
      namesAModel
      ? nil
      : "the ARN of \(Self.article(kind)) doesn't say which model it is; an alias for it would"
  }

  private static func start(_ bytes: [UInt8]) -> Int? {
    if bytes.starts(with: "arn:aws".utf8) { return 0 }
    var rest = bytes[...]
    while let slash = rest.firstIndex(of: UInt8(ascii: "/")) {
      rest = rest[(slash + 1)...]
      if rest.starts(with: "arn:aws".utf8) { return rest.startIndex }
    }
    return nil
  }

  private static func article(_ kind: ArraySlice<UInt8>) -> String {
    let words = String(decoding: kind.prefix(40).map { $0 == UInt8(ascii: "-") ? 32 : $0 }, as: UTF8.self)
    return (words.utf8.first.map { "aeiou".utf8.contains($0) } ?? false ? "an " : "a ") + words
  }
}
