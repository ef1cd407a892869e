import Domain
import HTML
import Testing

@testable import Pages

/// What must hold of every page.
@Suite struct PageTests {
  @Test func nothingInlineThatTheContentPolicyForbids() {
    for (name, html) in AllPages.all {
      let text = html.string
      #expect(!text.contains(" style=") && !text.contains("<style"), "\(name)")
      #expect(text.matches(of: "<script").count == 1 && text.contains("<script src="), "\(name)")
      for handler in [" onclick=", " onload=", " onchange=", "javascript:"] {
        #expect(!text.contains(handler), "\(name) \(handler)")
      }
    }
  }

  @Test func everyPostingFormCarriesTheToken() {
    for (name, html) in AllPages.all {
      for form in html.string.elements("<form", "</form>") where form.contains("method=\"post\"") {
        #expect(form.contains("name=\"csrf\" value=\"csrf-"), "\(name)")
      }
    }
    #expect(
      AllPages.signedIn.allSatisfy {
        $0.html.string.contains("action=\"/sign-out\"") && $0.html.string.contains("action=\"/theme\"")
      })
  }

  @Test func everyInputHasALabel() {
    for (name, html) in AllPages.all {
      let text = html.string
      for input in text.elements("<input", ">") where !input.contains("type=\"hidden\"") {
        let isInside = text.elements("<label", "</label>").contains { $0.contains(input) }
        let id = input.elements("id=\"", "\"").first?.dropFirst(4).dropLast()
        #expect(isInside || id.map { text.contains("for=\"\($0)\"") } == true, "\(name) \(input)")
      }
    }
  }

  @Test func everyPageHasOneHeadingAndBalancedTags() {
    for (name, html) in AllPages.all {
      let text = html.string
      #expect(text.matches(of: "<h1").count == 1, "\(name)")
      for tag in [
        "a", "table", "tr", "td", "th", "div", "section", "details", "ul", "li", "span", "svg", "form", "p", "dl", "b",
      ] {
        let opened = text.matches(of: "<\(tag) ").count + text.matches(of: "<\(tag)>").count
        #expect(opened == text.matches(of: "</\(tag)>").count, "\(name) <\(tag)>")
      }
    }
  }

  @Test func idsAreUnique() {
    for (name, html) in AllPages.all {
      let ids = html.string.elements(" id=\"", "\"")
      #expect(ids.count == Set(ids).count, "\(name)")
    }
  }

  @Test func emptyPagesSayWhatToDoNext() {
    #expect(OverviewPage.emptySample.render().string.contains("href=\"/connect\">Connect an application"))
    #expect(TraceListPage.emptySample.render().string.contains("href=\"/connect\">Connect an application"))
    #expect(TraceDetailPage.emptySample.render().string.contains("have not arrived yet"))
    #expect(ConnectPage.emptySample.render().string.contains("Nothing has arrived yet"))
    var nothing = TraceListPage.sample
    nothing.traces = []
    #expect(nothing.render().string.contains("href=\"/traces\">Remove all filters"))
  }

  @Test func errorPageTellsCauseLossRemedyAndRequest() {
    let text = ErrorPage.sample.render().string
    for part in ["What happened", "Was anything lost", "What to do", "01JD8Q6W3K2Z"] { #expect(text.contains(part)) }
  }

  @Test func signInKeepsWhatWasTypedAndNamesTheWait() {
    let text = SignInPage.limitedSample.render().string
    #expect(
      text.contains("value=\"ada@meridian.example\"") && text.contains("value=\"/traces?model=a\"")
        && text.contains("Wait 4 minutes"))
  }

  @Test func themeIsOnTheRootElement() {
    var page = OverviewPage.sample
    #expect(page.render().string.contains("<html lang=\"en\">"))
    page.frame.theme = .dark
    #expect(page.render().string.contains("<html lang=\"en\" data-theme=\"dark\">"))
  }
}

extension String {
  /// Stretches from `start` to the next `end`, both included.
  func elements(_ start: String, _ end: String) -> [String] {
    var found: [String] = []
    var rest = self[...]
    while let from = rest.firstRange(of: start), let to = rest[from.upperBound...].firstRange(of: end) {
      found.append(String(rest[from.lowerBound..<to.upperBound]))
      rest = rest[to.upperBound...]
    }
    return found
  }
  func matches(of text: String) -> [Range<Index>] { ranges(of: text) }
}
