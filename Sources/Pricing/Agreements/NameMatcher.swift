import Domain

/// Which of an organisation's patterns fit a name: looked up by hash where they are exact, walked only where they aren't.
/// Compile it once per list; regular expressions that don't compile fit nothing.
public struct NameMatcher: Sendable {
  /// By position, the order of precedence: a smaller rank wins.
  public let ranks: [Int]

  private enum Test: Sendable {
    case prefix([UInt8]), suffix([UInt8]), contains([UInt8]), regex(CompiledPattern)
  }
  private var exact: [String: [Int]] = [:]
  /// In order of precedence.
  private var others: [(position: Int, test: Test)] = []

  /// A pattern, and what breaks ties: whether it names a provider, its start (nil: earliest), its id.
  public typealias Entry = (pattern: NamePattern, isForProvider: Bool, from: Timestamp?, id: PriceEntryID)

  public init(_ entries: [Entry]) {
    let order = entries.indices.sorted { a, b in
      Self.precedence(entries[a]) < Self.precedence(entries[b])
    }
    var ranks = [Int](repeating: 0, count: entries.count)
    for (rank, position) in order.enumerated() { ranks[position] = rank }
    self.ranks = ranks
    for position in order {
      let pattern = entries[position].pattern
      let text = lowercased(pattern.text)
      guard !text.isEmpty else { continue }
      switch pattern.kind {
      case .exact: exact[text, default: []].append(position)
      case .prefix: others.append((position, .prefix(Array(text.utf8))))
      case .suffix: others.append((position, .suffix(Array(text.utf8))))
      case .contains: others.append((position, .contains(Array(text.utf8))))
      case .regex:
        if let compiled = try? CompiledPattern(pattern.text) { others.append((position, .regex(compiled))) }
      }
    }
  }

  /// Exact, prefix, suffix, contains, regex; then the longer pattern, the one for a provider, the one that began later, whichever
  /// was saved first; of one start the newer.
  private static func precedence(_ entry: Entry) -> (Int, Int, Int, Int64, Int32) {
    let rank = entry.pattern.rank
    // The complement turns the order round and cannot overflow.
    let start = entry.from.map { ~$0.microseconds } ?? Int64.max
    return (rank.kind, rank.length, entry.isForProvider ? 0 : 1, start, ~entry.id.rawValue)
  }

  public var isEmpty: Bool { ranks.isEmpty }

  /// Positions of the patterns that fit any of the names, by precedence. Names are taken as they are: lower-case them first.
  public func matches(_ names: [String]) -> [Int] {
    if isEmpty { return [] }
    var found = Set<Int>()
    for name in names {
      for position in exact[name] ?? [] { found.insert(position) }
    }
    if !others.isEmpty {
      let all = names.map { (text: $0, bytes: Array($0.utf8)) }
      for (position, test) in others where all.contains(where: { Self.fits($0.text, $0.bytes, test) }) {
        found.insert(position)
      }
    }
    return found.sorted { ranks[$0] < ranks[$1] }
  }

  private static func fits(_ name: String, _ bytes: [UInt8], _ test: Test) -> Bool {
    switch test {
    case .prefix(let text): MatchRule.Clause.startsWith(text).holds(bytes)
    case .suffix(let text): MatchRule.Clause.endsWith(text).holds(bytes)
    case .contains(let text): MatchRule.Clause.contains(text).holds(bytes)
    case .regex(let compiled): compiled.matches(name)
    }
  }

  /// The names by which an organisation may mean a sent model: as sent, then without its path, region and vendor; lower case.
  public static func names(of sent: String) -> [String] {
    var names = [lowercased(sent)]
    func add(_ name: Substring) {
      if !name.isEmpty, !names.contains(String(name)) { names.append(String(name)) }
    }
    var rest = names[0][...]
    while let slash = rest.utf8.firstIndex(of: UInt8(ascii: "/")) {
      rest = rest[rest.utf8.index(after: slash)...]
      add(rest)
    }
    for words in [ModelName.regions, ModelName.vendors] {
      guard let dot = rest.utf8.firstIndex(of: UInt8(ascii: ".")), words.contains(String(rest[..<dot])) else { continue }
      rest = rest[rest.utf8.index(after: dot)...]
      add(rest)
    }
    return names[0].isEmpty ? [] : names
  }
}

extension NamePattern {
  /// Smaller goes first: the kinds in order, then the longer text.
  var rank: (kind: Int, length: Int) {
    let kind: Int =
      switch self.kind {
      case .exact: 0
      case .prefix: 1
      case .suffix: 2
      case .contains: 3
      case .regex: 4
      }
    return (kind, -text.utf8.count)
  }

  /// nil: it can be used. An empty text fits nothing and is a problem too.
  public var problem: PatternProblem? {
    if lowercased(text).isEmpty { return PatternProblem(message: "the pattern is empty", offset: 0) }
    guard kind == .regex else { return nil }
    do {
      _ = try CompiledPattern(text)
      return nil
    } catch {
      return error
    }
  }

  /// Whether the pattern fits a model name as sent, or that name without path, region and vendor.
  /// For many names make one `NameMatcher`.
  public func fits(model sent: String) -> Bool {
    !NameMatcher([(self, false, nil, PriceEntryID(0))]).matches(NameMatcher.names(of: sent)).isEmpty
  }
}
