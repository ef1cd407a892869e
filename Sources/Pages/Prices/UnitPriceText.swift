import HTML

/// A unit's price as listed, "1.25 >200000:2.5": US dollars, then what holds for the whole request above a prompt size.
public struct UnitPriceText: HTMLConvertible, Sendable, Hashable {
  public let base: String
  /// By rising threshold in prompt tokens.
  public let tiers: [(over: Int64, price: String)]

  public init(_ listed: String) {
    let words = listed.split(separator: " ")
    base = Self.dollars(words.first.map(String.init) ?? "")
    tiers = words.dropFirst().compactMap { word in
      let parts = word.drop { $0 == ">" }.split(separator: ":")
      guard parts.count == 2, let over = Int64(parts[0]) else { return nil }
      return (over, Self.dollars(String(parts[1])))
    }
  }

  /// Every digit as listed, at least two behind the point: "2.5" is "$2.50", "0.075" stays.
  static func dollars(_ decimal: String) -> String {
    let parts = decimal.split(separator: ".", omittingEmptySubsequences: false)
    guard let whole = parts.first, !whole.isEmpty, parts.count <= 2, !decimal.contains("e") else { return "$" + decimal }
    let fraction = parts.count == 2 ? String(parts[1]) : ""
    if whole.allSatisfy({ $0 == "0" }), fraction.allSatisfy({ $0 == "0" }) { return "$0" }
    return "$" + whole + "." + fraction + String(repeating: "0", count: max(0, 2 - fraction.count))
  }

  public var html: HTML {
    "\(base)\(tiers, { Self.tier($0.over, $0.price) })"
  }

  private static func tier(_ over: Int64, _ price: String) -> HTML {
    """
    <small class="tier" title="For the whole request when its prompt has more than \(Digits.grouped(over)) tokens">\
    \(price) over \(TokenText(over).text)</small>
    """
  }

  public static func == (a: Self, b: Self) -> Bool {
    a.base == b.base && a.tiers.map(\.over) == b.tiers.map(\.over) && a.tiers.map(\.price) == b.tiers.map(\.price)
  }
  public func hash(into hasher: inout Hasher) { hasher.combine(base) }
}

/// Words for the catalogue's unit keys. A key that is not known here is shown by its own words.
public enum UnitWords {
  /// What a price is for: "Input", "Cache read".
  public static func name(_ key: String) -> String {
    if let known = names[key] { return known }
    let words = key.split(separator: "_").filter { !suffixes.contains(String($0)) }
    let text = words.joined(separator: " ")
    return text.prefix(1).uppercased() + text.dropFirst()
  }

  /// What it is per: "million tokens".
  public static func per(_ key: String) -> String {
    guard let suffix = key.split(separator: "_").last.map(String.init) else { return "unit" }
    switch suffix {
    case "mtok": return "million tokens"
    case "mchars": return "million characters"
    case "kpages": return "thousand pages"
    case "hours": return "hour"
    case "seconds": return "second"
    case "kcount":
      return "thousand " + (key.contains("search") ? "searches" : key.contains("request") ? "requests" : "pieces")
    default: return suffix
    }
  }

  private static let suffixes: Set<String> = ["mtok", "mchars", "kpages", "kcount"]
  private static let names = [
    "input_mtok": "Input", "output_mtok": "Output", "cache_read_mtok": "Cache read", "cache_write_mtok": "Cache write",
    "cache_write_1h_mtok": "Cache write, 1 hour", "output_reasoning_mtok": "Reasoning", "input_audio_mtok": "Audio input",
    "cache_audio_read_mtok": "Audio from cache", "output_audio_mtok": "Audio output", "input_image_mtok": "Image input",
    "cache_image_read_mtok": "Image from cache", "output_image_mtok": "Image output", "input_video_mtok": "Video input",
    "output_video_mtok": "Video output", "requests_kcount": "Requests", "web_searches_kcount": "Web searches",
    "input_mchars": "Characters", "input_document_kpages": "Pages", "input_annotated_document_kpages": "Annotated pages",
    "audio_hours": "Audio", "input_audio_hours": "Audio input, by time", "output_citation_mtok": "Citations",
    "storage_searches_kcount": "File searches", "input_text_messages_kcount": "Messages",
  ]
}

/// Conditions and dates of price rows, in words.
enum PriceWords {
  static func conditions(_ conditions: [String: String]) -> String {
    conditions.sorted { $0.key < $1.key }.map { "\(name($0.key)) \($0.value)" }.joined(separator: ", ")
  }

  private static func name(_ key: String) -> String { key.split(separator: "_").joined(separator: " ") }

  static func pattern(_ kind: String, _ text: String) -> HTML {
    kind == "exact" ? "<code>\(text)</code>" : "\(words[kind] ?? kind) <code>\(text)</code>"
  }

  static let words = [
    "exact": "is", "prefix": "starts with", "suffix": "ends with", "contains": "contains", "regex": "matches",
  ]
}
