/// ASCII only: model names are ASCII, and other letters can match nothing.
func lowercased(_ text: String) -> String {
  let trimmed = Array(text.utf8).drop { $0 <= 32 }
  let end = trimmed.lastIndex { $0 > 32 }.map { $0 + 1 } ?? trimmed.startIndex
  return String(decoding: trimmed[..<end].map { (65...90).contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
}

/// One spelling for what people write with a dot, a hyphen, an underscore or an at sign, and for Fireworks' "v3p1" (3.1).
/// Same length, so that positions stay. Never joins or splits a number.
func fold(_ bytes: [UInt8]) -> [UInt8] {
  var result = bytes
  for i in bytes.indices {
    switch bytes[i] {
    case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "@"): result[i] = UInt8(ascii: "-")
    case UInt8(ascii: "p") where i > 0 && i + 1 < bytes.count && isASCIIDigit(bytes[i - 1]) && isASCIIDigit(bytes[i + 1]):
      result[i] = UInt8(ascii: "-")
    default: break
    }
  }
  return result
}

/// A folded name as a dictionary key: a date at its end is written without hyphens.
func foldedKey(_ folded: ArraySlice<UInt8>) -> String {
  let end = folded.endIndex
  guard folded.count > 11, folded[end - 3] == UInt8(ascii: "-"), folded[end - 6] == UInt8(ascii: "-"),
    folded[end - 11] == UInt8(ascii: "-"),
    [1, 2, 4, 5, 7, 8, 9, 10].allSatisfy({ isASCIIDigit(folded[end - $0]) })
  else { return String(decoding: folded, as: UTF8.self) }
  var bytes = Array(folded)
  bytes.remove(at: bytes.count - 3)
  bytes.remove(at: bytes.count - 5)
  return String(decoding: bytes, as: UTF8.self)
}

func foldedKey(_ name: String) -> String { foldedKey(fold(Array(lowercased(name).utf8))[...]) }
