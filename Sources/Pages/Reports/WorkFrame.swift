import Domain
import HTML

/// A page of a group that is moved through by tabs.
protocol PageTab: CaseIterable, Equatable, Sendable {
  var label: String { get }
  var path: String { get }
  /// What seeing the page takes, as its route says; nil: being signed in.
  var permission: Permission? { get }
  /// Tabs of the same one stand together, under its name; "" where all do.
  var cluster: String { get }
  /// Whether it takes that of the whole organisation.
  var isForAll: Bool { get }
  /// Entry of the rail that the group belongs to.
  static var section: Section { get }
  /// Name of the group, for screen readers.
  static var group: String { get }
}

extension PageTab {
  /// The tabs whose pages the member may open.
  static func open(in frame: PageFrame) -> [Self] {
    allCases.filter { tab in
      frame.allows(tab.permission) && (!tab.isForAll || tab.permission.map { frame.access.extent($0) == .all } ?? true)
    }
  }
  var isForAll: Bool { false }
  var cluster: String { "" }
}

/// What the pages of reports and settings share: who may change things, and why the last form was not accepted.
public struct WorkFrame: Sendable {
  public var frame: PageFrame
  /// Where the reader is, query included.
  public var address: PageAddress
  /// Whether the page's forms and buttons are for the reader.
  public var canChange: Bool
  /// Why the last form was not accepted, one sentence.
  public var problem: String?

  public init(frame: PageFrame, address: PageAddress, canChange: Bool, problem: String? = nil) {
    self.frame = frame
    self.address = address
    self.canChange = canChange
    self.problem = problem
  }

  func page<Tab: PageTab>(_ title: String, tab: Tab, bar: HTML? = nil, notice: HTML? = nil, _ content: HTML) -> HTML {
    frame.page(
      title, section: Tab.section, address: address, bar: bar,
      """
      \(TabBar(tab: tab, open: Tab.open(in: frame)))
      \(notice)\(content)
      """)
  }

  /// The sentence, to stand beside the form that it is about.
  var problemNote: HTML {
    "\(problem, some: { "<p class=\"notice error\" role=\"alert\"><b>Not done.</b> \($0)</p>" })"
  }

  /// Goes into every form that posts.
  var token: HTML { "<input type=\"hidden\" name=\"csrf\" value=\"\(frame.csrf)\">" }

  var zone: ClockZone { frame.moneyZone }

  /// A moment, with its year when it is another than now's.
  func moment(_ time: Timestamp) -> HTML {
    let isThisYear = zone.civil(time).year == zone.civil(frame.now).year
    if isThisYear { return TimeText(time, in: frame.viewerZone).html }
    return "<time datetime=\"\(TimeText.rfc3339(time))\">\(TimeText(time, in: frame.viewerZone, style: .date).text) \(frame.viewerZone.civil(time).clock)</time>"
  }
}

/// Days and months of a calendar as they are written in reports.
enum CalendarWords {
  /// "October 2026" of "2026-10"; what is no month stays as it is.
  static func month(_ text: String) -> String {
    let parts = text.split(separator: "-")
    guard parts.count == 2, let number = Int(parts[1]), months.indices.contains(number - 1) else { return text }
    return "\(months[number - 1]) \(parts[0])"
  }

  /// "1 Oct 2026" of "2026-10-01".
  static func day(_ text: String) -> String {
    civil(text).map { "\($0.dayAndMonth) \($0.year)" } ?? text
  }

  /// The month after: "2027-01" of "2026-12"; what is no month stays as it is.
  static func after(_ month: String) -> String {
    let parts = month.split(separator: "-").compactMap { Int($0) }
    guard parts.count == 2, (1...12).contains(parts[1]), (0..<9999).contains(parts[0]) else { return month }
    let year = String(parts[1] == 12 ? parts[0] + 1 : parts[0]), number = String(parts[1] % 12 + 1)
    return String(repeating: "0", count: max(0, 4 - year.count)) + year + "-" + (number.count < 2 ? "0" : "") + number
  }

  /// The day before, for ends that are excluded: "2026-10-31" of "2026-11-01".
  static func before(_ text: String) -> String {
    civil(text).map { CivilTime(secondsSince1970: $0.secondsSince1970 - 86_400).date } ?? text
  }

  /// "October 2026", else "1 – 14 Oct 2026" and the like.
  static func period(_ period: ReportPeriod) -> String {
    if let month = period.month { return self.month(month) }
    guard let a = civil(period.firstDay), let b = civil(before(period.endDay)) else { return "\(period.firstDay) – \(period.endDay)" }
    if a.date == b.date { return "\(a.dayAndMonth) \(a.year)" }
    return "\(a.dayAndMonth)\(a.year == b.year ? "" : " \(a.year)") – \(b.dayAndMonth) \(b.year)"
  }

  private static func civil(_ day: String) -> CivilTime? {
    guard case .day(let civil) = Moment(day) else { return nil }
    return civil
  }

  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
  ]
}
