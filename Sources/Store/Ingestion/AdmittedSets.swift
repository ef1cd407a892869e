import Domain
import Postgres

/// A combination of values of declared keys in one project.
struct SetKey: Sendable, Hashable, Comparable {
  var project: ProjectID
  /// The first 16 bytes of SHA-256 over the values.
  var digest: UInt128

  static func < (a: Self, b: Self) -> Bool { (a.project, a.digest) < (b.project, b.digest) }
}

/// A combination on the UTC day of a call.
struct DatedSet: Sendable, Hashable, Comparable {
  var set: SetKey
  var day: UTCDay

  static func < (a: Self, b: Self) -> Bool { (a.day, a.set) < (b.day, b.set) }
}

/// Days that an admission holds for.
struct AdmittedDays: Sendable, Hashable {
  var from: UTCDay
  /// The first day after; nil: no end.
  var until: UTCDay?

  func contains(_ day: UTCDay) -> Bool { from <= day && (until.map { day < $0 } ?? true) }
}

/// What is known of combinations; nothing in it ever becomes wrong.
struct FoundSets: Sendable {
  var admitted: [SetKey: [AdmittedDays]] = [:]
  /// Their day was full before they were met.
  var folded: Set<DatedSet> = []

  var count: Int { admitted.count + folded.count }

  /// nil: not known here.
  func keeps(_ set: DatedSet) -> Bool? {
    if admitted[set.set]?.contains(where: { $0.contains(set.day) }) == true { return true }
    return folded.contains(set) ? false : nil
  }

  mutating func admit(_ set: SetKey, _ days: AdmittedDays) {
    if admitted[set]?.contains(days) != true { admitted[set, default: []].append(days) }
  }
}

/// What this process knows of table `admitted_sets`. Safe to share.
final class AdmittedSets: @unchecked Sendable {
  /// New ones of a project and UTC day.
  static let newSetsMax = 1000
  /// Senders choose the values, so what is kept is bounded; when full it starts anew.
  private static let keptMax = 200_000
  let newSetsMax: Int
  private let lock = Lock()
  private var found = FoundSets()

  init(newSetsMax: Int? = nil) { self.newSetsMax = newSetsMax ?? Self.newSetsMax }

  /// nil: not known here.
  func keeps(_ set: DatedSet) -> Bool? { lock.withLock { found.keeps(set) } }

  /// Only what is committed may be told.
  func remember(_ more: FoundSets) {
    if more.count == 0 { return }
    lock.withLock {
      if found.count + more.count > Self.keptMax { found = FoundSets() }
      for (set, ranges) in more.admitted { ranges.forEach { found.admit(set, $0) } }
      found.folded.formUnion(more.folded)
    }
  }
}
