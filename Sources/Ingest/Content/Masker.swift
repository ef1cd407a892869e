import Domain

/// Searches a text for one regular expression: every place, none overlapping. False when it was stopped by its limits.
public typealias MaskSearch = @Sendable (_ text: UnsafeBufferPointer<UInt8>, _ found: (Range<Int>) -> Void) -> Bool

/// Replaces personal values and secrets in texts. Pure: equal texts stay equal, so that a resend changes no row.
public struct Masker: Sendable {
  /// A pattern of a project's own, compiled.
  public struct Pattern: Sendable {
    public var name: String
    public var search: MaskSearch
    public init(name: String, search: @escaping MaskSearch) {
      self.name = name
      self.search = search
    }
  }

  private let kinds: KindSet
  private let patterns: [Pattern]
  /// nil: values are named by their kind alone.
  private let hash: KeyedHash?

  public init(kinds: Set<MaskKind>, patterns: [Pattern] = [], hash: KeyedHash? = nil) {
    self.kinds = KindSet(kinds)
    self.patterns = patterns
    self.hash = hash
  }

  /// `text` without what is masked, or nil when nothing is; what was found is added to `tally`.
  /// - Parameter sparesNumbers: numbers of a JSON text are counts, not values: only its strings are looked at.
  public func masked(_ text: String, _ tally: inout ContentTally, sparesNumbers: Bool = false) -> String? {
    var text = text
    return text.withUTF8 { bytes in
      EscapedView.with(bytes) { view in replaced(bytes, &view, &tally, sparesNumbers) }
    }
  }

  /// What `masked` gives, or the text as it is.
  public func callAsFunction(_ text: String, _ tally: inout ContentTally) -> String { masked(text, &tally) ?? text }

  private struct Place {
    var range: Range<Int>
    var mark: String
    var isNumeric: Bool
  }

  private func replaced(
    _ text: UnsafeBufferPointer<UInt8>, _ view: inout EscapedView, _ tally: inout ContentTally, _ sparesNumbers: Bool
  ) -> String? {
    var places = kinds.isEmpty ? [] : MaskScan.run(view.bytes, kinds).map {
      Place(range: $0.range, mark: $0.kind.mark, isNumeric: $0.kind == .card)
    }
    for pattern in patterns {
      let isWhole = pattern.search(view.bytes) { range in
        if !range.isEmpty { places.append(Place(range: range, mark: pattern.name, isNumeric: true)) }
      }
      guard isWhole else {
        tally.add(ContentTally.stopped)
        return "[not kept: the pattern \(pattern.name) took too long]"
      }
    }
    if places.isEmpty { return nil }
    if !patterns.isEmpty { places = Self.merged(places) }
    var writer = MaskWriter(text), isChanged = false
    for place in places {
      let value = view.bytes[place.range]
      let range = view.textRange(place.range)
      let isBare = place.isNumeric || sparesNumbers ? writer.isOutsideStrings(range) : false
      if isBare, sparesNumbers { continue }
      tally.add(place.mark)
      isChanged = true
      writer.replace(range, by: mark(place.mark, value), quoted: isBare)
    }
    return isChanged ? writer.finished : nil
  }

  /// Places that overlap become one, under the name of the first.
  private static func merged(_ places: [Place]) -> [Place] {
    var result: [Place] = []
    for place in places.sorted(by: { ($0.range.lowerBound, -$0.range.count) < ($1.range.lowerBound, -$1.range.count) }) {
      if let last = result.last, place.range.lowerBound < last.range.upperBound {
        result[result.count - 1].range = last.range.lowerBound..<max(last.range.upperBound, place.range.upperBound)
      } else {
        result.append(place)
      }
    }
    return result
  }

  /// Values that differ only in how they are written (case, blanks) have one hash.
  private func mark(_ name: String, _ value: Slice<UnsafeBufferPointer<UInt8>>) -> String {
    guard let hash else { return "[\(name)]" }
    let plain = value.compactMap { byte -> UInt8? in
      Letters.isUpper(byte) ? byte | 32 : [32, 45, 46, 47, 40, 41].contains(byte) && name != MaskKind.email.mark && name != MaskKind.ip.mark ? nil : byte
    }
    return "[\(name):\(MediaID.hex(Array(hash.bytes("mask " + name, plain).prefix(4))))]"
  }
}

/// Writes a text with some stretches replaced.
private struct MaskWriter {
  private let text: UnsafeBufferPointer<UInt8>
  private var out: [UInt8] = []
  private var copied = 0
  /// Where the JSON text is, for asking whether a place is inside a string.
  private var read = 0
  private var isInString = false
  private let isJSON: Bool

  init(_ text: UnsafeBufferPointer<UInt8>) {
    self.text = text
    out.reserveCapacity(text.count)
    let first = text.first { $0 > 32 }
    isJSON = first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
  }

  mutating func replace(_ range: Range<Int>, by mark: String, quoted: Bool) {
    guard range.lowerBound >= copied else { return }
    out.append(contentsOf: text[copied..<range.lowerBound])
    if quoted { out.append(UInt8(ascii: "\"")) }
    out.append(contentsOf: mark.utf8)
    if quoted { out.append(UInt8(ascii: "\"")) }
    copied = range.upperBound
  }

  /// A number of the JSON text itself: what stands for it needs quotes.
  mutating func isOutsideStrings(_ range: Range<Int>) -> Bool {
    guard isJSON else { return false }
    while read < range.lowerBound {
      if text[read] == UInt8(ascii: "\"") { isInString.toggle() }
      read += isInString && text[read] == UInt8(ascii: "\\") ? 2 : 1
    }
    return !isInString && read == range.lowerBound && range.allSatisfy { Letters.isWord(text[$0]) || ".+-".utf8.contains(text[$0]) }
  }

  var finished: String {
    String(decoding: out + text[copied...], as: UTF8.self)
  }
}
