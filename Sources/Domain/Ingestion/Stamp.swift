/// Orders what several messages say about one field (design §3.2): the event's own time, then create before update, then the event id.
/// A whole OTLP copy of a span carries one stamp: its end time (`.min` without one), rank 0 and its content hash.
public struct Stamp: Sendable, Hashable, Comparable {
  /// Microseconds since 1970.
  public var time: Int64
  /// 0 create or OTLP copy, 1 update.
  public var rank: UInt8
  /// First 8 bytes of the event id's SHA-256, or the content hash.
  public var hash: UInt64

  public init(time: Int64, rank: UInt8, hash: UInt64) {
    self.time = time
    self.rank = rank
    self.hash = hash
  }

  public static func < (a: Self, b: Self) -> Bool { (a.time, a.rank, a.hash) < (b.time, b.rank, b.hash) }
}

/// Fields that are merged one by one; raw values are bit positions in stored stamps, so they are never reused.
public enum Field: UInt8, Sendable, CaseIterable {
  case parent, kind, name, level, statusMessage, startedAt, endedAt, firstTokenAt, requestModel, responseModel, provider
  case serviceTier, responseID, usage, reportedCost, prompt, environment, service, release, version, user, session
  case endpointHint, serverRoute, scope, key, input, output
  // Stored as bits: new fields come last.
  case region
}

/// Which stamp set each field last. Few distinct stamps, mostly one, so kept and stored as groups of fields; the first
/// stands in place, without an allocation.
public struct Stamps: Sendable, Hashable {
  private struct Group: Sendable, Hashable {
    var stamp: Stamp
    var fields: UInt32
  }
  /// By rising stamp. Absent only when nothing is stamped.
  private var first: Group?
  private var rest: [Group] = []

  public init() {}
  /// All of `fields` set by one message.
  public init(_ stamp: Stamp, fields: UInt32) { first = fields == 0 ? nil : Group(stamp: stamp, fields: fields) }

  private init(_ groups: [Group]) {
    first = groups.first
    rest = Array(groups.dropFirst())
  }

  private var groups: [Group] { first.map { [$0] + rest } ?? [] }

  public subscript(field: Field) -> Stamp? {
    get {
      guard let first else { return nil }
      if first.fields & field.bit != 0 { return first.stamp }
      return rest.first { $0.fields & field.bit != 0 }?.stamp
    }
    set {
      if let newValue { set(newValue, fields: field.bit) } else { remove(field.bit) }
    }
  }

  /// Stamps all of `fields` anew.
  mutating func set(_ stamp: Stamp, fields: UInt32) {
    if fields == 0 { return }
    if rest.isEmpty, first.map({ $0.stamp == stamp || $0.fields & ~fields == 0 }) ?? true {
      first = Group(stamp: stamp, fields: (first?.fields ?? 0) | fields)
      return
    }
    remove(fields)
    var groups = groups
    if let i = groups.firstIndex(where: { $0.stamp == stamp }) {
      groups[i].fields |= fields
    } else {
      groups.append(Group(stamp: stamp, fields: fields))
      groups.sort { $0.stamp < $1.stamp }
    }
    self = Stamps(groups)
  }

  private mutating func remove(_ fields: UInt32) {
    if rest.isEmpty {
      first?.fields &= ~fields
      if first?.fields == 0 { first = nil }
      return
    }
    var groups = groups
    for i in groups.indices { groups[i].fields &= ~fields }
    groups.removeAll { $0.fields == 0 }
    self = Stamps(groups)
  }

  /// Fields for which `other` has the newer word, or the only one.
  func older(than other: Stamps) -> UInt32 {
    var fields: UInt32 = 0
    for theirs in other.groups {
      var claimed = theirs.fields
      if let first, !(first.stamp < theirs.stamp) { claimed &= ~first.fields }
      for mine in rest where !(mine.stamp < theirs.stamp) { claimed &= ~mine.fields }
      fields |= claimed
    }
    return fields
  }

  /// Takes the stamps that `other` has for `fields`.
  mutating func take(_ fields: UInt32, from other: Stamps) {
    guard fields != 0, let theirs = other.first else { return }
    set(theirs.stamp, fields: theirs.fields & fields)
    for group in other.rest { set(group.stamp, fields: group.fields & fields) }
  }

  public var isEmpty: Bool { first == nil }
  /// The newest stamp of any field.
  public var latest: Stamp? { rest.last?.stamp ?? first?.stamp }

  /// 21 bytes a distinct stamp: time 8, rank 1, hash 8, field bits 4, big endian.
  public var bytes: [UInt8] {
    guard let first else { return [] }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(21 * (1 + rest.count))
    Self.append(first, to: &bytes)
    for group in rest { Self.append(group, to: &bytes) }
    return bytes
  }

  private static func append(_ group: Group, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: group.stamp.time.bigEndian) { bytes.append(contentsOf: $0) }
    bytes.append(group.stamp.rank)
    withUnsafeBytes(of: group.stamp.hash.bigEndian) { bytes.append(contentsOf: $0) }
    withUnsafeBytes(of: group.fields.bigEndian) { bytes.append(contentsOf: $0) }
  }

  /// nil when the length is not a multiple of 21.
  public init?(bytes: [UInt8]) {
    guard bytes.count % 21 == 0 else { return nil }
    self.init(
      stride(from: 0, to: bytes.count, by: 21).map { at in
        Group(
          stamp: Stamp(
            time: Int64(bitPattern: bigEndian(bytes[at..<at + 8])), rank: bytes[at + 8],
            hash: bigEndian(bytes[at + 9..<at + 17])),
          fields: UInt32(truncatingIfNeeded: bigEndian(bytes[at + 17..<at + 21])))
      })
  }
}

extension Field {
  public var bit: UInt32 { 1 << UInt32(rawValue) }
}
