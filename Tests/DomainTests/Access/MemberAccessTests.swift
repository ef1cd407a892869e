import Testing

@testable import Domain

@Suite struct MemberAccessTests {
  private static let now = Timestamp(seconds: 1_795_352_712)

  private func content(_ role: Member.Role, _ grant: ContentGrant) -> AccessScope.Reach<ProjectID> {
    let member = Member(id: MemberID(7), organisation: OrganisationID(1), email: "a@b.c", role: role)
    return MemberAccess(member, grants: [], content: [grant], teams: [], projects: [], at: Self.now).scope.content
  }

  private func grant(hours: Int64?, hasReason: Bool = true) -> ContentGrant {
    ContentGrant(project: nil, givenAt: Self.now, expiresAt: hours.map { Self.now.adding(seconds: $0 * 3600) }, hasReason: hasReason)
  }

  @Test func anAuditorReadsContentForADayAtMostAndWithAReason() {
    #expect(content(.auditor, grant(hours: 24)) == .all)
    for other in [grant(hours: nil), grant(hours: 25), grant(hours: 1, hasReason: false)] {
      #expect(content(.auditor, other) == .none)
      #expect(content(.owner, other) == .all)
    }
  }

  @Test func theFirstGrantThatEndsIsTold() {
    let member = Member(id: MemberID(7), organisation: OrganisationID(1), email: "a@b.c", role: .owner)
    let access = MemberAccess(
      member, grants: [], content: [grant(hours: nil), grant(hours: 30), grant(hours: 5), grant(hours: -1)], teams: [], projects: [], at: Self.now)
    #expect(access.contentChangesAt == Self.now.adding(seconds: 5 * 3600))
  }
}
