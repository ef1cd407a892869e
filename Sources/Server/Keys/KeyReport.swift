import Domain
import Pages
import Store

/// What a key did: requests as counted; calls and cost as booked, of whatever money the reader may see.
struct KeyReport {
  /// Days back.
  static let span = 30

  let activity: KeyActivity
  /// By day ("2026-11-01"); nil when they could not be summed.
  let calls: [String: Measures]
  let total: Measures?

  init(_ key: APIKey, _ backend: Backend, scope: AccessScope, organisation: Organisation, now: Timestamp) async throws {
    // Of this process; others' within a minute.
    try? await backend.keyUses.flush()
    let clock = ClockZone(organisation.timeZone)
    let first = clock.startOfDay(now, addingDays: 1 - Self.span)
    let found = try await backend.keyUses.store.activity(of: key.id, since: clock.civil(first).date, scope: scope)
    guard let found else { throw KeyDesk.unknown }
    activity = found
    let query = CostQuery(
      range: TimeRange(spanning: first, clock.startOfDay(now, addingDays: 1)), timeZone: organisation.timeZone, interval: .day,
      filter: [.key: [key.publicKey]])
    do {
      let report = try await backend.reports.run(query, scope: scope, organisation: organisation)
      total = report.total
      calls = Dictionary(report.rows.compactMap { row in row.start.map { (clock.civil($0).date, row.measures) } }) { first, _ in first }
    } catch is CostQueryRefusal {
      (total, calls) = (nil, [:])
    }
  }

  /// Newest first; days on which nothing happened are left out.
  var days: [KeyDayView] {
    var views = calls.filter { $0.value.calls > 0 }.reduce(into: [String: KeyDayView]()) {
      $0[$1.key] = KeyDayView(day: $1.key, calls: $1.value)
    }
    for entry in activity.days {
      var view = views[entry.day] ?? KeyDayView(day: entry.day)
      view.requests &+= entry.requests
      view.refused &+= entry.refused
      view.items &+= entry.items
      view.bytes &+= entry.bytes
      views[entry.day] = view
    }
    return views.values.sorted { $0.day > $1.day }
  }

  /// Most used first.
  var routes: [KeyRouteView] {
    var views: [String: KeyRouteView] = [:]
    for entry in activity.days {
      var view = views[entry.route] ?? KeyRouteView(route: entry.route, requests: 0, refused: 0, lastAt: entry.lastAt)
      view.requests &+= entry.requests
      view.refused &+= entry.refused
      view.lastAt = max(view.lastAt, entry.lastAt)
      views[entry.route] = view
    }
    return views.values.sorted { ($0.requests, $1.route) > ($1.requests, $0.route) }
  }

  var addresses: [KeyAddressView] {
    activity.addresses.map { KeyAddressView(address: $0.address, firstAt: $0.firstAt, lastAt: $0.lastAt, requests: $0.requests) }
  }
}
