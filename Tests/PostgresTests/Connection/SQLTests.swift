import Testing

@testable import Postgres

@Suite struct SQLTests {
  @Test func valuesBecomeNumberedBinds() {
    let id: Int64 = 7
    let sql: SQL = "select * from t where a = \(id) and b = \("x'; drop table t; --")"
    #expect(sql.text == "select * from t where a = $1 and b = $2")
    #expect(sql.binds == [.int64(7), .text("x'; drop table t; --")])
  }

  @Test func embeddedFragmentsAreNumberedAnew() {
    let filter: SQL = "b = \(true) or c = \(2.5)"
    let sql: SQL = "select 1 where a = \(Int32(1)) and (\(filter)) and d = \([Int64(1), 2])"
    #expect(sql.text == "select 1 where a = $1 and (b = $2 or c = $3) and d = $4")
    #expect(sql.binds.count == 4)
    #expect(sql.binds[3] == .int64s([1, 2]))
  }

  @Test func optionalsKeepTheirTypeWhenNil() {
    let absent: Int32? = nil
    let sql: SQL = "select \(absent), \(Optional<String>.none)"
    #expect(sql.binds == [.typedNull(.int4), .typedNull(.text)])
  }

  @Test func fragmentsJoinAndNamesAreQuoted() {
    let conditions: [SQL] = ["a = \(1)", "b = \(2)"]
    let sql = "where " + conditions.joined(by: " and ") + " order by \(identifier: "we\"ird")"
    #expect(sql.text == "where a = $1 and b = $2 order by \"we\"\"ird\"")
    #expect(([] as [SQL]).joined(by: ",").isEmpty)
    let raw: SQL = "x \(unescaped: "desc")"
    #expect(raw.text == "x desc" && raw.binds.isEmpty)
  }
}
