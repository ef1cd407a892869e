import Domain
import HTML

/// The pages about prices.
enum PriceTab: PageTab {
  case list, unpriced, repricing, files

  static var section: Section { .prices }
  static var group: String { "Prices" }
  var label: String {
    switch self {
    case .list: "Price list"
    case .unpriced: "Unpriced"
    case .repricing: "Re-pricing"
    case .files: "Import and export"
    }
  }
  var path: String {
    switch self {
    case .list: Route.prices
    case .unpriced: Route.unpriced
    case .repricing: Route.repricings
    case .files: Route.priceImport
    }
  }
}

extension PriceTab {
  var permission: Permission? {
    switch self {
    case .list, .unpriced: .seeMoney
    case .repricing, .files: .editPrices
    }
  }
}

extension Route {
  public static let prices = "/prices"
  public static let newPrice = "/prices/new"
  public static let unpriced = "/prices/unpriced"
  public static let repricings = "/prices/repricings"
  public static let newRepricing = "/prices/repricings/new"
  public static let priceImport = "/prices/import"
  public static let priceExport = "/prices/export"

  /// A model as one provider sells it.
  public static func model(provider: String, model: String) -> String {
    "/prices/model?provider=\(QueryText.encoded(provider))&model=\(QueryText.encoded(model))"
  }

  /// The form for a price of one's own, filled in.
  public static func newPrice(provider: String?, model: String, from: Timestamp? = nil, like: String? = nil) -> String {
    query(newPrice, [
      ("provider", provider), ("pattern", model), ("since", from.map(TimeText.rfc3339)), ("like", like),
    ])
  }

  /// What a re-pricing would change; nothing is changed by looking. `to` stands at now when it is nil.
  public static func newRepricing(
    from: Timestamp?, to: Timestamp? = nil, models: [String], reason: String, isDryRun: Bool = true
  ) -> String {
    query(
      newRepricing,
      [("from", from.map(TimeText.rfc3339)), ("to", to.map(TimeText.rfc3339))] + models.map { ("model", $0) }
        + [("reason", reason), ("dry", isDryRun ? "1" : nil)])
  }

  public static func repricing(_ id: RepricingID) -> String { "\(repricings)/\(id)" }

  public static func query(_ path: String, _ fields: [(String, String?)]) -> String {
    let pairs = fields.compactMap { name, value in
      value.flatMap { $0.isEmpty ? nil : "\(name)=\(QueryText.encoded($0))" }
    }
    return pairs.isEmpty ? path : path + "?" + pairs.joined(separator: "&")
  }
}

/// What the pages about prices share: who may change them, and how to move between them.
public struct PriceFrame: Sendable {
  public var frame: PageFrame
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

  func page(_ title: String, tab: PriceTab, bar: HTML? = nil, _ content: HTML) -> HTML {
    frame.page(
      title, section: .prices, address: address, bar: bar,
      """
      <nav class="tabs" aria-label="Prices">\(PriceTab.open(in: frame), { entry in
        "<a href=\"\(url: entry.path)\"\(if: entry == tab, " aria-current=\"page\"")>\(entry.label)</a>"
      })</nav>
      \(problem, some: { "<p class=\"notice error\" role=\"alert\"><b>Not saved.</b> \($0)</p>" })
      \(content)
      """)
  }

  /// Goes into every form that posts.
  var token: HTML { "<input type=\"hidden\" name=\"csrf\" value=\"\(frame.csrf)\">" }

  /// "12 Nov 2026 – open", in the organisation's zone; prices are dated by day.
  func dates(_ dates: DatedRange) -> HTML {
    switch (dates.from, dates.to) {
    case (nil, nil): "<span class=\"note\">always</span>"
    case (let from?, nil): "from \(day(from))"
    case (nil, let to?): "until \(day(to))"
    case (let from?, let to?): "\(day(from)) – \(day(to))"
    }
  }

  /// Prices begin at a UTC midnight in catalogues and at a local one in own rows; whichever fits is shown as a day.
  func day(_ time: Timestamp) -> TimeText {
    let isUTC = time.microseconds % 86_400_000_000 == 0
    return TimeText(time, in: isUTC ? .utc : frame.moneyZone, style: isUTC || frame.moneyZone.startsDay(time) ? .date : .minute)
  }
}

extension ClockZone {
  func startsDay(_ time: Timestamp) -> Bool {
    let civil = civil(time)
    return civil.clock == "00:00" && civil.second == 0
  }
}

/// Words of a form field that is chosen from a few.
struct Select: HTMLConvertible {
  let name: String
  let options: [(value: String, label: String)]
  let chosen: String?

  var html: HTML {
    """
    <select name="\(name)">\(options, { option in
      "<option value=\"\(option.value)\"\(if: option.value == chosen, " selected")>\(option.label)</option>"
    })</select>
    """
  }
}
