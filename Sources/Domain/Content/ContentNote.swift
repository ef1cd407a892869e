/// What was done to the content of one message before it was stored, kept with the row that it became. A message that was kept as it came
/// (level full) has none.
public struct ContentNote: Sendable, Hashable {
  /// Which message: that of its bodies.
  public var stamp: Stamp
  /// What was kept then: of project and key the stricter.
  public var level: ContentLevel
  /// The key's policy kept less than the project's rules.
  public var isByKey: Bool
  /// What was sent and is not stored.
  public var leftOut: Set<ContentField> = []
  /// Values that were replaced, by field and kind. Counts of content: only for who may read it.
  public var masked: [Masked] = []

  /// So many values of one kind in one field.
  public struct Masked: Sendable, Hashable, Comparable {
    public var field: ContentField
    /// As it stands in the text: `MaskKind.mark`, or the name of a project's own pattern.
    public var what: String
    public var count: Int32

    public init(_ field: ContentField, _ what: String, _ count: Int32) {
      self.field = field
      self.what = what
      self.count = count
    }

    public static func < (a: Self, b: Self) -> Bool {
      (a.field.rawValue, a.what, a.count) < (b.field.rawValue, b.what, b.count)
    }
  }

  public init(stamp: Stamp, level: ContentLevel, isByKey: Bool) {
    self.stamp = stamp
    self.level = level
    self.isByKey = isByKey
  }
}

/// Where content stands in a message; raw values are stored.
public enum ContentField: UInt8, Sendable, Hashable, CaseIterable {
  case input = 1
  case output = 2
  case metadata = 3
  case attributes = 4
  case errorText = 5
  /// Names, users, declared values and texts in raw usage: stored in columns, masked but never left out.
  case context = 6

  public init(_ kind: BodyKind) {
    self =
      switch kind {
      case .input: .input
      case .output: .output
      case .metadata: .metadata
      case .attributes: .attributes
      }
  }

  var body: BodyKind? { BodyKind(rawValue: rawValue) }
}

/// Notes of a row, by stamp. They merge like the bodies they tell of: of an input, an output or an error text only what is said of the
/// newest stays, whether that was stored or left out, and of what a resend brings again the first.
public struct ContentNotes: Sendable, Hashable {
  public private(set) var entries: [ContentNote]

  public init(_ entries: [ContentNote] = []) { self.entries = entries.sorted { $0.stamp < $1.stamp } }
  public var isEmpty: Bool { entries.isEmpty }

  /// Without what tells of content: how many values of which kind.
  public var withoutCounts: ContentNotes {
    if isEmpty { return self }
    return ContentNotes(entries.map { note in
      var note = note
      note.masked = []
      return note
    })
  }

  /// What is left when the content goes: that something was never stored.
  public var ofLeftOut: ContentNotes { ContentNotes(withoutCounts.entries.filter { !$0.leftOut.isEmpty }) }

  /// What a side of a merge has stored or is about to.
  struct Content {
    var bodies: [BodyPart]
    var parts: [StoredPart]
    var stamps: Stamps

    func holds(_ stamp: Stamp) -> Bool { bodies.contains { $0.stamp == stamp } || parts.contains { $0.stamp == stamp } }

    func holds(_ field: ContentField, _ stamp: Stamp) -> Bool {
      guard let kind = field.body else { return field == .context || stamps[.statusMessage] == stamp }
      return bodies.contains { $0.kind == kind && $0.stamp == stamp } || parts.contains { $0.kind == kind && $0.stamp == stamp }
    }

    /// Nothing newer of that field is stored.
    func lacks(_ field: ContentField, since stamp: Stamp) -> Bool {
      func isOlder(_ other: Stamp?) -> Bool { other.map { $0 < stamp } ?? true }
      switch field {
      case .context: return true
      case .errorText: return isOlder(stamps[.statusMessage])
      case .input: return isOlder(stamps[.input])
      case .output: return isOlder(stamps[.output])
      case .metadata, .attributes:
        return bodies.allSatisfy { $0.kind != field.body || $0.stamp < stamp } && parts.allSatisfy { $0.kind != field.body || $0.stamp < stamp }
      }
    }
  }

  /// Takes the notes of what is not here already. Call before the content itself is merged, `pruned` after.
  mutating func take(_ others: ContentNotes, of theirs: Content, with ours: Content) {
    // A message that is here without a note was stored as it came; rules that were changed since say nothing about it.
    var all = entries.filter { note in
      others.entries.contains { $0.stamp == note.stamp } || ours.holds(note.stamp) || !theirs.holds(note.stamp)
    }
    for note in others.entries {
      if let at = all.firstIndex(where: { $0.stamp == note.stamp }) {
        if note.level < all[at].level { all[at] = note }
      } else if !ours.holds(note.stamp) {
        all.append(note)
      }
    }
    self = ContentNotes(all)
  }

  /// Without what newer messages have replaced.
  func pruned(_ bodies: [BodyPart], _ parts: [StoredPart], _ stamps: Stamps) -> ContentNotes {
    var kept = self
    kept.prune(Content(bodies: bodies, parts: parts, stamps: stamps))
    return kept
  }

  private mutating func prune(_ content: Content) {
    for field in ContentField.allCases where field != .context {
      let newest = entries.last { $0.leftOut.contains(field) }?.stamp
      for i in entries.indices where entries[i].leftOut.contains(field) {
        if entries[i].stamp != newest || !content.lacks(field, since: entries[i].stamp) { entries[i].leftOut.remove(field) }
      }
    }
    for i in entries.indices where !entries[i].masked.isEmpty {
      let stamp = entries[i].stamp
      entries[i].masked.removeAll { !content.holds($0.field, stamp) }
    }
    entries.removeAll { note in
      note.leftOut.isEmpty && !content.holds(note.stamp) && !note.masked.contains { $0.field == .errorText }
    }
  }
}
