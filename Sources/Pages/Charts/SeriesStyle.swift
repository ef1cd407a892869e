import Domain
import HTML

/// How a series is drawn: a place of the palette (0…7), hatched when the place is taken already, or grey for what is no one's.
struct SeriesStyle: Hashable {
  var place: Int?
  var isHatched: Bool

  static let grey = SeriesStyle(place: nil, isHatched: true)
  /// Class of the fill.
  var fillClass: String { place.map { "s\($0)" } ?? "sx" }

  /// The square before a name.
  var swatch: HTML {
    """
    <svg class="swatch" aria-hidden="true"><rect class="\(fillClass)" width="10" height="10" />\
    \(if: isHatched, "<rect width=\"10\" height=\"10\" fill=\"url(#hatch)\" />")</svg>
    """
  }

  /// Styles for values in order of weight. A stored colour is kept; others get a place from their own name, so that a model keeps
  /// its colour from page to page, moved on only when a heavier one holds it.
  static func assign(_ values: [DimensionValue]) -> [DimensionValue: SeriesStyle] {
    var styles: [DimensionValue: SeriesStyle] = [:]
    var taken: Set<Int> = []
    for value in values where value.value == nil { styles[value] = .grey }
    for value in values where value.value != nil && value.colour != nil && styles[value] == nil {
      let place = Int(value.colour ?? 0) & 7
      styles[value] = SeriesStyle(place: place, isHatched: !taken.insert(place).inserted)
    }
    for value in values where styles[value] == nil {
      let first = preferred(value.value ?? "")
      let free = (0..<8).map { (first + $0) & 7 }.first { !taken.contains($0) }
      styles[value] = SeriesStyle(place: free ?? first, isHatched: free == nil)
      taken.insert(free ?? first)
    }
    return styles
  }

  /// FNV-1a, because Swift's own hash differs from run to run.
  private static func preferred(_ name: String) -> Int {
    let hash = name.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
    return Int((hash >> 16 ^ hash) & 7)
  }
}

extension HTML.StringInterpolation {
  /// A coordinate or percentage with two decimals at most.
  mutating func appendInterpolation(xy value: Double) {
    let text = Digits.fixed(value, places: 2)
    appendInterpolation(text.hasSuffix(".00") ? String(text.dropLast(3)) : text)
  }
}
