import Testing
import TestSupport

@testable import Postgres

@Suite struct ValueRoundTripTests {
  /// Selects one value and reads it back.
  private func echo<T: Sendable>(_ value: PostgresValue, _ read: @escaping @Sendable (Row) throws -> T) async throws
    -> T
  {
    try await TestDatabase.admin().run { c in
      try #require(try c.first("select \(value)", read))
    }
  }

  /// What PostgreSQL itself prints for the value.
  private func printed(_ value: PostgresValue) async throws -> String {
    try await TestDatabase.admin().run { c in
      try #require(try c.first(("select (\(value))::text" as SQL).uncached()) { try $0.string(0) })
    }
  }

  @Test(arguments: [Int64.min, -1, 0, 1, .max]) func integersSurvive(_ value: Int64) async throws {
    #expect(try await echo(.int64(value)) { try $0.int64(0) } == value)
    let small = Int16(truncatingIfNeeded: value)
    #expect(try await echo(.int16(small)) { try $0.int16(0) } == small)
    #expect(try await echo(.int16(small)) { try $0.int64(0) } == Int64(small))
    let middle = Int32(truncatingIfNeeded: value)
    #expect(try await echo(.int32(middle)) { try $0.int32(0) } == middle)
  }

  @Test func scalarsSurvive() async throws {
    #expect(try await echo(.bool(true)) { try $0.bool(0) })
    #expect(try await echo(.double(-0.1)) { try $0.double(0) } == -0.1)
    #expect(try await echo(.text("añb\u{1F600}")) { try $0.string(0) } == "añb\u{1F600}")
    #expect(try await echo(.text("")) { try $0.string(0) } == "")
    #expect(try await echo(.bytea([0, 255, 10])) { try $0.bytes(0) } == [0, 255, 10])
    #expect(try await echo(.bytea([])) { try $0.bytes(0) } == [])
    #expect(try await echo(.jsonb("{\"a\": 1}")) { try $0.string(0) } == "{\"a\": 1}")
    #expect(try await echo(.date(20_000)) { try $0.dateDays(0) } == 20_000)
  }

