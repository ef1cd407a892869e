import Domain
import Postgres

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What a limit on distinct values holds for: a project's UTC day and one dimension.
struct ValueKey: Sendable, Hashable, Comparable {
  var project: ProjectID
  var day: UTCDay
  /// 0 endpoint, 1…4 of a declared key.
  var dimension: Int16

  static func < (a: Self, b: Self) -> Bool { (a.project, a.day, a.dimension) < (b.project, b.day, b.dimension) }

  /// Of the advisory lock under which its values are counted; keys that share one wait without need.
  var lockNumber: Int32 {
    var mixed = UInt64(UInt32(bitPattern: project.rawValue)) << 32 | UInt64(UInt32(bitPattern: day.number))
    mixed = (mixed ^ UInt64(UInt16(bitPattern: dimension)) << 48) &* 0x9E37_79B9_7F4A_7C15
    return Int32(truncatingIfNeeded: mixed >> 32)
  }
}

/// A text compared byte by byte, as the database does: Swift takes different normal forms for equal.
struct ByteText: Sendable, Hashable {
  let text: String

  init(_ text: String) { self.text = text }

  static func == (a: Self, b: Self) -> Bool {
    let isEqual = a.text.utf8.withContiguousStorageIfAvailable { x in
      b.text.utf8.withContiguousStorageIfAvailable { y in
        guard x.count == y.count, let a = x.baseAddress, let b = y.baseAddress else { return x.isEmpty && y.isEmpty }
        return memcmp(a, b, x.count) == 0
      }
    }
    return (isEqual ?? nil) ?? a.text.utf8.elementsEqual(b.text.utf8)
  }

  func hash(into hasher: inout Hasher) {
    let isDone: Void? = text.utf8.withContiguousStorageIfAvailable { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    if isDone == nil { Array(text.utf8).withUnsafeBytes { hasher.combine(bytes: $0) } }
  }
}

/// Values of one key that keep their name.
struct ValueSet: Sendable {
  var values: Set<ByteText> = []

  /// No further value is admitted, and `values` is all of them.
  var isFull: Bool { values.count >= AdmittedValues.valuesMax }

  /// nil: not known here.
  func admits(_ value: ByteText) -> Bool? { values.contains(value) ? true : isFull ? false : nil }
}

/// What this process knows of table `admitted_values`. Values are never taken back, so that nothing known becomes wrong.
/// Safe to share.
final class AdmittedValues: @unchecked Sendable {
  /// Of a project's day and dimension.
  static let valuesMax = 1000
  /// Senders choose the values, so what is kept is bounded; when full it starts anew.
  private static let keptMax = 200_000
  private let lock = Lock()
  private var sets: [ValueKey: ValueSet] = [:]
  private var kept = 0

  func set(_ key: ValueKey) -> ValueSet { lock.withLock { sets[key] ?? ValueSet() } }

  /// Only what is committed may be told.
  func remember(_ found: [ValueKey: ValueSet]) {
    if found.isEmpty { return }
    lock.withLock {
      for (key, set) in found {
        let before = sets[key]?.values.count ?? 0
        sets[key, default: ValueSet()].values.formUnion(set.values)
        kept += (sets[key]?.values.count ?? 0) - before
      }
      guard kept > Self.keptMax else { return }
      sets.removeAll()
      kept = 0
    }
  }
}
