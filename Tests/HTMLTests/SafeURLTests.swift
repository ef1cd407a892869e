import HTML
import Testing

@Suite struct SafeURLTests {
  @Test(arguments: [
    "/traces?model=a", "?x=1", "#o3", "/", "https://example.org/a", "HTTP://example.org", "mailto:a@example.org",
  ])
  func pathsAndWebAddressesStay(address: String) {
    #expect(SafeURL.checked(address) == address)
  }

  @Test(arguments: [
    "javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x",
    "//evil.example",
    "/\\evil.example", "/\t/evil.example", "", "vbscript:x", "traces",
  ])
  func addressesThatCouldRunOrLeaveAreDropped(address: String) {
    let html: HTML = "<a href=\"\(url: address)\">x</a>"
    #expect(html.string == "<a href=\"#\">x</a>")
  }

  @Test func addressesAreEscapedAsAttributes() {
    let html: HTML = "<a href=\"\(url: "/t?a=1&b=\"")\">x</a>"
    #expect(html.string == "<a href=\"/t?a=1&amp;b=&quot;\">x</a>")
  }
}
