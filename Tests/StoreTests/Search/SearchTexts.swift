import Foundation

@testable import Store

/// Texts and ways of writing them, for search tests.
enum SearchTexts {
  /// Letters of many scripts, in every case, with marks, ideographs, emoji and what JSON must escape.
  static let scalars: [Unicode.Scalar] = Array(
    "abcXYZ019 \n\t\"\\/{}:,.-_éÀßẞſKİıµΣσςЖжЁёabdeАБв漢字仮名カナ한국어العربية́हिन्दी😀𐐀𐐨ǅǆ　€Ⱥⱥ".unicodeScalars)

  static func random(_ count: Int, _ generator: inout SystemRandomNumberGenerator) -> String {
    var text = String.UnicodeScalarView()
    for _ in 0..<count {
      if Int.random(in: 0..<4, using: &generator) == 0 {
        text.append(scalars[Int.random(in: 0..<scalars.count, using: &generator)])
      } else {
        text.append(Unicode.Scalar(UInt8.random(in: 97...122, using: &generator)))
      }
    }
    return String(text)
  }

  /// As a JSON string; with `ascii` everything else as `\uXXXX`.
  static func json(_ text: String, ascii: Bool) -> String {
    var out = "\""
    for unit in text.utf16 {
      switch unit {
      case 34: out += "\\\""
      case 92: out += "\\\\"
      case 10: out += "\\n"
      case 9: out += "\\t"
      case 0..<32: out += String(format: "\\u%04x", unit)
      default: break
      }
      if unit == 34 || unit == 92 || unit < 32 { continue }
      if unit < 128 { out.unicodeScalars.append(Unicode.Scalar(UInt8(unit))) }
      if unit >= 128, ascii { out += String(format: "\\u%04X", unit) }
      if unit >= 128, !ascii { return plain(text) }
    }
    return out + "\""
  }

  private static func plain(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\t": out += "\\t"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }

  /// The same for a reader who does not mind cases: scalars whose other case folds to the same are swapped at random.
  static func recased(_ text: String, _ generator: inout SystemRandomNumberGenerator) -> String {
    var out = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let upper = scalar.properties.uppercaseMapping.unicodeScalars
      let lower = scalar.properties.lowercaseMapping.unicodeScalars
      let choices = [upper, lower].filter { $0.count == 1 }.compactMap(\.first).filter { folded($0) == folded(scalar) }
      out.append(choices.randomElement(using: &generator) ?? scalar)
    }
    return String(out)
  }

  static func folded(_ scalar: Unicode.Scalar) -> UInt32 {
    CaseFolding.basicPlane.withUnsafeBufferPointer { TextScalars.folded(scalar.value, $0) }
  }

  static func signature(_ parts: [String]) -> [UInt8] {
    var signature = BlockSignature()
    for part in parts { Array(part.utf8).withUnsafeBufferPointer { signature.add($0) } }
    return signature.bytes()
  }

  /// Whether all terms of `text` stand in `part`.
  static func matches(_ text: String, _ part: String) throws -> Bool {
    let matcher = TextMatcher(try SearchText(text))
    return Array(part.utf8).withUnsafeBufferPointer { matcher.terms(in: $0) == matcher.all }
  }

  /// Whether the block of `parts` would be read and kept.
  static func passes(_ text: String, _ parts: [String]) throws -> Bool {
    let search = try SearchText(text)
    let signature = signature(parts)
    guard search.terms.allSatisfy({ BlockSignature.has($0.places, in: signature) }) else { return false }
    let matcher = TextMatcher(search)
    let block: [UInt8] = parts.flatMap { (part: String) -> [UInt8] in Array(part.utf8) + [0] }
    return block.withUnsafeBufferPointer { matcher.termsPossible(in: $0) == matcher.all }
  }
}
