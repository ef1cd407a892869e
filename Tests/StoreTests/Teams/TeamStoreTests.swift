import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct TeamStoreTests {
  @Test func aTeamKeepsAllThatIsSaidOfItAndLeavesAnAuditEntry() async throws {
    let fixture = try await WriteFixture.make()
    let teams = TeamStore(pool: fixture.pool)
    let draft = TeamDraft(
      name: " Gold ", costCentre: "CC-7", glAccount: "6400", owner: "ann@acme.org", parent: TeamID(1), validFrom: "2026-11-01",
      validTo: "2027-01-01")
    let saved = try await teams.save(draft, scope: WriteFixture.all, by: "ann")
    #expect(saved.name == "Gold" && saved.costCentre == "CC-7" && saved.glAccount == "6400" && saved.owner == "ann@acme.org")
    #expect(saved.parent == TeamID(1) && saved.validFrom == "2026-11-01" && saved.validTo == "2027-01-01")
    #expect(try await teams.list(scope: WriteFixture.all).contains(saved))
    #expect(try await teams.find(saved.id, scope: WriteFixture.all) == saved)
    #expect(try await fixture.revision() == 1)
    // Days begin in the organisation's zone, five and a half hours ahead.
    let validity = try await fixture.ruled().directory.teamValidity[saved.id]
    #expect(validity?.from == Timestamp(seconds: 1_793_491_200 - 19_800))
    #expect(try await teams.save(TeamDraft(saved), as: saved.id, scope: WriteFixture.all, by: "ann") == saved)
    var renamed = TeamDraft(saved)
    renamed.name = "Silver"
    renamed.owner = ""
    let changed = try await teams.save(renamed, as: saved.id, scope: WriteFixture.all, by: "ben")
    #expect(changed.name == "Silver" && changed.owner == nil && changed.colour == saved.colour)
    #expect(try await fixture.revision() == 1, "a name changes no owner")
    #expect(try await fixture.actions() == ["team added", "team changed"])
  }

  @Test func namesAreTakenOnceAndParentsMakeNoCircle() async throws {
    let fixture = try await WriteFixture.make()
    let teams = TeamStore(pool: fixture.pool)
    func refused(_ draft: TeamDraft, as id: Int32?) async -> String? {
      do {
        _ = try await teams.save(draft, as: id.map { TeamID($0) }, scope: WriteFixture.all, by: "ann")
        return nil
      } catch { return (error as? StructureError)?.description ?? "other: \(error)" }
    }
    #expect(await refused(TeamDraft(name: "Red"), as: nil)?.contains("already") == true)
    #expect(await refused(TeamDraft(name: "Red"), as: 2)?.contains("already") == true)
    #expect(await refused(TeamDraft(name: "Green", parent: TeamID(1)), as: 2) == nil)
    #expect(await refused(TeamDraft(name: "Blue", parent: TeamID(2)), as: 3) == nil)
    #expect(await refused(TeamDraft(name: "Red", parent: TeamID(3)), as: 1)?.contains("below it") == true)
    #expect(await refused(TeamDraft(name: "Red", parent: TeamID(1)), as: 1)?.contains("below it") == true)
    #expect(await refused(TeamDraft(name: "Red", parent: TeamID(99)), as: 1)?.contains("no such team") == true)
    #expect(await refused(TeamDraft(name: " "), as: nil)?.contains("name") == true)
    for name in ["Unallocated", "other", "TOTAL", " - ", "(Other)"] {
      #expect(await refused(TeamDraft(name: name), as: nil)?.contains("a name other than Unallocated") == true, "\(name)")
      #expect(await refused(TeamDraft(name: name), as: 2)?.contains("a name other than Unallocated") == true, "\(name)")
      await #expect(throws: AccountError.invalid(field: "team name", accepted: TeamNames.accepted)) {
        try await AccountStore(pool: fixture.pool).createTeam(name: name, scope: WriteFixture.all)
      }
    }
    #expect(!TeamNames.isTaken("Others"))
    for day in ["2026-02-30", "2026-13-01", "26-01-01", "2026-1-1", "2026-01-01x", "0000-01-01"] {
      #expect(await refused(TeamDraft(name: "X", validFrom: day), as: nil)?.contains("validFrom") == true, "\(day)")
    }
    #expect(await refused(TeamDraft(name: "X", validFrom: "2026-02-02", validTo: "2026-02-02"), as: nil)?.contains("validTo") == true)
    #expect(await refused(TeamDraft(name: "X"), as: 99)?.contains("no such team") == true)
    #expect(try await fixture.number("select count(*) from teams") == 3)
  }

  @Test func aParentGivesAccessAndIsSetByWhoManagesMembers() async throws {
    let fixture = try await WriteFixture.make()
    let teams = TeamStore(pool: fixture.pool)
    func save(_ draft: TeamDraft, as id: Int32?, places: Bool) async throws -> Team {
      try await teams.save(draft, as: id.map { TeamID($0) }, placesTeams: places, scope: WriteFixture.all, by: "fin")
    }
    await #expect(throws: StructureError.self) { try await save(TeamDraft(name: "Green", parent: TeamID(1)), as: 2, places: false) }
    await #expect(throws: StructureError.self) { try await save(TeamDraft(name: "New", parent: TeamID(1)), as: nil, places: false) }
    #expect(try await save(TeamDraft(name: "Green", parent: TeamID(1)), as: 2, places: true).parent == TeamID(1))
    // What it is part of may stay, and end.
    #expect(try await save(TeamDraft(name: "Green", costCentre: "9", parent: TeamID(1)), as: 2, places: false).costCentre == "9")
    await #expect(throws: StructureError.self) { try await save(TeamDraft(name: "Green", parent: TeamID(3)), as: 2, places: false) }
    #expect(try await save(TeamDraft(name: "Green"), as: 2, places: false).parent == nil)
    await #expect(throws: StructureError.self) { try await save(TeamDraft(name: "Green", parent: TeamID(1)), as: 2, places: false) }
  }

  @Test func onlyWhoReachesTheWholeOrganisationChangesTeams() async throws {
    let fixture = try await WriteFixture.make()
    var narrow = WriteFixture.all
    narrow.projects = .only([fixture.project])
    let scope = narrow
    await #expect(throws: StructureError.self) {
      try await TeamStore(pool: fixture.pool).save(TeamDraft(name: "X"), scope: scope, by: "ann")
    }
  }
}
