import Domain

/// Looks for the terms of a search in bodies. Holds buffers: one for each thread.
final class TextMatcher {
  private let text: SearchText
  private var reading: [UInt8] = []

  init(_ text: SearchText) { self.text = text }

  /// One bit a term.
  typealias Terms = UInt32
  var all: Terms { 1 << Terms(text.terms.count) &- 1 }

  /// Terms that may stand in a block, read as one text: never fewer than stand in its parts.
  func termsPossible(in block: UnsafeBufferPointer<UInt8>) -> Terms {
    let count = TextReading(isJSON: false, isFolded: true).read(block, into: &reading)
    return terms { term in term.words.allSatisfy { place(of: $0, from: 0, count) != nil } }
  }

  /// Terms that stand in one part.
  func terms(in part: UnsafeBufferPointer<UInt8>) -> Terms {
    let count = TextReading(isJSON: TextReading.looksLikeJSON(part), isFolded: true).read(part, into: &reading)
    return terms { place(of: $0.needle, from: 0, count) != nil }
  }

  private func terms(_ stands: (SearchText.Term) -> Bool) -> Terms {
    var found: Terms = 0
    for (i, term) in text.terms.enumerated() where stands(term) { found |= 1 << Terms(i) }
    return found
  }

  private func place(of needle: Needle, from: Int, _ count: Int) -> Int? {
    reading.withUnsafeBufferPointer { needle.place(in: UnsafeBufferPointer(rebasing: $0[..<count]), from: from) }
  }

  // MARK: Excerpts

  static let scalarsBefore = 40
  static let scalarsAfter = 160

  /// The text around the first hit of a part that holds a term, hits marked; empty when it holds none.
  func excerpt(of part: UnsafeBufferPointer<UInt8>) -> [TraceMatch.Piece] {
    let isJSON = TextReading.looksLikeJSON(part)
    let count = TextReading(isJSON: isJSON, isFolded: true).read(part, into: &reading)
    let firsts = text.terms.compactMap { place(of: $0.needle, from: 0, count) }
    guard let first = firsts.min() else { return [] }
    let from = back(from: first, by: Self.scalarsBefore)
    let to = forward(from: first, by: Self.scalarsAfter, count)
    let hits = hits(from, to, count)
    // The same scalars, as they were written.
    let before = scalars(0, from)
    let folded = (from..<to).filter { reading[$0] & 0xC0 != 0x80 }
    let plainCount = TextReading(isJSON: isJSON, isFolded: false).read(part, into: &reading)
    var at = forward(from: 0, by: before, plainCount)
    var pieces: [TraceMatch.Piece] = from > 0 ? [TraceMatch.Piece(text: "…", isHit: false)] : []
    for place in folded {
      let next = forward(from: at, by: 1, plainCount)
      add(String(decoding: reading[at..<next], as: UTF8.self), hits.contains { $0.contains(place) }, to: &pieces)
      at = next
    }
    if at < plainCount { add("…", false, to: &pieces) }
    return pieces
  }

  private func add(_ scalar: String, _ isHit: Bool, to pieces: inout [TraceMatch.Piece]) {
    if let last = pieces.indices.last, pieces[last].isHit == isHit {
      pieces[last].text += scalar
    } else {
      pieces.append(TraceMatch.Piece(text: scalar, isHit: isHit))
    }
  }

  /// Bytes of the folded reading that belong to a hit.
  private func hits(_ from: Int, _ to: Int, _ count: Int) -> [Range<Int>] {
    var hits: [Range<Int>] = []
    for term in text.terms {
      var next = from
      while let place = place(of: term.needle, from: next, count), place < to {
        next = place + term.needle.bytes.count
        hits.append(place..<next)
      }
    }
    return hits
  }

  private func scalars(_ from: Int, _ to: Int) -> Int {
    reading[from..<to].reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
  }

  private func back(from place: Int, by scalars: Int) -> Int {
    var at = place
    var left = scalars
    while at > 0, left > 0 {
      at -= 1
      if reading[at] & 0xC0 != 0x80 { left -= 1 }
    }
    return at
  }

  private func forward(from place: Int, by scalars: Int, _ count: Int) -> Int {
    var at = place
    var left = scalars
    while at < count {
      if reading[at] & 0xC0 != 0x80 {
        if left == 0 { break }
        left -= 1
      }
      at += 1
    }
    return at
  }
}
