/// A metadata key (or attribute name) of the traced applications whose value is kept with the money, from `declaredAt` on: rules may
/// read it, and with a place it is a dimension of reports, pivots, filters and exports.
public struct DeclaredKey: Sendable, Hashable {
  /// As senders write it: "tenant", "langgraph.node".
  public var key: String {
    didSet { namesContent = ContentNames.isContent(key) }
  }
  /// Whether senders write content under it: it can't be declared, and its values are not read (`ContentNames`).
  public private(set) var namesContent: Bool
  /// 1…4 for a dimension; nil: only rules read it.
  public var place: Int?
  /// What people read.
  public var label: String
  public var declaredAt: Timestamp

  /// Keys of one organisation at most, dimensions among them.
  public static let countMax = 16
  /// Longer values are cut to whole characters within this many bytes of UTF-8.
  public static let valueBytesMax = 200

  public init(key: String, place: Int?, label: String, declaredAt: Timestamp) {
    self.key = key
    namesContent = ContentNames.isContent(key)
    self.place = place
    self.label = label
    self.declaredAt = declaredAt
  }

  /// nil also for a key that was declared before names of content were refused: what was kept of it is told nowhere.
  public var dimension: CostDimension? {
    namesContent ? nil : place.flatMap { (1...4).contains($0) ? CostDimension.extras[$0 - 1] : nil }
  }

}

/// Values of declared keys that came with an observation or a trace. Merged key by key: of two messages the later stamp wins, in
/// any order and any number of times; an absent key never erases (design §3.2).
public struct DeclaredValues: Sendable, Hashable {
  public struct Entry: Sendable, Hashable {
    public var key: String
    public var value: String
    public var stamp: Stamp
    public init(key: String, value: String, stamp: Stamp) {
      self.key = key
      self.value = value
      self.stamp = stamp
    }
  }

  /// By rising key (as UTF-8), one each.
  public private(set) var entries: [Entry] = []

  public init() {}
  public var isEmpty: Bool { entries.isEmpty }

  public subscript(key: String) -> String? { entries.first { $0.key == key }?.value }

  /// Says a value; of equal stamps the larger text stays, so that order doesn't matter.
  public mutating func say(_ key: String, _ value: String, _ stamp: Stamp) {
    let bytes = key.utf8
    let place = entries.firstIndex { !$0.key.utf8.lexicographicallyPrecedes(bytes) } ?? entries.count
    guard place < entries.count, entries[place].key.utf8.elementsEqual(bytes) else {
      entries.insert(Entry(key: key, value: value, stamp: stamp), at: place)
      return
    }
    let known = entries[place]
    let isNewer = known.stamp == stamp ? known.value.utf8.lexicographicallyPrecedes(value.utf8) : known.stamp < stamp
    if isNewer { entries[place] = Entry(key: key, value: value, stamp: stamp) }
  }

  public mutating func merge(_ other: DeclaredValues) {
    if other.entries.isEmpty || entries == other.entries { return }
    if entries.isEmpty {
      entries = other.entries
      return
    }
    for entry in other.entries { say(entry.key, entry.value, entry.stamp) }
  }
}
