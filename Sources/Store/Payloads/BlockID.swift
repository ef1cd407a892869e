import Domain

/// How long payloads of a project are kept; each class is a partition of its own.
public enum RetentionClass: Int16, Sendable, Hashable, CaseIterable {
  case days7 = 7
  case days30 = 30
  case days90 = 90
  case days400 = 400

  /// Place in a block's id.
  fileprivate var code: Int64 {
    switch self {
    case .days7: 0
    case .days30: 1
    case .days90: 2
    case .days400: 3
    }
  }
}

/// Names a payload block within its trace and tells the partition it lies in:
/// milliseconds since 1970 (48 bits), class (2 bits), of omitted spans (1 bit, told while the block is held), random (13 bits).
struct BlockID: Sendable, Hashable {
  let rawValue: Int64

  init(rawValue: Int64) { self.rawValue = rawValue }

  init(
    writtenAt: Timestamp, retention: RetentionClass, ofOmittedSpans: Bool = false, random: UInt16 = .random(in: 0...UInt16.max)
  ) {
    let milliseconds = min(max(0, writtenAt.microseconds / 1000), 1 << 46)
    rawValue = milliseconds << 16 | retention.code << 14 | (ofOmittedSpans ? 1 << 13 : 0) | Int64(random & 0x1FFF)
  }

  /// UTC day, since 1970.
  var writtenOn: Int32 { Int32(truncatingIfNeeded: (rawValue >> 16) / 86_400_000) }
  /// Only of blocks that wait for sampling: earlier releases had a random bit there.
  var isOfOmittedSpans: Bool { rawValue >> 13 & 1 == 1 }
  var retention: RetentionClass { RetentionClass.allCases[Int(rawValue >> 14 & 3)] }
}
