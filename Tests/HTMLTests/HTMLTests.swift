import HTML
import Testing

@Suite struct HTMLTests {
  @Test(arguments: [
    ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ("\" onload='x' &amp;", "&quot; onload=&#39;x&#39; &amp;amp;"),
    ("plain", "plain"), ("", ""), ("Grüße 🪢 >", "Grüße 🪢 &gt;"), ("a\0b", "a\u{FFFD}b"),
  ])
  func interpolatedTextIsEscaped(text: String, expected: String) {
    let html: HTML = "<p title=\"\(text)\">\(text[...])</p>"
    #expect(html.string == "<p title=\"\(expected)\">\(expected)</p>")
    #expect(HTML(text: text).string == expected)
  }

  @Test func literalsAndEmbeddedPiecesAreTrusted() {
    let inner: HTML = "<b>&nbsp;</b>"
    let html: HTML = "<i>\(inner)</i>\(inner as HTML?)"
    #expect(html.string == "<i><b>&nbsp;</b></i><b>&nbsp;</b>")
  }

  @Test func missingValuesPrintNothing() {
    let text: String? = nil
    let piece: HTML? = nil
    let html: HTML = "[\(text)\(piece)\(text, some: { "<b>\($0)</b>" })\(if: false, "never")]"
    #expect(html.string == "[]")
  }

  @Test func elementsAreEscapedOneByOne() {
    let html: HTML = "<ul>\(["a<", "b"], { "<li>\($0)</li>" })</ul>\(if: true, "<hr>")\(Int64(-7))"
    #expect(html.string == "<ul><li>a&lt;</li><li>b</li></ul><hr>-7")
  }

  @Test func conditionalPiecesAreNotBuiltWhenFalse() {
    var built = 0
    func piece() -> HTML {
      built += 1
      return "x"
    }
    let html: HTML = "\(if: false, piece())"
    #expect(html.isEmpty && built == 0)
  }

  @Test func bridgedAndSlicedTextIsEscapedToo() {
    let long = String(repeating: "ab<", count: 1000)
    let html: HTML = "\(long.dropFirst(2))"
    #expect(html.string == "&lt;" + String(repeating: "ab&lt;", count: 999))
  }
}
