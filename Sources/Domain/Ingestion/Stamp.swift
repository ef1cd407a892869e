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
}

/// Which stamp set each field last. Few distinct stamps, so kept and stored as groups of fields.
public struct Stamps: Sendable, Hashable {
  private struct Group: Sendable, Hashable {
    var stamp: Stamp
    var fields: UInt32
  }
  private var groups: [Group] = []

  public init() {}
  /// All of `fields` set by one message.
  public init(_ stamp: Stamp, fields: UInt32) { groups = fields == 0 ? [] : [Group(stamp: stamp, fields: fields)] }

  public subscript(field: Field) -> Stamp? {
    get { groups.first { $0.fields & field.bit != 0 }?.stamp }
    set {
      for i in groups.indices { groups[i].fields &= ~field.bit }
      groups.removeAll { $0.fields == 0 }
      guard let stamp = newValue else { return }
      if let i = groups.firstIndex(where: { $0.stamp == stamp }) {
        groups[i].fields |= field.bit
      } else {
        groups.append(Group(stamp: stamp, fields: field.bit))
        groups.sort { $0.stamp < $1.stamp }
      }
    }
  }

  public var isEmpty: Bool { groups.isEmpty }
  /// The newest stamp of any field.
  public var latest: Stamp? { groups.map(\.stamp).max() }

  /// 21 bytes a distinct stamp: time 8, rank 1, hash 8, field bits 4, big endian.
  public var bytes: [UInt8] {
    groups.flatMap { group in
      bigEndianBytes(UInt64(bitPattern: group.stamp.time)) + [group.stamp.rank] + bigEndianBytes(group.stamp.hash)
        + bigEndianBytes(UInt64(group.fields)).suffix(4)
    }
  }

  /// nil when the length is not a multiple of 21.
  public init?(bytes: [UInt8]) {
    guard bytes.count % 21 == 0 else { return nil }
    groups = stride(from: 0, to: bytes.count, by: 21).map { at in
      Group(
        stamp: Stamp(
          time: Int64(bitPattern: bigEndian(bytes[at..<at + 8])), rank: bytes[at + 8],
          hash: bigEndian(bytes[at + 9..<at + 17])),
        fields: UInt32(truncatingIfNeeded: bigEndian(bytes[at + 17..<at + 21])))
    }
  }
}

extension Field {
  public var bit: UInt32 { 1 << UInt32(rawValue) }
}
