import Domain
import Postgres

/// Guard against unbounded combinations in one transaction: of each project and UTC day the first 1,000 new combinations
/// of values of declared keys keep all of them; others keep the first value, the rest becomes `ValueGuard.other`.
///
/// New is what no earlier day admitted: what is in steady use is admitted sooner or later, however much there is of it. What
/// was admitted stays, and what was folded stays so: an admission on an earlier day, by a late call, ends before the first
/// later day that was full by then. So deciding again gives the same. A value alone is bounded by `ValueGuard`.
struct SetGuard {
  private static let lockClass: Int32 = 1_903_521_912

  private let known: AdmittedSets
  /// What this transaction has found out; to remember once it is committed.
  private(set) var learned = FoundSets()
  private var digests: [ByteText: UInt128] = [:]

  init(_ known: AdmittedSets) { self.known = known }

  /// Looks at calls among the rows to write. Call it behind `ValueGuard`, when every trace is locked. Nothing is asked of the
  /// database while every combination is known.
  mutating func apply(to changes: inout [TraceChange], _ connection: Connection) throws {
    var unknown: Set<DatedSet> = []
    var hasFolded = false
    for i in changes.indices where !changes[i].isRepricing {
      for j in changes[i].written.indices {
        guard let set = set(of: changes[i].written[j]) else { continue }
        switch keeps(set) {
        case true?: break
        case false?: hasFolded = true
        case nil: unknown.insert(set)
        }
      }
    }
    if !unknown.isEmpty {
      try resolve(unknown, connection)
      hasFolded = true
    }
    guard hasFolded else { return }
    for i in changes.indices where !changes[i].isRepricing {
      for j in changes[i].written.indices { fold(&changes[i].written[j]) }
    }
  }

  /// nil for what is always kept: no call, and a value alone, which is what folding leaves.
  private mutating func set(of o: Observation) -> DatedSet? {
    guard o.decision.isCall, o.decision.extras.count > 1 else { return nil }
    guard o.decision.extras.lazy.filter(Self.isNamed).dropFirst().first != nil else { return nil }
    // No value holds a NUL: the database stores none.
    let text = ByteText(o.decision.extras.joined(separator: "\0"))
    let digest = digests[text] ?? SHA256Digest.of(text.text.utf8).prefix(16).reduce(0) { $0 << 8 | UInt128($1) }
    digests[text] = digest
    return DatedSet(set: SetKey(project: o.facts.project, digest: digest), day: UTCDay(o.startedAt))
  }

  private func keeps(_ set: DatedSet) -> Bool? { learned.keeps(set) ?? known.keeps(set) }

  private mutating func fold(_ o: inout Observation) {
    guard let set = set(of: o), keeps(set) == false else { return }
    let kept = o.decision.extras.firstIndex(where: Self.isNamed)
    for i in o.decision.extras.indices where i != kept && !o.decision.extras[i].isEmpty {
      o.decision.extras[i] = ValueGuard.other
    }
  }

  private static func isNamed(_ value: String) -> Bool { !value.isEmpty && value != ValueGuard.other }

  // MARK: Asking the database

  private mutating func resolve(_ unknown: Set<DatedSet>, _ connection: Connection) throws {
    // What is admitted, or met a full day, needs no lock.
    var open = try look(for: unknown, connection)
    if open.isEmpty { return }
    let projects = Set(open.map(\.set.project)).sorted()
    let lock: SQL = """
      select pg_advisory_xact_lock(\(Self.lockClass), n) from unnest(\(PostgresValue.int32s(projects.map(\.rawValue)))) n
      """
    try connection.execute(lock.named("LockSets"))
    open = try look(for: open, connection)
    if !open.isEmpty { try admit(open.sorted(), connection) }
  }

