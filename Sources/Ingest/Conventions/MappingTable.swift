/// All conventions' tables as one: a key's slots, with a rank that says who wins a slot (smaller first).
struct MappingTable: Sendable {
  struct Entry: Sendable {
    var slot: Slot
    var rank: Int32
  }
  /// What a key says, and the prefix it also belongs to: a metadata member stays metadata whatever else it tells.
  struct Key: Sendable {
    var entries: [Entry] = []
    var under: (kind: KeyPrefix, rest: Substring)?
    var isUsage = false
  }
  let byKey: [String: Key]
  private let prefixes: PrefixTable
  private let index: KeyIndex

  /// In order of precedence.
  static var conventions: [any Convention.Type] {
    [
      LangfuseConvention.self, OpenInferenceConvention.self, OpenLITConvention.self, GenAIConvention.self,
      GenericConvention.self,
    ]
  }
  static let shared = MappingTable(conventions)

  init(_ conventions: [any Convention.Type]) {
    var byKey: [String: Key] = [:]
    prefixes = PrefixTable(conventions.flatMap { $0.prefixes })
    var rank: Int32 = 0
    for convention in conventions {
      for (key, slot) in convention.keys {
        byKey[key, default: Key()].entries.append(Entry(slot: slot, rank: rank))
        rank += 1
      }
    }
    for (key, known) in byKey {
      byKey[key]?.isUsage = known.entries.contains { $0.slot.isUsage }
      if let under = prefixes.find(key), under.kind == .metadata || under.kind == .traceMetadata {
        byKey[key]?.under = under
      }
    }
    self.byKey = byKey
    index = KeyIndex(byKey)
  }

  /// nil for a key that no convention names.
  func key(_ name: String) -> Key? { index.find(name) }

  /// The first prefix that `key` begins with, and what follows it.
  func prefix(of key: String) -> (kind: KeyPrefix, rest: Substring)? { prefixes.find(key) }
}

/// Keys by length and bytes in an open table. Every attribute of every span is looked up: a dictionary of texts took
/// 60 ns for each, this takes 15.
private struct KeyIndex: Sendable {
  private struct Slot: Sendable {
    var name: [UInt8]
    var key: MappingTable.Key
  }
  /// A power of two, at least four times the number of keys.
  private let slots: [Slot?]
  private let longest: Int

  init(_ keys: [String: MappingTable.Key]) {
    var size = 1024
    while size < keys.count * 4 { size *= 2 }
    var slots = [Slot?](repeating: nil, count: size)
    for (name, key) in keys {
      let name = Array(name.utf8)
      var at = name.withUnsafeBufferPointer { Self.hash($0) } & (size - 1)
      while slots[at] != nil { at = (at + 1) & (size - 1) }
      slots[at] = Slot(name: name, key: key)
    }
    self.slots = slots
    longest = keys.keys.map(\.utf8.count).max() ?? 0
  }

  func find(_ name: String) -> MappingTable.Key? {
    var name = name
    return name.withUTF8 { bytes in
      guard bytes.count > 0, bytes.count <= longest else { return nil }
      var at = Self.hash(bytes) & (slots.count - 1)
      while let slot = slots[at] {
        if slot.name.count == bytes.count, slot.name.elementsEqual(bytes) { return slot.key }
        at = (at + 1) & (slots.count - 1)
      }
      return nil
    }
  }

  /// Keys differ most at their end.
  private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var hash = UInt64(bytes.count)
    for byte in bytes.suffix(16) { hash = (hash ^ UInt64(byte)) &* 0x9E37_79B9_7F4A_7C15 }
    return Int(truncatingIfNeeded: hash >> 20)
  }
}

/// Prefixes by their first byte, in order of precedence.
private struct PrefixTable: Sendable {
  private struct Entry: Sendable {
    var prefix: [UInt8]
    var kind: KeyPrefix
  }
  private var byFirst: [[Entry]] = Array(repeating: [], count: 256)

  init(_ prefixes: [(prefix: String, kind: KeyPrefix)]) {
    for (prefix, kind) in prefixes {
      if let first = prefix.utf8.first { byFirst[Int(first)].append(Entry(prefix: Array(prefix.utf8), kind: kind)) }
    }
  }

  func find(_ key: String) -> (kind: KeyPrefix, rest: Substring)? {
    guard let first = key.utf8.first, !byFirst[Int(first)].isEmpty else { return nil }
    for entry in byFirst[Int(first)] where key.utf8.starts(with: entry.prefix) {
      let rest = key[key.utf8.index(key.utf8.startIndex, offsetBy: entry.prefix.count)...]
      return rest.isEmpty ? nil : (entry.kind, rest)
    }
    return nil
  }
}