  @Test func valuesMeanToPostgresWhatTheyMeanHere() async throws {
    #expect(
      try await printed(.uuid(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef)) == "01234567-89ab-cdef-0123-456789abcdef")
    #expect(try await printed(.timestamp(1_700_000_000_123_456)) == "2023-11-14 22:13:20.123456+00")
    #expect(try await printed(.date(19_675)) == "2023-11-14")
    #expect(try await printed(.texts(["a,b", nil, "\""])) == #"{"a,b",NULL,"\""}"#)
  }

  @Test(arguments: [Int64.min, -62_135_596_800_000_000, -1, 0, 1_700_000_000_123_456])
  func timestampsSurvive(_ value: Int64) async throws {
    #expect(try await echo(.timestamp(value)) { try $0.timestampMicroseconds(0) } == value)
  }

  @Test(arguments: [
    Int128.min, -10_000, -9_999, -1, 0, 1, 9_999, 10_000, 100_000_000, 123_456_789_012_345_678_901_234, .max,
  ])
  func wholeNumericsSurvive(_ value: Int128) async throws {
    #expect(try await echo(.numeric(value)) { try $0.numericInteger(0) } == value)
    #expect(try await printed(.numeric(value)) == String(value))
    #expect(try await echo(.numeric(value)) { try $0.numericText(0) } == String(value))
  }

  @Test(arguments: Array(0...38))
  func decimalsOfEveryScaleSurvive(_ scale: Int) async throws {
    for unscaled in [Int128.min, -1, 0, 7, 10_000, 120_000_000, 123_456_789_012_345_678, .max] {
      let value = PostgresValue.decimal(unscaled: unscaled, scale: scale)
      #expect(try await echo(value) { try $0.numericScaled(0, scale: scale) } == unscaled)
      let ours = try await echo(value) { try $0.numericText(0) }
      #expect(try await printed(value) == ours)
    }
  }

  @Test func aFractionIsNoInteger() async throws {
    let value = PostgresValue.decimal(unscaled: 15, scale: 1)
    await #expect(throws: RowDecodingError.self) { try await self.echo(value) { try $0.numericInteger(0) } }
    #expect(try await echo(value) { try $0.numericScaled(0, scale: 12) } == 1_500_000_000_000)
    await #expect(throws: RowDecodingError.self) { try await self.echo(value) { try $0.numericScaled(0, scale: 0) } }
  }

  @Test func numericsOutOfRangeThrow() async throws {
    for text in ["1e39", "-1e39", "NaN", "Infinity", "170141183460469231731687303715884105728"] {
      await #expect(throws: RowDecodingError.self) {
        try await TestDatabase.admin().run { c in
          try c.first("select \(text)::text::numeric") { try $0.numericInteger(0) }
        }
      }
    }
  }

  @Test func numericTextEqualsPostgres() async throws {
    try await TestDatabase.admin().run { c in
      for text in ["0.0001", "-0.00001230", "1e20", "12345.6789", "0.00", "NaN", "-Infinity", "1000000.000001"] {
        let pair = try #require(
          try c.first("select (\(text))::text::numeric, ((\(text))::text::numeric)::text") {
            (try $0.numericText(0), try $0.string(1))
          })
        #expect(pair.0 == pair.1)
      }
    }
  }

  @Test func arraysSurviveWithNulls() async throws {
    #expect(try await echo(.int16s([1, nil, -3])) { try $0.int16sWithNulls(0) } == [1, nil, -3])
    #expect(try await echo(.int32s([1, 2])) { try $0.int32s(0) } == [1, 2])
    #expect(try await echo(.int64s([.min, nil, .max])) { try $0.int64sWithNulls(0) } == [.min, nil, .max])
    #expect(try await echo(.texts(["", "a", nil])) { try $0.stringsWithNulls(0) } == ["", "a", nil])
    #expect(try await echo(.byteas([[1], []])) { try $0.byteArrays(0) } == [[1], []])
    #expect(try await echo(.uuids([1, .max])) { try $0.uuids(0) } == [1, .max])
    #expect(
      try await echo(.numerics([.min, 0, nil, .max])) { try $0.numericIntegersWithNulls(0) } == [.min, 0, nil, .max])
    #expect(try await echo(.timestamps([0, 5])) { try $0.timestampsMicroseconds(0) } == [0, 5])
    #expect(try await echo(.bools([true, false])) { try $0.bools(0) } == [true, false])
    #expect(try await echo(.doubles([0.5])) { try $0.doubles(0) } == [0.5])
    #expect(try await echo(.dates([1])) { try $0.datesDays(0) } == [1])
    #expect(try await echo(.int64s([])) { try $0.int64s(0) } == [])
    await #expect(throws: RowDecodingError.self) { try await self.echo(.int64s([nil])) { try $0.int64s(0) } }
  }

  @Test func swiftArraysAreParameters() async throws {
    let bytes: [[UInt8]] = [[1, 2], [3]]
    let names: [String?] = ["a", nil]
    let row = try await TestDatabase.admin().run { c in
      try c.first("select \(bytes), \(names), \([UInt8](repeating: 9, count: 3)), \([1, 2, 3])") {
        (try $0.byteArrays(0), try $0.stringsWithNulls(1), try $0.bytes(2), try $0.int64s(3))
      }
    }
    let got = try #require(row)
    #expect(got.0 == bytes && got.1 == names && got.2 == [9, 9, 9] && got.3 == [1, 2, 3])
  }

  @Test func errorsNameTheColumn() async throws {
    let error = await #expect(throws: RowDecodingError.self) {
      try await TestDatabase.admin().run { c in try c.first("select 'x'::text as label") { try $0.int64(0) } }
    }
    #expect(error?.column == "label")
    #expect(error?.description.contains("Int64") == true)
    await #expect(throws: RowDecodingError.self) {
      try await TestDatabase.admin().run { c in try c.first("select 1::int8") { try $0.int64(1) } }
    }
    await #expect(throws: RowDecodingError.self) {
      try await TestDatabase.admin().run { c in try c.first("select null::int8") { try $0.int64(0) } }
    }
    #expect(try await echo(.null) { try $0.stringOrNil(0) } == nil)
  }
}