  /// Returns those that are neither admitted nor folded. Full days are read first: what is admitted once a day is full
  /// doesn't hold for it.
  private mutating func look(for sets: Set<DatedSet>, _ connection: Connection) throws -> Set<DatedSet> {
    let full = try days(with: sets, connection).filter { $0.value >= known.newSetsMax }
    let keys = Set(sets.map(\.set)).sorted()
    let sql: SQL = """
      select a.project_id, a.digest, a.day, a.until
      from unnest(\(PostgresValue.int32s(keys.map { $0.project.rawValue })), \(PostgresValue.uuids(keys.map(\.digest)))) as k(project_id, digest)
      join admitted_sets a on a.project_id = k.project_id and a.digest = k.digest
      """
    for (key, days) in try connection.query(sql.named("ReadSets"), Self.read) { learned.admit(key, days) }
    learned.folded.formUnion(sets.filter { keeps($0) == nil && full[SetDay($0)] != nil })
    return sets.filter { keeps($0) == nil }
  }

  private static func read(_ row: Row) throws -> (SetKey, AdmittedDays) {
    let key = SetKey(project: try row.id(0), digest: try row.uuid(1))
    return (key, AdmittedDays(from: UTCDay(try row.dateDays(2)), until: try row.dateDaysOrNil(3).map { UTCDay($0) }))
  }

  /// How many were new on the days of the sets and on all days after them.
  private func days(with sets: Set<DatedSet>, _ connection: Connection) throws -> [SetDay: Int] {
    let first = Dictionary(sets.map { ($0.set.project, $0.day) }, uniquingKeysWith: min)
    let projects = first.keys.sorted()
    let sql: SQL = """
      select d.project_id, d.day, d.sets
      from unnest(\(PostgresValue.int32s(projects.map(\.rawValue))), \(PostgresValue.dates(projects.map { first[$0]?.number }))) as k(project_id, day)
      join admitted_set_days d on d.project_id = k.project_id and d.day >= k.day
      """
    let rows = try connection.query(sql.named("ReadSetDays")) { row in
      (SetDay(project: try row.id(0), day: UTCDay(try row.dateDays(1))), Int(try row.int32(2)))
    }
    return Dictionary(rows, uniquingKeysWith: max)
  }

  // MARK: Admitting

  /// The caller holds the locks of the projects. `open` is sorted by day: what an earlier day admits holds for the later ones.
  private mutating func admit(_ open: [DatedSet], _ connection: Connection) throws {
    var counts = try days(with: Set(open), connection)
    var added: [(set: SetKey, days: AdmittedDays)] = []
    for set in open where keeps(set) == nil {
      guard counts[SetDay(set), default: 0] < known.newSetsMax else {
        learned.folded.insert(set)
        continue
      }
      let later = counts.filter { $0.key.project == set.set.project && $0.key.day > set.day && $0.value >= known.newSetsMax }
      let days = AdmittedDays(from: set.day, until: later.keys.map(\.day).min())
      counts[SetDay(set), default: 0] += 1
      learned.admit(set.set, days)
      added.append((set.set, days))
    }
    if added.isEmpty { return }
    try connection.execute(Self.insert(added).named("AdmitSets"))
    try connection.execute(Self.count(added).named("CountSets"))
  }

  private static func insert(_ rows: [(set: SetKey, days: AdmittedDays)]) -> SQL {
    """
    insert into admitted_sets (project_id, digest, day, until)
    select * from unnest(\(PostgresValue.int32s(rows.map { $0.set.project.rawValue })), \(PostgresValue.uuids(rows.map(\.set.digest))),
      \(PostgresValue.dates(rows.map { $0.days.from.number })), \(PostgresValue.dates(rows.map { $0.days.until?.number })))
    """
  }

  private static func count(_ rows: [(set: SetKey, days: AdmittedDays)]) -> SQL {
    """
    insert into admitted_set_days as d (project_id, day, sets)
    select k.project_id, k.day, count(*) from unnest(\(PostgresValue.int32s(rows.map { $0.set.project.rawValue })),
      \(PostgresValue.dates(rows.map { $0.days.from.number }))) as k(project_id, day) group by 1, 2
    on conflict (project_id, day) do update set sets = d.sets + excluded.sets
    """
  }
}

/// A project's UTC day.
private struct SetDay: Hashable {
  var project: ProjectID
  var day: UTCDay

  init(project: ProjectID, day: UTCDay) {
    self.project = project
    self.day = day
  }
  init(_ set: DatedSet) { self.init(project: set.set.project, day: set.day) }
}
