import Domain

@testable import Pages

/// A fixed moment, organisation and bar that all samples share.
enum Sample {
  /// Sunday, 22 November 2026, 14:05:12 in Berlin.
  static let now = Timestamp(seconds: 1_795_352_712)
  static let zone = ClockZone("Europe/Berlin")
  static let assets = Assets(
    css: "/assets/css/quipu.css?v=1", js: "/assets/js/quipu.js?v=1", icon: "/assets/favicon.svg?v=1")

  static let frame = PageFrame(
    organisation: "Meridian & Sons", member: "ada@meridian.example", access: access(.owner), csrf: "csrf-7f3a", assets: assets,
    viewerZone: zone,
    moneyZone: zone, now: now)

  /// Of a member without roles in teams or projects.
  static func access(_ role: Member.Role) -> MemberAccess {
    let member = Member(id: MemberID(1), organisation: OrganisationID(1), email: "ada@meridian.example", role: role)
    return MemberAccess(member, grants: [], content: [], teams: [], projects: [], at: now)
  }

  static func bar(_ address: PageAddress) -> SharedBar {
    SharedBar(
      address: address,
      projects: [.init(value: "support", label: "Support desk"), .init(value: "contracts", label: "Contract review")],
      environments: [.init(value: "production", label: "production"), .init(value: "staging", label: "staging")])
  }

  static func usd(_ text: String) -> USD { USD(decimal: text) ?? .zero }
  static func ago(_ seconds: Int64) -> Timestamp { now.adding(seconds: -seconds) }
}
