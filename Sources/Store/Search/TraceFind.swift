import Domain
import Postgres

/// What a trace holds of what is asked: its latest observation that matches.
struct TraceFind: Sendable {
  var item: TraceItem
  var match: TraceMatch
  /// The block that tells it: the latest with a term of that observation.
  var block: BlockID

  /// nil when nothing in it matches, another filter drops it, or it is named by the text and told already.
  static func read(
    _ key: TraceKey, _ matcher: TextMatcher, _ reach: SearchReach, _ named: NamedTraces, _ c: Connection
  ) throws -> TraceFind? {
    let sql: SQL = """
      select \(unescaped: TraceItem.columns), t.first_started_at, t.last_started_at, t.parts
      from traces t join projects p on p.id = t.project_id
      where t.project_id = \(key.project) and t.trace_id = \(key.trace) and t.started_at is not null
        and \(reach.filter)
      """
    let columns = TraceItem.columnCount
    let trace = try c.first(sql.named("FoundTrace").uncached()) { row in
      (
        item: reach.users.told(try TraceItem(row: row)), first: try row.timestampOrNil(columns),
        last: try row.timestampOrNil(columns + 1),
        parts: try row.bytesOrNil(columns + 2).map { StoredParts.decode($0) } ?? []
      )
    }
    guard let trace, named.place(in: trace.item) == nil else { return nil }
    var steps = try Step.read(key, from: trace.first, to: trace.last, reach.range, c)
    if !trace.parts.isEmpty, reach.range.contains(trace.item.startedAt) {
      steps.append(Step(startedAt: trace.item.startedAt, step: nil, parts: trace.parts))
    }
    steps.sort { $0.startedAt > $1.startedAt }
    var bodies = SearchedBodies(key: key, connection: c)
    for step in steps {
      if let (place, excerpt, block) = try step.match(matcher, &bodies) {
        return TraceFind(
          item: trace.item, match: TraceMatch(place: .body(place, of: step.step), excerpt: excerpt), block: block)
      }
    }
    return nil
  }
}

/// An observation's bodies, or the trace's own.
private struct Step {
  var startedAt: Timestamp
  var step: TraceMatch.Step?
  var parts: [StoredPart]

  /// Arrived observations with bodies that start in `range`. Bounds are values, so that the planner leaves out
  /// partitions.
  static func read(_ key: TraceKey, from: Timestamp?, to: Timestamp?, _ range: TimeRange, _ c: Connection) throws
    -> [Step]
  {
    guard let from, let to else { return [] }
    let sql: SQL = """
      select o.started_at, o.external_id, o.id, o.name, o.kind, o.parts from observations o
      where o.project_id = \(key.project) and o.trace_id = \(key.trace)
        and o.started_at >= \(max(from, range.from)) and o.started_at <= \(to) and o.started_at < \(range.to)
        and o.is_arrived and o.parts is not null
      """
    return try c.query(sql.named("SearchedObservations").uncached()) { row in
      let kind = ObservationKind(code: try row.int16(4)) ?? .span
      let id = try row.stringOrNil(1) ?? row.observationID(2).hex
      return Step(
        startedAt: try row.timestamp(0),
        step: TraceMatch.Step(id: id, name: try row.stringOrNil(3) ?? kind.rawValue),
        parts: StoredParts.decode(try row.bytesOrNil(5) ?? []))
    }
  }

  /// As readers see it: of several inputs or outputs the latest, all of metadata and attributes.
  private var visible: [StoredPart] {
    let ordered = parts.sorted { ($0.kind.rawValue, $0.stamp) < ($1.kind.rawValue, $1.stamp) }
    return ordered.indices.filter { i in
      let kind = ordered[i].kind
      if kind == .metadata || kind == .attributes { return true }
      return i + 1 == ordered.count || ordered[i + 1].kind != kind
    }.map { ordered[$0] }
  }

  /// nil unless all terms stand in its parts; else the part to show and the latest block with a term.
  func match(_ matcher: TextMatcher, _ bodies: inout SearchedBodies) throws
    -> (BodyKind, [TraceMatch.Piece], BlockID)?
  {
    let visible = visible
    try bodies.load(Set(visible.map { BlockID(rawValue: $0.block) }))
    var all: TextMatcher.Terms = 0
    var best: (part: StoredPart, terms: Int)?
    var latest = Int64.min
    for part in visible {
      let terms = bodies.withText(of: part) { matcher.terms(in: $0) } ?? 0
      if terms == 0 { continue }
      all |= terms
      latest = max(latest, part.block)
      if terms.nonzeroBitCount > best?.terms ?? 0 { best = (part, terms.nonzeroBitCount) }
    }
    guard all == matcher.all, let best else { return nil }
    let excerpt = bodies.withText(of: best.part) { matcher.excerpt(of: $0) } ?? []
    return (best.part.kind, excerpt, BlockID(rawValue: latest))
  }
}

/// Blocks of one trace, inflated when first needed; a few at a time.
private struct SearchedBodies {
  let key: TraceKey
  let connection: Connection
  private var blocks: [BlockID: [UInt8]] = [:]
  private static let bytesMax = 16 << 20

  init(key: TraceKey, connection: Connection) {
    self.key = key
    self.connection = connection
  }

  mutating func load(_ ids: Set<BlockID>) throws {
    let missing = ids.filter { blocks[$0] == nil }
    if missing.isEmpty { return }
    if blocks.values.reduce(0, { $0 + $1.count }) > Self.bytesMax { blocks = blocks.filter { ids.contains($0.key) } }
    let read = try connection.inflatedBlocks(missing, key.project, key.trace)
    for id in missing { blocks[id] = read[id] ?? [] }
  }

  /// nil when the block is gone.
  func withText<T>(of part: StoredPart, _ body: (UnsafeBufferPointer<UInt8>) -> T) -> T? {
    guard let block = blocks[BlockID(rawValue: part.block)], !block.isEmpty else { return nil }
    let from = Int(part.offset)
    let to = from + Int(part.length)
    guard from >= 0, from <= to, to <= block.count else { return nil }
    return block.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[from..<to])) }
  }
}
