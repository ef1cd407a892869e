import Domain

/// Notes what is done to a message while it is done; most messages have one stamp, and so one note.
struct NoteTaker {
  let level: ContentLevel
  let isByKey: Bool
  private var taken: [ContentNote] = []

  init(level: ContentLevel, isByKey: Bool) {
    self.level = level
    self.isByKey = isByKey
  }

  mutating func leftOut(_ field: ContentField, of stamp: Stamp) { taken[place(of: stamp)].leftOut.insert(field) }

  mutating func stored(_ field: ContentField, of stamp: Stamp, masked tally: ContentTally) {
    let at = place(of: stamp)
    add(tally, field, to: at)
  }

  /// - Parameter context: what was masked in columns. A message that carries no content has no note to tell it in.
  func notes(context: ContentTally) -> ContentNotes {
    if taken.isEmpty { return ContentNotes() }
    var noted = self
    if !context.isEmpty { noted.add(context, .context, to: 0) }
    return ContentNotes(noted.taken)
  }

  private mutating func place(of stamp: Stamp) -> Int {
    if let known = taken.firstIndex(where: { $0.stamp == stamp }) { return known }
    taken.append(ContentNote(stamp: stamp, level: level, isByKey: isByKey))
    return taken.count - 1
  }

  private mutating func add(_ tally: ContentTally, _ field: ContentField, to at: Int) {
    if tally.isEmpty { return }
    for (what, count) in tally.counts where MaskKind.named(what) != nil || MaskPattern.accepts(name: what) {
      if let known = taken[at].masked.firstIndex(where: { $0.field == field && $0.what == what }) {
        taken[at].masked[known].count = Int32(clamping: Int64(taken[at].masked[known].count) + count)
      } else {
        taken[at].masked.append(ContentNote.Masked(field, what, Int32(clamping: count)))
      }
    }
    taken[at].masked.sort()
  }
}
