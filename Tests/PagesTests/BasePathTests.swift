import HTML
import Testing

@testable import Pages

@Suite struct BasePathTests {
  private let path = BasePath("/x/y") ?? .root

  @Test(arguments: ["x", "/", "/x/", "//x", "/x//y", "/x/../y", "/x y", "/x?y", "/é"])
  func otherFormsAreRefused(_ text: String) { #expect(BasePath(text) == nil) }

  @Test func requestsOutsideOfItAreKnown() {
    #expect(path.stripped("/x/y") == "/" && path.stripped("/x/y/") == "/" && path.stripped("/x/y?a=1") == "/?a=1")
    #expect(path.stripped("/x/y/traces?q=/x/y") == "/traces?q=/x/y")
    #expect(path.stripped("/") == nil && path.stripped("/x/yz") == nil && path.stripped("/traces") == nil)
    #expect(BasePath.root.stripped("/traces") == "/traces")
  }

  @Test func addressesOfTheServiceAreCarriedAndOthersAreNot() {
    #expect(path.carried("/") == "/x/y/" && path.carried("/traces?a=/b") == "/x/y/traces?a=/b")
    for other in ["https://example.com/", "//example.com", "?a=1", "#top", ""] { #expect(path.carried(other) == other) }
    #expect(BasePath.root.carried("/traces") == "/traces")
  }

  private func carried(_ html: HTML) -> String { String(decoding: path.carried(markup: html.bytes), as: UTF8.self) }

  @Test func everyAttributeWithAnAddressIsCarried() {
    #expect(
      carried(#"<a class="b" href="/">x</a><form action="/t"><img src="/i"><button formaction="/f"></form><div data-trace="/project/a">"#)
        == #"<a class="b" href="/x/y/">x</a><form action="/x/y/t"><img src="/x/y/i"><button formaction="/x/y/f"></form><div data-trace="/x/y/project/a">"#)
    #expect(carried("<link\nhref=\"/a\">") == "<link\nhref=\"/x/y/a\">")
  }

  @Test func textAndOtherAttributesStayAsTheyAre() {
    let text = #"see href="/a" and src="/b""#
    for html: HTML in [
      "<p title=\"\(text)\">\(text)</p>", #"<input value="/a" name="next"><a href="//host/"></a><a href="https://h/a"></a><a href="?b=1"></a>"#,
      #"<p data-copy="/a" xhref="/a">a ="/b" ="</p>"#, #"="/"#,
    ] { #expect(carried(html) == html.string) }
  }

  @Test func everyPageIsCarriedWhole() {
    let rest = #/ (href|src|action|formaction|data-trace)="/(?!x/y[/"?])/#
    for (name, html) in AllPages.all {
      let page = carried(html)
      #expect(page.contains("href=\"/x/y/") && page.firstMatch(of: rest) == nil, "\(name)")
    }
  }
}
