/// Which names a catalogue entry goes by: alternatives, each a list of conditions that must hold together.
public struct MatchRule: Sendable, Hashable {
  /// One condition on a lower-case name, both as UTF-8.
  public enum Clause: Sendable, Hashable {
    case equals([UInt8])
    case startsWith([UInt8])
    case endsWith([UInt8])
    case contains([UInt8])
    /// `#` is a digit; a trailing `*` is any rest.
    case like([UInt8])
    case lacks([UInt8])
    /// No part between hyphens, after the first, is this word.
    case lacksPart([UInt8])
  }
  public let alternatives: [[Clause]]
  /// As the catalogue writes them.
  public let texts: [String]

  /// nil when one of the texts is not "kind pattern", joined by " & ".
  public init?(_ texts: [String]) {
    var alternatives: [[Clause]] = []
    for text in texts {
      if !text.utf8.contains(UInt8(ascii: "&")) {
        guard let clause = Self.clause(text[...]) else { return nil }
        alternatives.append([clause])
      } else {
        let clauses = text.split(separator: " & ").map(Self.clause)
        guard !clauses.contains(nil) else { return nil }
        alternatives.append(clauses.compactMap(\.self))
      }
    }
    self.alternatives = alternatives
    self.texts = texts
  }

  private static func clause(_ text: Substring) -> Clause? {
    guard let space = text.utf8.firstIndex(of: UInt8(ascii: " ")) else { return nil }
    let pattern = Array(text.utf8[text.utf8.index(after: space)...])
    guard !pattern.isEmpty else { return nil }
    return switch text[..<space] {
    case "equals": .equals(pattern)
    case "starts_with": .startsWith(pattern)
    case "ends_with": .endsWith(pattern)
    case "contains": .contains(pattern)
    case "like": .like(pattern)
    case "lacks": .lacks(pattern)
    case "lacks_part": .lacksPart(pattern)
    default: nil
    }
  }

  /// The alternatives that are plain names.
  var names: [String] {
    alternatives.compactMap { clauses in
      if clauses.count == 1, case .equals(let name) = clauses[0] { String(decoding: name, as: UTF8.self) } else { nil }
    }
  }

  /// True when any alternative holds for the lower-case `name`, the version guard aside.
  public func matches(_ name: String) -> Bool {
    let bytes = Array(name.utf8)
    return alternatives.contains { $0.allSatisfy { $0.holds(bytes) } }
  }
}

extension MatchRule.Clause {
  func holds(_ name: [UInt8]) -> Bool {
    switch self {
    case .equals(let x): name == x
    case .startsWith(let x): name.starts(with: x)
    case .endsWith(let x): name.count >= x.count && name.suffix(x.count).elementsEqual(x)
    case .contains(let x): firstIndex(of: x, in: name) != nil
    case .like(let x): isLike(name, pattern: x)
    case .lacks(let x): firstIndex(of: x, in: name) == nil
    case .lacksPart(let x):
      !name.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false).dropFirst().contains {
        $0.elementsEqual(x)
      }
    }
  }
}

private func firstIndex(of pattern: [UInt8], in name: [UInt8]) -> Int? {
  guard pattern.count <= name.count else { return nil }
  return (0...(name.count - pattern.count)).first { start in
    pattern.indices.allSatisfy { name[start + $0] == pattern[$0] }
  }
}

private func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

private func isLike(_ name: [UInt8], pattern: [UInt8]) -> Bool {
  let open = pattern.last == UInt8(ascii: "*")
  let fixed = open ? pattern.dropLast() : pattern[...]
  guard open ? name.count >= fixed.count : name.count == fixed.count else { return false }
  return zip(name, fixed).allSatisfy { $1 == UInt8(ascii: "#") ? isDigit($0) : $0 == $1 }
}
