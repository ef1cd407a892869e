/// A PostgreSQL type by its object id (pg_type.dat, PostgreSQL 15).
public struct PostgresType: Hashable, Sendable {
  /// The type's object id; 0 lets the server infer it.
  public let oid: UInt32
  /// The object id of arrays of this type; 0 if not known here.
  public let arrayOID: UInt32

  /// A type by its object ids.
  public init(oid: UInt32, arrayOID: UInt32 = 0) {
    self.oid = oid
    self.arrayOID = arrayOID
  }

  /// Left to the server.
  public static let inferred = PostgresType(oid: 0)
  public static let bool = PostgresType(oid: 16, arrayOID: 1000)
  public static let bytea = PostgresType(oid: 17, arrayOID: 1001)
  public static let int8 = PostgresType(oid: 20, arrayOID: 1016)
  public static let int2 = PostgresType(oid: 21, arrayOID: 1005)
  public static let int4 = PostgresType(oid: 23, arrayOID: 1007)
  public static let text = PostgresType(oid: 25, arrayOID: 1009)
  public static let json = PostgresType(oid: 114, arrayOID: 199)
  public static let float8 = PostgresType(oid: 701, arrayOID: 1022)
  public static let date = PostgresType(oid: 1082, arrayOID: 1182)
  public static let timestamptz = PostgresType(oid: 1184, arrayOID: 1185)
  public static let numeric = PostgresType(oid: 1700, arrayOID: 1231)
  public static let uuid = PostgresType(oid: 2950, arrayOID: 2951)
  public static let jsonb = PostgresType(oid: 3802, arrayOID: 3807)

  /// The type of arrays of this type.
  public var array: PostgresType { PostgresType(oid: arrayOID) }
}

/// Conversions between Unix time and PostgreSQL's, which counts from 2000-01-01.
enum PostgresEpoch {
  static let microseconds: Int64 = 946_684_800_000_000
  static let days: Int32 = 10957

  /// Clamps, so that no input traps; the ends are PostgreSQL's -infinity and infinity.
  static func fromUnix(microseconds value: Int64) -> Int64 {
    let (result, overflow) = value.subtractingReportingOverflow(microseconds)
    return overflow ? .min : result
  }

  static func toUnix(microseconds value: Int64) -> Int64 {
    if value == .min { return .min }
    let (result, overflow) = value.addingReportingOverflow(microseconds)
    return overflow ? .max : result
  }

  static func fromUnix(days value: Int32) -> Int32 {
    let (result, overflow) = value.subtractingReportingOverflow(days)
    return overflow ? .min : result
  }

  static func toUnix(days value: Int32) -> Int32 {
    if value == .min { return .min }
    let (result, overflow) = value.addingReportingOverflow(days)
    return overflow ? .max : result
  }
}
