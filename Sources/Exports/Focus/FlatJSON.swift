/// One level of texts, as FOCUS wants its JSON columns.
enum FlatJSON {
  /// Entries without a value are left out, of a repeated name the first stays; empty when none is left.
  static func cell(_ entries: [(String, String?)]) -> Cell {
    var seen: Set<String> = []
    let members = entries.compactMap { name, value -> String? in
      guard let value, !value.isEmpty, !name.isEmpty, seen.insert(name).inserted else { return nil }
      return quoted(name) + ":" + quoted(value)
    }
    return members.isEmpty ? .empty : .verbatim("{" + members.joined(separator: ",") + "}")
  }

  private static func quoted(_ text: String) -> String {
    var bytes: [UInt8] = [0x22]
    for byte in text.utf8 {
      switch byte {
      case 0x22, 0x5C: bytes += [0x5C, byte]
      case 0..<0x20:
        let digits = Array("0123456789abcdef".utf8)
        bytes += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes + [0x22], as: UTF8.self)
  }
}
