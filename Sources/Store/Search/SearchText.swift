import Domain

/// A text that can't be searched for.
public struct SearchTextRefusal: Error, Sendable, Hashable {
  public let message: String
}

/// What someone typed: words, each of them part of a body somewhere, and "phrases" in quotes.
struct SearchText: Sendable {
  static let bytesMax = 1000
  static let termsMax = 20

  let terms: [Term]

  struct Term: Sendable, Hashable {
    /// As it must stand in a body's folded reading.
    var needle: Needle
    /// Its parts between blanks: a block that lacks one of them lacks the term, however its parts are read.
    var words: [Needle]
    /// What its signature must have; empty when the term is too short to tell anything.
    var places: [Int]

    init?(_ text: some StringProtocol) {
      let bytes = Array(text.utf8)
      var read: [UInt8] = []
      let count = bytes.withUnsafeBufferPointer { TextReading(isJSON: false, isFolded: true).read($0, into: &read) }
      let parts = read[..<count].split(separator: 32).map(Array.init)
      words = parts.map(Needle.init)
      needle = Needle(Array(parts.joined(separator: [32])))
      places = BlockSignature.places(of: bytes)
      if parts.isEmpty { return nil }
    }
  }

  /// *Errors:* `SearchTextRefusal` when it is empty, too long or has too many words.
  init(_ text: String) throws {
    guard text.utf8.count <= Self.bytesMax else {
      throw SearchTextRefusal(message: "The search is longer than \(Self.bytesMax) bytes.")
    }
    var seen: Set<Term> = []
    terms = Self.split(text).compactMap { Term($0) }.filter { seen.insert($0).inserted }
    if terms.isEmpty { throw SearchTextRefusal(message: "The search holds no word.") }
    if terms.count > Self.termsMax {
      throw SearchTextRefusal(message: "The search has more than \(Self.termsMax) words; a \"phrase\" counts as one.")
    }
  }

  /// A quote opens a phrase at the beginning of a word and closes it wherever it stands; `\"` is a quote to search for.
  private static func split(_ text: String) -> [String] {
    var parts: [String] = []
    var part = String.UnicodeScalarView()
    var isPhrase = false
    var isEscaped = false
    func end() {
      if !part.isEmpty { parts.append(String(part)) }
      part = String.UnicodeScalarView()
      isPhrase = false
    }
    for letter in text.unicodeScalars {
      let isQuote = (letter == "\"" || letter == "“" || letter == "”" || letter == "„") && !isEscaped
      isEscaped = letter == "\\" && !isEscaped
      if isQuote, isPhrase {
        end()
      } else if isQuote, part.isEmpty {
        isPhrase = true
      } else if letter.properties.isWhitespace, !isPhrase {
        end()
      } else {
        part.append(letter)
      }
    }
    end()
    return parts
  }

  /// Some part of it is not told by signatures.
  var isSlow: Bool { terms.allSatisfy(\.places.isEmpty) }

  /// The text as an id: without quotes around it.
  static func id(_ text: String) -> String {
    var id = Substring(text)
    while id.first?.isWhitespace == true { id.removeFirst() }
    while id.last?.isWhitespace == true { id.removeLast() }
    if id.count > 2, id.first == "\"", id.last == "\"" { id = id.dropFirst().dropLast() }
    return String(id)
  }
}
