/// One statement parameter, sent in binary.
///
/// *Units:* timestamps are microseconds since 1970-01-01 UTC, dates days since then. *Source:* the send and receive
/// functions of PostgreSQL 15.
public enum PostgresValue: Hashable, Sendable {
  /// NULL whose type the server infers.
  case null
  /// NULL of a stated type.
  case typedNull(PostgresType)
  case bool(Bool)
  case int16(Int16)
  case int32(Int32)
  case int64(Int64)
  case double(Double)
  case text(String)
  case bytea([UInt8])
  /// The 16 bytes as a big-endian number.
  case uuid(UInt128)
  /// timestamptz; the ends of the range are -infinity and infinity.
  case timestamp(Int64)
  case date(Int32)
  case numeric(Int128)
  /// `unscaled` × 10^-`scale`; scale 0 to 38.
  case decimal(unscaled: Int128, scale: Int)
  case jsonb(String)
  /// Bytes that are already in the type's binary format.
  case encoded(PostgresType, [UInt8])

  /// The type that is declared to the server.
  public var type: PostgresType {
    switch self {
    case .null: .inferred
    case .typedNull(let type): type
    case .bool: .bool
    case .int16: .int2
    case .int32: .int4
    case .int64: .int8
    case .double: .float8
    case .text: .text
    case .bytea: .bytea
    case .uuid: .uuid
    case .timestamp: .timestamptz
    case .date: .date
    case .numeric, .decimal: .numeric
    case .jsonb: .jsonb
    case .encoded(let type, _): type
    }
  }

  /// Whether this is NULL.
  public var isNull: Bool {
    switch self {
    case .null, .typedNull: true
    default: false
    }
  }

  /// Writes the value without its length; nothing for NULL.
  func encode(into buffer: WireBuffer) {
    switch self {
    case .null, .typedNull: break
    case .bool(let value): buffer.append(UInt8(value ? 1 : 0))
    case .int16(let value): buffer.append(value)
    case .int32(let value): buffer.append(value)
    case .int64(let value): buffer.append(value)
    case .double(let value): buffer.append(value.bitPattern)
    case .text(let value): buffer.append(utf8: value)
    case .bytea(let value): buffer.append(value)
    case .uuid(let value): buffer.append(value)
    case .timestamp(let value): buffer.append(PostgresEpoch.fromUnix(microseconds: value))
    case .date(let value): buffer.append(PostgresEpoch.fromUnix(days: value))
    case .numeric(let value): NumericFormat.encode(unscaled: value, scale: 0, into: buffer)
    case .decimal(let unscaled, let scale): NumericFormat.encode(unscaled: unscaled, scale: scale, into: buffer)
    case .jsonb(let value):
      buffer.append(UInt8(1))  // version of the binary form
      buffer.append(utf8: value)
    case .encoded(_, let bytes): buffer.append(bytes)
    }
  }
}

/// Not by `nil`: in a `PostgresValue?` it would be unclear which of two nothings is meant.
extension PostgresValue: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByStringLiteral
{
  /// A bool.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// An int8.
  public init(integerLiteral value: Int64) { self = .int64(value) }
  /// A float8.
  public init(floatLiteral value: Double) { self = .double(value) }
  /// A text.
  public init(stringLiteral value: String) { self = .text(value) }
}
