import Domain
import Postgres

// Domain's own types as statement parameters and as columns.

extension Timestamp: PostgresEncodable {
  public static var postgresType: PostgresType { .timestamptz }
  public var postgresValue: PostgresValue { .timestamp(microseconds) }
}

extension TraceID: PostgresEncodable {
  public static var postgresType: PostgresType { .uuid }
  public var postgresValue: PostgresValue { .uuid(UInt128(high) << 64 | UInt128(low)) }

  init(uuid: UInt128) {
    self.init(high: UInt64(truncatingIfNeeded: uuid >> 64), low: UInt64(truncatingIfNeeded: uuid))
  }
}

/// The same 64 bits, signed, since PostgreSQL has no unsigned numbers.
extension ObservationID: PostgresEncodable {
  public static var postgresType: PostgresType { .int8 }
  public var postgresValue: PostgresValue { .int64(Int64(bitPattern: rawValue)) }

  init(signed: Int64) { self.init(UInt64(bitPattern: signed)) }
}

extension RowID where Self: PostgresEncodable {
  public static var postgresType: PostgresType { .int4 }
  public var postgresValue: PostgresValue { .int32(rawValue) }
}
extension OrganisationID: PostgresEncodable {}
extension TeamID: PostgresEncodable {}
extension ProjectID: PostgresEncodable {}
extension KeyID: PostgresEncodable {}
extension MemberID: PostgresEncodable {}
extension UserGroupID: PostgresEncodable {}
extension PriceEntryID: PostgresEncodable {}
extension RepricingID: PostgresEncodable {}
extension RuleID: PostgresEncodable {}
extension ReattributionID: PostgresEncodable {}

extension String {
  /// PostgreSQL's texts hold no NUL; a question about one that does matches nothing.
  var isStorable: Bool { !utf8.contains(0) }
}

extension Row {
  func id<ID: RowID>(_ column: Int, as type: ID.Type = ID.self) throws -> ID { ID(try int32(column)) }
  func idOrNil<ID: RowID>(_ column: Int, as type: ID.Type = ID.self) throws -> ID? { try int32OrNil(column).map { ID($0) } }
  func timestamp(_ column: Int) throws -> Timestamp { Timestamp(microseconds: try timestampMicroseconds(column)) }
  func timestampOrNil(_ column: Int) throws -> Timestamp? {
    try timestampMicrosecondsOrNil(column).map { Timestamp(microseconds: $0) }
  }
  func traceID(_ column: Int) throws -> TraceID { TraceID(uuid: try uuid(column)) }
  func observationID(_ column: Int) throws -> ObservationID { ObservationID(signed: try int64(column)) }
  func observationIDOrNil(_ column: Int) throws -> ObservationID? { try int64OrNil(column).map { ObservationID(signed: $0) } }
}
extension StatementID: PostgresEncodable {}
extension PoolID: PostgresEncodable {}
