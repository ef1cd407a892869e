import Domain
import Testing

@testable import Store

@Suite struct TextMatcherTests {
  @Test(arguments: [
    ("refund", "Please REFUND me", true), ("fun", "a refund", true), ("refund me", "me first, then a refund", true),
    ("\"refund me\"", "me first, then a refund", false), ("\"refund me\"", "Refund\n\tme", true),
    ("\"refund me\"", "{\"a\":\"Refund\\nme\"}", true), ("ΣΊΣΥΦΟΣ", "σίσυφος", true), ("straße", "STRAẞE", true),
    ("münchen", "{\"city\":\"M\\u00fcnchen\"}", true), ("münchen", "{\"args\":\"{\\\"city\\\":\\\"M\\\\u00FCnchen\\\"}\"}", true),
    ("M\\u00fcnchen", "in München", true), ("munchen", "München", false), ("😀 ok", "[\"\\ud83d\\ude00 ok\"]", true),
    ("\"said \\\"stop it\\\"\"", "{\"a\":\"He said \\\"stop it\\\" now\"}", true), ("Москва", "в МОСКВЕ и москва", true),
    ("C:\\new", "open C:\\new now", true), ("C:\\new", "[\"C:\\\\new\"]", true), ("the", "{\"a\":\"x\\nthe\"}", true),
    ("nthe", "{\"a\":\"x\\nthe\"}", false), ("a/b", "{\"a\":\"a\\/b\"}", true), ("مرحبا", "قال مرحبا", true), ("Kelvin", "\u{212A}elvin", true),
    ("zz", "pizza", true), ("q", "plan b", false),
  ])
  func wordsAndPhrasesAreFoundAsTheyAreRead(question: String, part: String, isThere: Bool) throws {
    #expect(try SearchTexts.matches(question, part) == isThere, "\(question) in \(part)")
    if isThere { #expect(try SearchTexts.passes(question, [part]), "\(question) in \(part)") }
  }

  @Test func foldingIsUnicodesOwn() {
    for (upper, lower) in [("A", "a"), ("Ж", "ж"), ("Σ", "σ"), ("ς", "σ"), ("ſ", "s"), ("Ā", "ā"), ("𐐀", "𐐨"), ("ẞ", "ß"), ("ǅ", "ǆ"), ("Ⱥ", "ⱥ")]
      as [(Unicode.Scalar, Unicode.Scalar)]
    {
      #expect(SearchTexts.folded(upper) == lower.value)
      #expect(SearchTexts.folded(lower) == lower.value)
    }
    // Dotted and dotless i have no simple folding.
    for scalar in ["İ", "ı", "漢", "ß", "é"] as [Unicode.Scalar] { #expect(SearchTexts.folded(scalar) == scalar.value) }
  }

  @Test func excerptsShowTheTextAsItReadsWithHitsMarked() throws {
    let matcher = TextMatcher(try SearchText("münchen wetter"))
    let text = "[{\"content\":\"" + String(repeating: "lead ", count: 40) + "Das Wetter in M\\u00dcNCHEN\\nist gut" + String(repeating: " tail", count: 60) + "\"}]"
    let pieces = Array(text.utf8).withUnsafeBufferPointer { matcher.excerpt(of: $0) }
    #expect(pieces.filter(\.isHit).map(\.text) == ["Wetter", "MÜNCHEN"])
    let whole = pieces.map(\.text).joined()
    #expect(whole.hasPrefix("…") && whole.hasSuffix("…"))
    #expect(whole.contains("Das Wetter in MÜNCHEN ist gut tail"))
    #expect(whole.unicodeScalars.count <= TextMatcher.scalarsBefore + TextMatcher.scalarsAfter + 2)
  }

  @Test func whatCannotBeAskedIsRefused() throws {
    for text in ["", "  ", "\"\"", String(repeating: "x", count: 1001), (0..<21).map { "word\($0)" }.joined(separator: " ")] {
      #expect(throws: SearchTextRefusal.self) { try SearchText(text) }
    }
    #expect(try SearchText("abc").isSlow)
    #expect(try !SearchText("abc defg").isSlow)
    #expect(try SearchText("one ONE \"two words\" \"open phrase").terms.map { String(decoding: $0.needle.bytes, as: UTF8.self) } == ["one", "two words", "open phrase"])
    #expect(SearchText.id("  \"user 7\" ") == "user 7")
  }
}
