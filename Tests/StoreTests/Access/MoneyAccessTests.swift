import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

/// Every query about money, asked by every kind of reader.
@Suite struct MoneyAccessTests {
  private static let days = AllocationRequest.Period.days(from: "2026-09-01", to: "2026-10-01")

  private func text(_ value: Any) -> String {
    var text = ""
    dump(value, to: &text)
    return text
  }

  private func costs(_ dimensions: [CostDimension], _ filter: CostFilter = [:]) -> CostQuery {
    CostQuery(
      range: AccessFixture.range, timeZone: "Asia/Kolkata", groupBy: dimensions, filter: filter, measures: CostMeasure.standard)
  }

  private func refused(_ body: () async throws -> Void) async throws -> Bool {
    do { try await body() } catch is CostQueryRefusal { return true }
    return false
  }

  @Test func everyReportIsOfTheSameCalls() async throws {
    let fixture = try await AccessFixture.make()
    let (reports, allocations) = (CostReports(pool: fixture.pool), AllocationReports(pool: fixture.pool))
    for reader in Reader.allCases {
      let (scope, organisation) = (reader.scope, fixture.organisation)
      let expected = Int64(reader.expected.money.count)
      let unpriced = reader.expected.money.contains(2) ? Int64(1) : 0
      for dimensions in [[], [.team], [.project], [.endpoint], [.environment, .service], [.key]] as [[CostDimension]] {
        let report = try await reports.run(costs(dimensions), scope: scope, organisation: organisation)
        #expect(report.total.calls == expected && report.total.unpricedCalls == unpriced, "\(reader) by \(dimensions)")
      }
      for source in [CostSource.observations, .spendHour, .chargesDay] {
        let report = try await reports.run(costs([.team]), scope: scope, organisation: organisation, source: source)
        #expect(report.total.calls == expected, "\(reader) from \(source)")
      }
      let visible = try await reports.visible(AccessFixture.range, filter: [:], scope: scope, organisation: organisation)
      let shown = Int64(reader.expected.money.intersection(reader.expected.traces).count)
      #expect(visible == VisibleCalls(calls: expected, visible: shown), "\(reader)")
      let unpricedAnswer = try await UnpricedReport(pool: fixture.pool).run(AccessFixture.range, scope: scope, organisation: organisation)
      #expect(unpricedAnswer.groups.map(\.calls) == (unpriced == 0 ? [] : [1]))
      #expect(unpricedAnswer.groups.allSatisfy { ($0.example != nil) == reader.expected.traces.contains(2) })
      var traffic: Set<UInt64> = []
      try await CallTraffic(pool: fixture.pool).each(AccessFixture.range, scope: scope, organisation: organisation) { calls in
        for call in calls { traffic.formUnion(AccessFixture.calls.map(\.trace).filter { TraceID(high: 7, low: $0) == call.facts.trace }) }
      }
      #expect(traffic == reader.expected.money, "\(reader)")
      let request = AllocationRequest(period: Self.days, view: .usageMonth)
      let allocation = try await allocations.run(request, scope: scope, organisation: organisation)
      #expect(allocation.total.calls == expected, "\(reader)")
      let now = try await allocations.ownLinesNow(request, scope: scope, organisation: organisation)
      #expect(now.reduce(0) { $0 + $1.calls } == expected)
      // Each charge is a meter of a day's calls; the effective money of all is the report's.
      var charged = USD.zero
      try await allocations.charges(request, scope: scope, organisation: organisation) { rows in
        for row in rows where row.meter != .rounding { charged = charged + row.amounts.effective }
      }
      #expect(charged == allocation.lines.reduce(USD.zero) { $0 + $1.exact.effective }, "\(reader)")
      for answer in [text(unpricedAnswer), text(allocation), text(now)] {
        #expect(!answer.contains("zebra"), "\(reader)")
        for user in fixture.pseudonyms { #expect(!answer.contains(user.key) && !answer.contains(user.value), "\(reader)") }
      }
    }
  }

  @Test func aLeadSeesOwnTeamsAloneAndNoTotalOfOthers() async throws {
    let fixture = try await AccessFixture.make()
    let scope = Reader.leadOfRed.scope
    let report = try await CostReports(pool: fixture.pool).run(costs([.team]), scope: scope, organisation: fixture.organisation)
    #expect(report.rows.map { $0.values.first?.value } == ["Red"])
    let foreign = try await CostReports(pool: fixture.pool).run(
      costs([.team], [.team: ["Green", ""]]), scope: scope, organisation: fixture.organisation)
    #expect(foreign.rows.isEmpty && foreign.total.calls == 0 && foreign.total.cost == nil)
    let allocation = try await AllocationReports(pool: fixture.pool).run(
      AllocationRequest(period: .month("2026-09")), scope: scope, organisation: fixture.organisation)
    #expect(allocation.lines.map(\.name) == ["Red"] && allocation.statement?.total == nil)
    let statements = Statements(pool: fixture.pool)
    for reader in Reader.allCases where reader.expected.money.count < 4 {
      let list = try await statements.list(scope: reader.scope, organisation: fixture.organisation)
      #expect(list.allSatisfy { $0.total == nil }, "\(reader)")
      await #expect(throws: StatementRefusal.self) {
        try await statements.bridge("2026-09", scope: reader.scope, organisation: fixture.organisation)
      }
      await #expect(throws: StatementRefusal.self) {
        try await statements.close("2026-09", comment: "", by: "x", scope: reader.scope, organisation: fixture.organisation)
      }
      #expect(try await PoolStore(pool: fixture.pool).list(scope: reader.scope).isEmpty)
    }
    let teams = try await TeamStore(pool: fixture.pool).list(scope: scope)
    #expect(teams.map(\.name) == ["Red"])
    #expect(try await TeamStore(pool: fixture.pool).find(AccessFixture.green, scope: scope) == nil)
  }

  @Test func moneyByUserIsByNameByPseudonymOrRefused() async throws {
    let fixture = try await AccessFixture.make()
    let (reports, allocations) = (CostReports(pool: fixture.pool), AllocationReports(pool: fixture.pool))
    for reader in Reader.allCases {
      let (scope, organisation) = (reader.scope, fixture.organisation)
      let users = Set(AccessFixture.calls.filter { reader.expected.money.contains($0.trace) }.map(\.user))
      let names = reader.expected.users == .pseudonyms ? Set(users.compactMap { fixture.pseudonyms[$0] }) : users
      var answers: [String] = []
      let isHidden = reader.expected.users == .hidden
      let byUser = try await refused {
        let report = try await reports.run(costs([.user]), scope: scope, organisation: organisation)
        #expect(Set(report.rows.compactMap { $0.values.first?.value }) == names, "\(reader)")
        answers.append(text(report))
        var top = costs([.user, .model])
        top.top = 1
        answers.append(text(try await reports.run(top, scope: scope, organisation: organisation)))
        let calls = try await reports.run(costs([.user]), scope: scope, organisation: organisation, source: .observations)
        #expect(Set(calls.rows.compactMap { $0.values.first?.value }) == names)
      }
      let ofUser = try await refused {
        for name in names {
          for source in [CostSource.observations, .spendUserDay] {
            let report = try await reports.run(costs([.user], [.user: [name]]), scope: scope, organisation: organisation, source: source)
            #expect(report.rows.map { $0.values.first?.value } == [name], "\(reader) from \(source)")
          }
        }
        for other in Set(fixture.pseudonyms.flatMap { [$0.key, $0.value] }).subtracting(names) {
          let report = try await reports.run(costs([], [.user: [other]]), scope: scope, organisation: organisation)
          #expect(report.total.calls == 0, "\(reader) and \(other)")
        }
        _ = try await reports.run(costs([], [.user: [""]]), scope: scope, organisation: organisation)
      }
      let list = try await refused {
        let report = try await UserReport(pool: fixture.pool).run(
          AccessFixture.range, filter: [:], text: nil, scope: scope, organisation: organisation)
        #expect(Set(report.users.map(\.user)) == names, "\(reader)")
        answers.append(text(report))
        for user in fixture.pseudonyms {
          let found = try await UserReport(pool: fixture.pool).run(
            AccessFixture.range, filter: [:], text: String(user.key.prefix(3)).uppercased(), scope: scope, organisation: organisation)
          // A pseudonym has the letters a to f.
          #expect(reader.expected.users != .shown || found.users.map(\.user) == (users.contains(user.key) ? [user.key] : []), "\(reader)")
        }
      }
      let allocation = try await refused {
        let report = try await allocations.run(
          AllocationRequest(period: Self.days, view: .usageMonth, breakdown: [.user]), scope: scope, organisation: organisation)
        #expect(Set(report.lines.flatMap { $0.values.compactMap(\.value) }) == names, "\(reader)")
        answers.append(text(report))
      }
      let unpriced = try await refused {
        _ = try await UnpricedReport(pool: fixture.pool).run(
          AccessFixture.range, filter: [.user: ["cat-2"]], scope: scope, organisation: organisation)
      }
      let traffic = try await refused {
        try await CallTraffic(pool: fixture.pool).each(
          AccessFixture.range, filter: [.user: ["cat-2"]], scope: scope, organisation: organisation) { _ in }
      }
      let isRefused = [byUser, ofUser, list, allocation, unpriced, traffic]
      #expect(isRefused.allSatisfy { $0 == isHidden }, "\(reader): \(isRefused)")
      for answer in answers where reader.expected.users == .pseudonyms {
        for user in fixture.pseudonyms.keys { #expect(!answer.contains(user), "\(reader)") }
      }
      let members = try await UserGroupStore(pool: fixture.pool).members(of: UserGroupID(1), scope: scope)
      let everybody = ["ann-1", "bob-2"]
      #expect(
        members == (isHidden ? [] : reader.expected.users == .shown ? everybody : everybody.compactMap { fixture.pseudonyms[$0] }.sorted()),
        "\(reader)")
    }
  }

  @Test func aFileIsOfTheScopeItWasAskedWithAndForThoseWhoMaySeeAsMuch() async throws {
    let fixture = try await AccessFixture.make()
    let exports = Exports(pool: fixture.pool)
    var ids: [Reader: ExportID] = [:]
    for reader in Reader.allCases {
      let request = ExportRequest(question: "user=ann-1", fileName: "a.csv", mediaType: "text/csv", days: 1)
      let export = try await exports.begin(request, scope: reader.scope, by: reader.rawValue)
      // Files are of money: in what they might tell of traces nobody is named.
      var asked = reader.scope
      asked.usersNamed = .none
      #expect(export.scope == asked, "\(reader)")
      ids[reader] = export.id
    }
    let order: [AccessScope.UserNaming] = [.hidden, .pseudonyms, .shown]
    for reader in Reader.allCases {
      let listed = Set(try await exports.list(scope: reader.scope).map(\.id))
      for (asked, id) in ids {
        let (mine, its) = (reader.expected, asked.expected)
        let knows = (order.firstIndex(of: mine.users) ?? 0) >= (order.firstIndex(of: its.users) ?? 3)
        // What is seen by team is another money than what is seen by project.
        let isTeams = { (r: Reader) in r.scope.teams != .all }
        let covers = reader.scope.seesAllMoney || isTeams(reader) == isTeams(asked) && its.money.isSubset(of: mine.money)
          && (!isTeams(asked) || its.traces.isSubset(of: mine.traces))
        let isFound = try await exports.find(id, scope: reader.scope) != nil
        #expect(isFound == (knows && covers) && listed.contains(id) == isFound, "\(reader) and the file of \(asked)")
        if !isFound { #expect(try await !exports.remove(id, scope: reader.scope, by: "x")) }
      }
    }
  }
}
