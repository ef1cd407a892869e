import Domain
import Hummingbird
import Pages
import Store

/// What the pages of reports and settings are made from.
struct WorkParts {
  let parts: PageParts
  /// Whom the audit log names.
  var actor: String { visit.member.email }
  var visit: Visit { parts.visit }
  var scope: AccessScope { visit.scope }
  var organisation: Organisation { visit.organisation }
  var zone: String { organisation.timeZone }
  var clock: ClockZone { parts.frame.moneyZone }
  var now: Timestamp { parts.frame.now }
  private let url: String

  init(_ request: Request, _ context: Context, _ backend: Backend) throws {
    parts = try PageParts(request, context, backend)
    url = request.uri.string
  }

  /// For a form that changes something. Whether the member may was asked at the route's door.
  /// - Throws: `Failure` 403 for a form from elsewhere.
  static func changing(_ request: Request, _ context: Context, _ backend: Backend) async throws -> (WorkParts, QueryParameters) {
    let parts = try WorkParts(request, context, backend)
    let form = try await request.form()
    try parts.check(request, csrf: form.text("csrf"))
    return (parts, form)
  }

  func check(_ request: Request, csrf: String?) throws {
    try FormToken.check(request, sent: csrf, expected: visit.csrfToken)
  }

  /// - Parameters:
  ///   - path: the page that a form stands on, where that is not the address it is sent to.
  ///   - permission: what the page's forms and buttons take, where that is more than seeing the page.
  func frame(_ problem: String? = nil, at path: String? = nil, changing permission: Permission? = nil) -> WorkFrame {
    WorkFrame(
      frame: parts.frame, address: PageAddress(path: path ?? url), canChange: parts.frame.allows(permission), problem: problem)
  }

  /// "2026-10" of the month before this one, in the organisation's calendar.
  var lastMonth: String { String(clock.civil(clock.startOfMonth(now, addingMonths: -1)).date.dropLast(3)) }

  /// - Throws: `Failure` 400 naming the field and what it accepts; nil when it is empty.
  func day(_ name: String, _ text: String) throws -> Timestamp? {
    if text.isEmpty { return nil }
    guard let time = ISOTime.parse(text, zone: zone) else {
      throw Failure.badRequest("\(name) is \"\(text)\": expected a day such as 2026-11-01")
    }
    return time
  }

  /// A moment as a form field holds it: the day when it begins one.
  func written(_ time: Timestamp) -> String {
    let civil = clock.civil(time)
    return civil.clock == "00:00" && civil.second == 0 ? civil.date : ISOTime.text(time)
  }
}

extension QueryParameters {
  /// The id that a menu or hidden field sent; nil when it is empty.
  /// - Throws: `Failure` 400 for what is no id.
  func id<ID: RowID>(_ name: String, as type: ID.Type = ID.self) throws -> ID? {
    guard let text = text(name) else { return nil }
    guard let number = Int32(text), number > 0 else { throw Failure.badRequest("\(name) is \"\(text)\": expected a number of the list") }
    return ID(number)
  }

  /// What was typed, "" when nothing was.
  func typed(_ name: String) -> String { text(name) ?? "" }
}

extension Context {
  /// The id in the path.
  /// - Throws: `Failure` 404 for what is no id.
  func id<ID: RowID>(_ name: String, of what: String, as type: ID.Type = ID.self) throws -> ID {
    guard let number = Int32(try decoded(name)), number > 0 else { throw Failure.notFound("no \(what) of this number") }
    return ID(number)
  }
}
