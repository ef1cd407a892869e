import Domain

/// A form in which prices come and go as a file.
public enum PriceFormat: String, Sendable, Hashable, CaseIterable {
  /// Our own JSON: listings, terms, aliases and switches, nothing lost.
  case quipu
  /// data.json of genai-prices.
  case genaiPrices = "genai-prices"
  /// model_prices_and_context_window.json of LiteLLM.
  case litellm
  /// Listings only, one a row.
  case csv

  /// For people.
  public var label: String {
    switch self {
    case .quipu: "Quipu JSON"
    case .genaiPrices: "genai-prices JSON"
    case .litellm: "LiteLLM JSON"
    case .csv: "CSV"
    }
  }
  /// Of a file in this form, with its dot.
  public var fileExtension: String { self == .csv ? ".csv" : ".json" }
  public var mediaType: String { self == .csv ? "text/csv; charset=utf-8" : "application/json" }

  /// By what the file looks like; nil when it looks like none.
  public init?(looksLike bytes: [UInt8]) {
    guard let first = bytes.first(where: { $0 > 32 && $0 != 0xEF && $0 != 0xBB && $0 != 0xBF }) else { return nil }
    guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else {
      let head = String(decoding: bytes.prefix { $0 != 10 && $0 != 13 }, as: UTF8.self)
      guard head.contains("pattern") else { return nil }
      self = .csv
      return
    }
    guard let tree = try? JSONReader.tree(bytes) else { return nil }
    if tree["format"]?.text == QuipuPrices.format {
      self = .quipu
    } else if GenaiPrices.providers(tree) != nil {
      self = .genaiPrices
    } else if tree.members?.contains(where: { $0.value["litellm_provider"] != nil }) == true {
      self = .litellm
    } else {
      return nil
    }
  }

  /// Reads a file. Never fails: what is not understood is in the answer's problems.
  public func read(_ bytes: [UInt8], defaults: PriceImportDefaults = PriceImportDefaults()) -> PriceImport {
    if self == .csv { return CSVPrices.read(bytes, defaults) }
    let tree: JSONTree
    do throws(JSONFault) {
      tree = try JSONReader.tree(bytes)
    } catch {
      return PriceImport(problems: [PriceFileProblem(place: "line \(error.line)", message: "no JSON: \(error.message)")]
      )
    }
    return switch self {
    case .quipu: QuipuPrices.read(tree, defaults)
    case .genaiPrices: GenaiPrices.read(tree, defaults)
    case .litellm, .csv: LiteLLMPrices.read(tree, defaults)
    }
  }

  public func read(_ text: String, defaults: PriceImportDefaults = PriceImportDefaults()) -> PriceImport {
    read(Array(text.utf8), defaults: defaults)
  }

  /// Writes a file. What the format cannot say is left out and named; Quipu JSON leaves nothing out.
  public func write(_ agreements: PriceAgreements) -> PriceExport {
    switch self {
    case .quipu: PriceExport(text: QuipuPrices.write(agreements))
    case .genaiPrices: GenaiPrices.write(agreements)
    case .litellm: LiteLLMPrices.write(agreements)
    case .csv: CSVPrices.write(agreements)
    }
  }
}

/// A file made of an organisation's prices.
public struct PriceExport: Sendable, Hashable {
  public var text: String
  /// Entries that the format cannot hold.
  public var leftOut: [PriceFileProblem] = []

  mutating func leaveOut(_ place: String, _ message: String) {
    leftOut.append(PriceFileProblem(place: place, message: message))
  }

  /// Names what only Quipu JSON holds.
  mutating func leaveOutAllButListings(_ agreements: PriceAgreements) {
    for (count, what) in [
      (agreements.terms.count, "terms"), (agreements.aliases.count, "aliases"),
      (agreements.withoutCatalogue.count, "providers without catalogue"),
    ] where count > 0 {
      leaveOut(what, "\(count) left out: only Quipu JSON holds them")
    }
  }
}

extension PriceListing {
  /// "openai/prefix gpt-4o".
  var place: String { "\(provider.map { $0 + "/" } ?? "")\(pattern.kind.rawValue) \(pattern.text)" }
}

/// JSON text, member by member; keys are written in the order given.
enum JSONText {
  static func string(_ text: String) -> String {
    var out: [UInt8] = [UInt8(ascii: "\"")]
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), byte]
      case 10: out += Array("\\n".utf8)
      case 0..<32, 127:
        let hex = String(byte, radix: 16)
        out += Array("\\u\(String(repeating: "0", count: 4 - hex.utf8.count))\(hex)".utf8)
      default: out.append(byte)
      }
    }
    out.append(UInt8(ascii: "\""))
    return String(decoding: out, as: UTF8.self)
  }

  /// Values are JSON already; members with nil are left out.
  static func object(_ members: [(String, String?)]) -> String {
    "{" + members.compactMap { key, value in value.map { "\(string(key)):\($0)" } }.joined(separator: ",") + "}"
  }

  /// In the order of the keys.
  static func strings(_ pairs: [String: String]) -> String {
    object(pairs.sorted { $0.key < $1.key }.map { ($0, string($1)) })
  }

  /// One element a line.
  static func lines(_ elements: [String]) -> String {
    elements.isEmpty ? "[]" : "[\n" + elements.joined(separator: ",\n") + "\n]"
  }
}
