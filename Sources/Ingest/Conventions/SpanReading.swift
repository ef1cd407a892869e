import Wire

/// One span's attributes sorted into slots by all conventions' tables in a single pass, remembering which were used.
struct SpanReading {
  let attributes: [Attribute]
  private(set) var isConsumed: [Bool]
  /// By slot: rank << 32 | place of the attribute that won it.
  private var winners: [UInt64]
  private var indexed: [(kind: KeyPrefix, rest: Substring, index: Int)] = []
  /// Places of every attribute that speaks of usage.
  private(set) var usageIndexes: [Int] = []

  init(_ attributes: [Attribute], table: MappingTable = .shared) {
    self.attributes = attributes
    isConsumed = Array(repeating: false, count: attributes.count)
    winners = Array(repeating: .max, count: Slot.count)
    var hits: [(slot: Slot, index: Int)] = []
    hits.reserveCapacity(attributes.count)
    for index in attributes.indices where attributes[index].value.isSaying {
      guard let key = table.key(attributes[index].key) else {
        if let (kind, rest) = table.prefix(of: attributes[index].key) { indexed.append((kind, rest, index)) }
        continue
      }
      if let (kind, rest) = key.under { indexed.append((kind, rest, index)) }
      if key.isUsage { usageIndexes.append(index) }
      for entry in key.entries {
        hits.append((entry.slot, index))
        let rank = UInt64(UInt32(bitPattern: entry.rank)) << 32
        if rank >> 32 < winners[entry.slot.rawValue] >> 32 {
          winners[entry.slot.rawValue] = rank | UInt64(index)
        }
      }
    }
    markConsumed(hits)
  }

  /// A key is used up when it won its slot or repeats the winner; a loser that says something else stays an attribute.
  private mutating func markConsumed(_ hits: [(slot: Slot, index: Int)]) {
    for (slot, index) in hits where !slot.isKept {
      guard let winner = winner(slot) else { continue }
      if index == winner || slot.isUsage || attributes[index].value == attributes[winner].value {
        isConsumed[index] = true
      }
    }
  }

  /// Place of the attribute that won a slot.
  private func winner(_ slot: Slot) -> Int? {
    let packed = winners[slot.rawValue]
    return packed == .max ? nil : Int(packed & 0xFFFF_FFFF)
  }

  subscript(slot: Slot) -> AnyValue? {
    winner(slot).map { attributes[$0].value }
  }

  /// A scalar's text, trimmed of nothing; nil for lists and maps.
  func text(_ slot: Slot) -> String? { self[slot]?.stringValue }
  func has(_ slot: Slot) -> Bool { winner(slot) != nil }
  /// The key that won a slot.
  func key(_ slot: Slot) -> String? {
    winner(slot).map { attributes[$0].key }
  }

  /// Attributes under a prefix, in the order sent.
  func under(_ kind: KeyPrefix) -> [(rest: Substring, index: Int)] {
    if indexed.isEmpty { return [] }
    return indexed.filter { $0.kind == kind }.map { ($0.rest, $0.index) }
  }
  func has(_ kind: KeyPrefix) -> Bool { indexed.contains { $0.kind == kind } }

  mutating func keep(_ index: Int) { isConsumed[index] = false }
  mutating func consume(_ index: Int) { isConsumed[index] = true }
  mutating func consume(_ kind: KeyPrefix) {
    for entry in indexed where entry.kind == kind { isConsumed[entry.index] = true }
  }
  /// Gives a slot's attribute back to the attributes, because something better was found.
  mutating func release(_ slot: Slot) {
    if let index = winner(slot) { isConsumed[index] = false }
  }
}

extension AnyValue {
  /// Says something: not empty, no empty text or list.
  var isSaying: Bool {
    switch self {
    case .empty: false
    case .string(let text): !text.isEmpty
    case .array(let values): !values.isEmpty
    case .map(let members): !members.isEmpty
    case .bytes(let bytes): !bytes.isEmpty
    case .bool, .int, .double: true
    }
  }

  /// The JSON that a text holds or a structured value is; nil for a text that is no JSON.
  var parsedJSON: JSONValue? {
    guard case .string(let text) = self else { return jsonValue }
    return try? JSON.parse(text)
  }

  /// As stored: a string as it is, anything else as JSON.
  var bodyText: String { if case .string(let text) = self { text } else { jsonText } }
}
