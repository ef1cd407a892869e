/// The 16 bytes that name a trace within its project. A sender's id of 32 hex digits is kept as it is; any other text becomes the
/// first 16 bytes of its SHA-256, and the trace row keeps the original.
public struct TraceID: Sendable, Hashable, Comparable {
  public let high: UInt64
  public let low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// From 16 bytes, big endian; nil for another length or all zero (invalid in OpenTelemetry).
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 16 else { return nil }
    self.init(high: bigEndian(bytes.prefix(8)), low: bigEndian(bytes.dropFirst(8)))
    if high == 0, low == 0 { return nil }
  }

  /// As the generic form, without its cost: wire formats give arrays.
  public init?(bytes: [UInt8]) {
    guard bytes.count == 16 else { return nil }
    self.init(high: bigEndian(bytes, from: 0), low: bigEndian(bytes, from: 8))
    if high == 0, low == 0 { return nil }
  }

  /// From a sender's text. `external` is the text to keep when it is not 32 hex digits.
  public static func named(_ text: String) -> (id: TraceID, external: String?) {
    if let bytes = hexBytes(text, count: 16), let id = TraceID(bytes: bytes) { return (id, nil) }
    let digest = SHA256Digest.of(text.utf8)
    return (TraceID(high: bigEndian(digest.prefix(8)), low: bigEndian(digest[8..<16])), text)
  }

  public var bytes: [UInt8] { bigEndianBytes(high) + bigEndianBytes(low) }
  /// 32 lower-case hex digits.
  public var hex: String { hexText(high) + hexText(low) }
  public static func < (a: Self, b: Self) -> Bool { (a.high, a.low) < (b.high, b.low) }
}

extension TraceID: CustomStringConvertible {
  public var description: String { hex }
}

/// The 8 bytes that name an observation within its trace: an OpenTelemetry span id as it is, any other text by its SHA-256.
public struct ObservationID: Sendable, Hashable, Comparable {
  public let rawValue: UInt64

  public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  /// From 8 bytes, big endian; nil for another length or all zero.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 8 else { return nil }
    self.rawValue = bigEndian(bytes)
    if rawValue == 0 { return nil }
  }

  /// As the generic form, without its cost: wire formats give arrays.
  public init?(bytes: [UInt8]) {
    guard bytes.count == 8 else { return nil }
    rawValue = bigEndian(bytes, from: 0)
    if rawValue == 0 { return nil }
  }

  /// From a sender's text. `external` is the text to keep when it is not 16 hex digits.
  public static func named(_ text: String) -> (id: ObservationID, external: String?) {
    if let bytes = hexBytes(text, count: 8), let id = ObservationID(bytes: bytes) { return (id, nil) }
    return (ObservationID(bigEndian(SHA256Digest.of(text.utf8).prefix(8))), text)
  }

  public var bytes: [UInt8] { bigEndianBytes(rawValue) }
  /// 16 lower-case hex digits.
  public var hex: String { hexText(rawValue) }
  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension ObservationID: CustomStringConvertible {
  public var description: String { hex }
}
