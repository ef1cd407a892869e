/// Which texts this connection has prepared, by text and parameter types. The least recently used goes first.
struct StatementCache {
  struct Key: Hashable {
    let text: String
    let types: [UInt32]
  }

  private struct Entry {
    let name: String
    var lastUse: UInt64
  }

  private var entries: [Key: Entry] = [:]
  private var clock: UInt64 = 0
  private var created: UInt64 = 0
  let entriesMax: Int

  init(entriesMax: Int) { self.entriesMax = max(1, entriesMax) }

  var count: Int { entries.count }

  mutating func name(of key: Key) -> String? {
    guard var entry = entries[key] else { return nil }
    clock &+= 1
    entry.lastUse = clock
    entries[key] = entry
    return entry.name
  }

  mutating func newName() -> String {
    created &+= 1
    return "q\(created)"
  }

  mutating func insert(_ key: Key, name: String) {
    clock &+= 1
    entries[key] = Entry(name: name, lastUse: clock)
  }

  /// Takes out the one to deallocate, if the cache is full.
  mutating func evict() -> String? {
    guard entries.count >= entriesMax, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) else {
      return nil
    }
    entries[oldest.key] = nil
    return oldest.value.name
  }

  mutating func remove(_ key: Key) { entries[key] = nil }
  mutating func removeAll() { entries.removeAll() }
}
