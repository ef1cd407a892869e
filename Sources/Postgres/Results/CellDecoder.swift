/// Reads one binary value of a stated type.
struct CellDecoder<Value> {
  let name: String
  let decode: (UnsafeRawBufferPointer, UInt32) throws -> Value

  init(_ name: String, _ decode: @escaping (UnsafeRawBufferPointer, UInt32) throws -> Value) {
    self.name = name
    self.decode = decode
  }
}

/// The decoders, one per Swift type. Integers widen; text reads everything that is sent as plain text.
enum Cell {
  static func integer(_ bytes: UnsafeRawBufferPointer, _ oid: UInt32) throws -> Int64 {
    var reader = WireReader(bytes)
    switch oid {
    case PostgresType.int8.oid: return try reader.integer(Int64.self)
    case PostgresType.int4.oid: return Int64(try reader.integer(Int32.self))
    case PostgresType.int2.oid: return Int64(try reader.integer(Int16.self))
    default: throw CellProblem.wrongType
    }
  }

  static func narrow<T: FixedWidthInteger>(_: T.Type) -> CellDecoder<T> {
    CellDecoder(String(describing: T.self)) { bytes, oid in
      guard let value = T(exactly: try integer(bytes, oid)) else { throw CellProblem.outOfRange }
      return value
    }
  }

  static var int16: CellDecoder<Int16> { narrow(Int16.self) }
  static var int32: CellDecoder<Int32> { narrow(Int32.self) }
  static var int: CellDecoder<Int> { narrow(Int.self) }
  static var int64: CellDecoder<Int64> { CellDecoder("Int64", integer) }

  static var double: CellDecoder<Double> {
    CellDecoder("Double") { bytes, oid in
      var reader = WireReader(bytes)
      switch oid {
      case PostgresType.float8.oid: return Double(bitPattern: try reader.integer(UInt64.self))
      case 700: return Double(Float(bitPattern: try reader.integer(UInt32.self)))  // float4
      default: return Double(try integer(bytes, oid))
      }
    }
  }

  static var bool: CellDecoder<Bool> {
    CellDecoder("Bool") { bytes, oid in
      guard oid == PostgresType.bool.oid else { throw CellProblem.wrongType }
      guard bytes.count == 1 else { throw CellProblem.malformed }
      return bytes[0] != 0
    }
  }

  static var string: CellDecoder<String> {
    CellDecoder("String") { bytes, oid in
      switch oid {
      case PostgresType.jsonb.oid:
        guard bytes.first == 1 else { throw CellProblem.malformed }
        return String(decoding: bytes.dropFirst(), as: UTF8.self)
      // "char", name, text, json, xml, unknown, bpchar, varchar; from 16384 on enums and domains of our own.
      case 18, 19, 25, 114, 142, 705, 1042, 1043, 16384...: return String(decoding: bytes, as: UTF8.self)
      default: throw CellProblem.wrongType
      }
    }
  }

  static var bytes: CellDecoder<[UInt8]> {
    CellDecoder("[UInt8]") { bytes, oid in
      guard oid == PostgresType.bytea.oid else { throw CellProblem.wrongType }
      return [UInt8](bytes)
    }
  }

  static var uuid: CellDecoder<UInt128> {
    CellDecoder("UUID") { bytes, oid in
      guard oid == PostgresType.uuid.oid else { throw CellProblem.wrongType }
      var reader = WireReader(bytes)
      return try reader.integer(UInt128.self)
    }
  }

  static var timestamp: CellDecoder<Int64> {
    CellDecoder("timestamp") { bytes, oid in
      guard oid == PostgresType.timestamptz.oid || oid == 1114 else { throw CellProblem.wrongType }
      var reader = WireReader(bytes)
      return PostgresEpoch.toUnix(microseconds: try reader.integer(Int64.self))
    }
  }

  static var date: CellDecoder<Int32> {
    CellDecoder("date") { bytes, oid in
      guard oid == PostgresType.date.oid else { throw CellProblem.wrongType }
      var reader = WireReader(bytes)
      return PostgresEpoch.toUnix(days: try reader.integer(Int32.self))
    }
  }

  /// Integers are read as well, so that a column may change its type.
  static func numeric(scale: Int) -> CellDecoder<Int128> {
    CellDecoder("numeric") { bytes, oid in
      guard oid != PostgresType.numeric.oid else { return try NumericFormat.decode(bytes, scale: scale) }
      let value = Int128(try integer(bytes, oid))
      guard (0...NumericFormat.scaleMax).contains(scale), let power = Int128(exactly: NumericFormat.powersOfTen[scale])
      else { throw CellProblem.outOfRange }
      let (product, overflow) = value.multipliedReportingOverflow(by: power)
      guard !overflow else { throw CellProblem.outOfRange }
      return product
    }
  }

  static var numericText: CellDecoder<String> {
    CellDecoder("numeric text") { bytes, oid in
      guard oid != PostgresType.numeric.oid else { return try NumericFormat.text(bytes) }
      return String(try integer(bytes, oid))
    }
  }

  /// The elements of a one-dimensional array.
  static func elements<Value>(_ bytes: UnsafeRawBufferPointer, _ decoder: CellDecoder<Value>) throws -> [Value?] {
    var reader = WireReader(bytes)
    let dimensions = try reader.integer(Int32.self)
    _ = try reader.integer(Int32.self)
    let oid = try reader.integer(UInt32.self)
    guard dimensions > 0 else { return [] }
    guard dimensions == 1 else { throw CellProblem.wrongType }
    let count = Int(try reader.integer(Int32.self))
    _ = try reader.integer(Int32.self)
    var values: [Value?] = []
    values.reserveCapacity(min(count, bytes.count / 4))
    for _ in 0..<max(0, count) {
      let length = Int(try reader.integer(Int32.self))
      values.append(length < 0 ? nil : try decoder.decode(try reader.bytes(length), oid))
    }
    return values
  }
}
