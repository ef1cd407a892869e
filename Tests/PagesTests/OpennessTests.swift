import Domain
import HTML
import Testing

@testable import Pages

@Suite struct OpennessTests {
  private func frame(_ role: Member.Role) -> PageFrame {
    var frame = Sample.frame
    frame.access = Sample.access(role)
    return frame
  }

  private func rail(_ role: Member.Role) -> [String] {
    let text = frame(role).page("Title", section: nil, address: PageAddress(path: "/"), "").string
    return Section.allCases.filter { text.contains("data-go=\"\($0.key)\"") }.map(\.rawValue)
  }

  @Test func theRailHoldsOpenPagesOnly() {
    let money = ["overview", "costs", "teams", "reports", "traces"]
    #expect(rail(.owner) == money + ["users", "prices", "connect", "settings"])
    #expect(rail(.finance).filter { $0 != "settings" } == money + ["users", "prices"])
    #expect(rail(.engineer).filter { $0 != "settings" } == money + ["prices", "connect"])
    #expect(rail(.viewer).filter { $0 != "settings" } == money + ["prices"])
  }

  @Test func tabsOfClosedPagesAreNotThere() {
    #expect(SettingsTab.open(in: frame(.admin)).contains(.teams) && !SettingsTab.open(in: frame(.admin)).contains(.rules))
    #expect(SettingsTab.open(in: frame(.finance)).contains(.rules) && !SettingsTab.open(in: frame(.viewer)).contains(.teams))
    #expect(ReportTab.open(in: frame(.auditor)).contains(.pools) && !ReportTab.open(in: frame(.teamLead)).contains(.pools))
    #expect(ReportTab.open(in: frame(.teamLead)).contains(.exports) && !ReportTab.open(in: frame(.viewer)).contains(.exports))
    #expect(PriceTab.open(in: frame(.viewer)) == [.list, .unpriced])
  }

  @Test func keysForClosedPagesAreNotOffered() {
    let help = frame(.viewer).page("Title", section: nil, address: PageAddress(path: "/"), "").string
    #expect(help.contains("<kbd>t</kbd>") && !help.contains("<kbd>u</kbd>") && !help.contains("<kbd>n</kbd>"))
  }

  @Test func whoHasNoProjectIsToldWhomToAsk() {
    let address = PageAddress(path: "/traces")
    let page = TraceListPage(frame: frame(.viewer), bar: Sample.bar(address), traces: [], next: nil, hasAnyData: false).render().string
    #expect(page.contains("Nothing is open to you yet") && page.contains("viewer of Meridian &amp; Sons") && !page.contains("Connect an application"))
    let owner = TraceListPage(frame: frame(.owner), bar: Sample.bar(address), traces: [], next: nil, hasAnyData: false).render().string
    #expect(!owner.contains("Nothing is open to you yet") && owner.contains("Connect an application"))
  }

  @Test func whoMayNotReadContentIsNotOfferedToSearchIt() {
    let form = { (role: Member.Role) in
      TraceFilterForm(frame: frame(role), bar: Sample.bar(PageAddress(path: "/traces")), models: [], endpoints: []).html.string
    }
    #expect(!form(.finance).contains("Search in inputs") && form(.finance).contains("name=\"user\""))
    #expect(!form(.viewer).contains("name=\"user\""))
  }

  @Test func withheldContentSaysWhomToAsk() {
    #expect(ContentWithheld(reader: .byGrant).html.string.contains("Ask an owner or admin"))
    #expect(ContentWithheld(reader: .breakGlass).html.string.contains("with a reason"))
    #expect(!ContentWithheld(reader: .never).html.string.contains("Ask"))
  }
}
