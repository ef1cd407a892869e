import Domain
import HTML

/// Light or dark, or as the system says.
public enum Theme: String, Sendable, CaseIterable { case system, light, dark }

/// What every page of a signed-in member needs around its content.
public struct PageFrame: Sendable {
  public var organisation: String
  /// Address of the signed-in member.
  public var member: String
  /// What the member may do: entries, tabs, buttons and forms for anything else are not shown.
  public var access: MemberAccess
  /// Goes into every form that posts.
  public var csrf: String
  public var theme: Theme
  public var assets: Assets
  /// Clock times are shown in it.
  public var viewerZone: ClockZone
  /// The organisation's: days of money begin in it.
  public var moneyZone: ClockZone
  public var now: Timestamp
  /// Declared dimensions by what people call them; others have no place on a page.
  public var declared: [CostDimension: String]

  public init(
    organisation: String, member: String, access: MemberAccess, csrf: String, theme: Theme = .system, assets: Assets, viewerZone: ClockZone,
    moneyZone: ClockZone, now: Timestamp, declared: [CostDimension: String] = [:]
  ) {
    self.organisation = organisation
    self.member = member
    self.access = access
    self.csrf = csrf
    self.theme = theme
    self.assets = assets
    self.viewerZone = viewerZone
    self.moneyZone = moneyZone
    self.now = now
    self.declared = declared
  }

  /// nil asks for nothing but being signed in.
  public func allows(_ permission: Permission?) -> Bool { permission.map(access.allows) ?? true }

  /// "User group", or the label of a declared dimension.
  func name(_ dimension: CostDimension) -> String { declared[dimension] ?? DimensionWords.name(dimension) }
}

/// Addresses of the files in `Public/`, with their content hash.
public struct Assets: Sendable {
  public var css: String
  public var js: String
  public var icon: String
  public init(css: String, js: String, icon: String) {
    self.css = css
    self.js = js
    self.icon = icon
  }
}

/// Entries of the rail.
enum Section: String, CaseIterable {
  case overview, costs, teams, reports, traces, users, prices, connect, settings

  var label: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
  var path: String {
    switch self {
    case .overview: Route.overview
    case .costs: Route.costs
    case .teams: Route.teams
    case .reports: Route.reports
    case .traces: Route.traces
    case .users: Route.users
    case .prices: Route.prices
    case .connect: Route.connect
    case .settings: Route.settings
    }
  }
  /// Second key after "g".
  var key: String {
    switch self {
    case .overview: "o"
    case .costs: "c"
    case .teams: "e"
    case .reports: "r"
    case .traces: "t"
    case .users: "u"
    case .prices: "p"
    case .connect: "n"
    case .settings: "s"
    }
  }
  /// Others have no time range and no filters.
  var keepsBar: Bool {
    switch self {
    case .overview, .costs, .teams, .traces, .users: true
    case .reports, .prices, .connect, .settings: false
    }
  }
  /// Whether a page of it is open to the member.
  func isOpen(in frame: PageFrame) -> Bool {
    switch self {
    case .overview, .costs, .teams, .reports, .prices: frame.allows(.seeMoney)
    case .traces: frame.allows(.seeTraces)
    case .users: frame.allows(.seeUserCost)
    case .connect: frame.allows(.seeRequests)
    case .settings: !SettingsTab.open(in: frame).isEmpty
    }
  }

  /// Money; who and what; what is set.
  static let groups: [[Section]] = [[.overview, .costs, .teams, .reports], [.traces, .users], [.prices, .connect, .settings]]
}

extension PageFrame {
  /// The whole document. `address` is where the reader is; `bar` the shared bar, if the page has one.
  func page(
    _ title: String, section: Section?, address: PageAddress, bar: HTML? = nil, wide: Bool = false, _ content: HTML
  ) -> HTML {
    Document.page(
      title: "\(title) · \(organisation)", theme: theme, assets: assets,
      body: """
        <body\(if: wide, " class=\"wide\"")>
        <a class="skip" href="#main">Skip to content</a>
        \(rail(section, address))
        <main id="main" tabindex="-1">
        <header class="top"><h1>\(title)</h1>\(bar)</header>
        \(content)
        </main>
        \(Document.keyboardHelp(sections.flatMap(\.self)))
        </body>
        """)
  }

  private func rail(_ current: Section?, _ address: PageAddress) -> HTML {
    """
    <nav class="rail" aria-label="Pages">
    <a class="brand" href="\(url: Route.overview)">\(Icon.brand)<span>Quipu</span></a>
    <p class="org">\(organisation)</p>
    <div class="sections">\(sections, { "<ul>\($0, { railEntry($0, isCurrent: $0 == current, address) })</ul>" })</div>
    <div class="me">\(themeSwitch(address))<p class="who" title="\(member)"><a class="plain-link" href="\(url: Route.account)">\(member)</a></p>
    <form method="post" action="\(Route.signOut)"><input type="hidden" name="csrf" value="\(csrf)">\
    <button class="quiet" title="Sign out">\(Icon.signOut)<span>Sign out</span></button></form></div>
    </nav>
    """
  }

  /// Groups without an open entry are left out.
  private var sections: [[Section]] {
    Section.groups.map { $0.filter { $0.isOpen(in: self) } }.filter { !$0.isEmpty }
  }

  private func railEntry(_ section: Section, isCurrent: Bool, _ address: PageAddress) -> HTML {
    // Settings begin where the reader may look.
    let path = section == .settings ? Route.settings(in: self) ?? section.path : section.path
    let target = section.keepsBar ? address.going(to: path) : PageAddress(path: path)
    return """
      <li><a href="\(url: target.url)" data-go="\(section.key)" title="\(section.label)"\
      \(if: isCurrent, " aria-current=\"page\"")>\(Icon.of(section))<span>\(section.label)</span></a></li>
      """
  }

  private func themeSwitch(_ address: PageAddress) -> HTML {
    """
    <form class="theme" method="post" action="\(Route.theme)"><input type="hidden" name="csrf" value="\(csrf)">\
    <input type="hidden" name="return" value="\(address.url)">\(Theme.allCases, { themeButton($0) })</form>
    """
  }

  private func themeButton(_ option: Theme) -> HTML {
    """
    <button name="theme" value="\(option.rawValue)"\(if: option == theme, " aria-pressed=\"true\"")>\
    \(Self.label(option))</button>
    """
  }

  private static func label(_ theme: Theme) -> String {
    switch theme {
    case .system: "Auto"
    case .light: "Light"
    case .dark: "Dark"
    }
  }
}
