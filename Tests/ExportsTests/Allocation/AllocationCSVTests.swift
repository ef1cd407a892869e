import Domain
import Testing

@testable import Exports

@Suite struct AllocationCSVTests {
  @Test func everyRowHasEveryColumnAndNamesAreUnique() {
    for report in [Samples.report, Samples.broken] {
      let rows = CSVReader.rows(AllocationCSV.bytes(report))
      #expect(rows.count == report.lines.count + 2)
      #expect(Set(rows.map(\.count)) == [rows[0].count])
      #expect(Set(rows[0]).count == rows[0].count)
      #expect(rows[0].first == "line")
    }
  }

  @Test func linesComeInOrderWithTheTotalLast() {
    let rows = CSVReader.table(AllocationCSV.bytes(Samples.report))
    #expect(rows.map { $0["line"] } == ["unallocated", "team", "shared", "adjustment", "total"])
    #expect(rows[1]["team"] == "'=Search \"R&D\", EU")
    #expect(rows[1]["gl_account"] == "'-4711")
    #expect(rows[1]["cache_write_1h_tokens"] == "3")
  }

  @Test func amountsAreRoundedAndExact() {
    let rows = CSVReader.table(AllocationCSV.bytes(Samples.report))
    #expect(rows[1]["effective_cost"] == "1234567.12")
    #expect(rows[1]["effective_cost_exact"] == "1234567.123456789012")
    #expect(rows[3]["effective_cost_exact"] == "-0.005")
    #expect(rows[1]["change"] == "234567.123456789012")
    #expect(rows[1]["change_share"] == "0.234567")
    #expect(rows[1]["cost_per_active_user"] == "411522.374485596337")
    #expect(rows[2]["cost_per_call"] == "")
  }

  @Test func aCallCostsWhatOwnCallsWithAFullPriceCost() {
    let rows = CSVReader.table(AllocationCSV.bytes(Samples.report))
    // 7 calls, 2 of them unpriced; shared costs and corrections are no calls of the month.
    #expect(rows[1]["cost_per_call"] == "246913.424691357802")
    #expect(rows[2]["cost_per_call"] == "" && rows[3]["cost_per_call"] == "")
    #expect(rows[4]["cost_per_call"] == "123456.762345678901")
    let search = AllocationTable(Samples.report).lines[1]
    var measures = Measures()
    (measures.calls, measures.unpricedCalls, measures.cost) = (search.calls, search.unpricedCalls, search.exact.effective)
    #expect(rows[1]["cost_per_call"] == measures.costPerRequest?.decimal)
  }

  @Test func theStateIsTheStatementsOrUnknown() {
    let closed = CSVReader.table(AllocationCSV.bytes(Samples.report))[0]
    #expect(closed["statement_state"] == "closed" && closed["status"] == nil)
    var usage = Samples.report
    usage.statement = nil
    #expect(CSVReader.table(AllocationCSV.bytes(usage))[0]["statement_state"] == "")
  }

  @Test func sharedLinesNameMethodAndDriver() {
    let row = CSVReader.table(AllocationCSV.bytes(Samples.report))[2]
    #expect(row["pool"] == "GPU; node")
    #expect(row["allocation_method"] == "PROPORTIONAL_COST")
    #expect(row["allocation_driver"] == "1234567.123456789012")
  }

  @Test func everyRowSaysWhatItIsAbout() {
    for row in CSVReader.table(AllocationCSV.bytes(Samples.report)) {
      #expect(row["month"] == "2026-10")
      #expect(row["time_zone"] == "Europe/Berlin")
      #expect(row["filter"] == "environment = prod, (none); Customer tier = gold")
      #expect(row["price_set"] == "catalogue 12, own prices 3")
      #expect(row["statement_id"] == "9")
      #expect(row["statement_hash"] == String(repeating: "ab", count: 32))
      #expect(row["generated_at"] == "2026-11-02T12:00:00Z")
      #expect(row["period_start"] == "2026-09-30T22:00:00Z")
    }
  }

  @Test func declaredDimensionsHaveTheNameThatTheyAreAskedBy() {
    let rows = CSVReader.table(AllocationCSV.bytes(Samples.broken))
    #expect(rows[1]["model"] == "gpt-4o")
    #expect(rows[1]["metadata_tier"] == "'+gold")
    #expect(AllocationTable(Samples.broken).columns.contains { $0.name == "metadata.tier" && $0.title == "Customer tier" })
    #expect(rows[0]["model"] == "")
  }

  @Test func keysThatReadAlikeStayApart() {
    var report = Samples.broken
    report.breakdown = [.extra1, .extra2]
    report.declared = [
      DeclaredKey(key: "a.b", place: 1, label: "Team", declaredAt: Samples.generated),
      DeclaredKey(key: "a_b", place: 2, label: "Team", declaredAt: Samples.generated),
    ]
    let header = CSVReader.rows(AllocationCSV.bytes(report))[0]
    #expect(header.contains("metadata_a_b") && header.contains("extra2"))
    #expect(Set(header).count == header.count)
  }

  @Test func europeanFilesSayTheSame() {
    let plain = CSVReader.table(AllocationCSV.bytes(Samples.report))
    let bytes = AllocationCSV.bytes(Samples.report, .european)
    #expect(bytes.prefix(3) == [0xEF, 0xBB, 0xBF])
    let european = CSVReader.table(Array(bytes.dropFirst(3)), separator: UInt8(ascii: ";"))
    #expect(european.map { $0["effective_cost_exact"]?.replacing(",", with: ".") } == plain.map { $0["effective_cost_exact"] })
    #expect(european[1]["effective_cost"] == "1234567,12")
    #expect(european.map { $0["team"] } == plain.map { $0["team"] })
  }
}

@Suite struct UTCTextTests {
  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
    (4_102_444_799, "2099-12-31T23:59:59Z"), (-62_135_596_800, "0001-01-01T00:00:00Z"),
  ])
  func instantsAreWrittenInUTC(_ seconds: Int64, _ text: String) {
    #expect(UTCText.seconds(Timestamp(seconds: seconds)) == text)
  }

  @Test func theEndsOfTimeDoNotTrap() {
    #expect(UTCText.seconds(Timestamp(microseconds: .max)).hasPrefix("294247-01-10"))
    #expect(!UTCText.seconds(Timestamp(microseconds: .min)).isEmpty)
  }
}
