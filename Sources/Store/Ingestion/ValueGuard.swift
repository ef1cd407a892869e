import Domain
import Postgres

/// Guard against unbounded values in one transaction: of each project, UTC day and dimension the first 1,000 distinct
/// values keep their name, all others become `other` on the row. What was admitted stays so: deciding again gives the same.
struct ValueGuard {
  /// Stands for every value beyond the limit.
  static let other = "(other)"
  /// Longer ones can't be keys of an index; senders' values are shorter.
  private static let bytesMax = 2000
  private static let lockClass: Int32 = 1_903_521_908

  private let known: AdmittedValues
  /// Of the keys met so far: what was known before, then what the database says.
  private var sets: [ValueKey: ValueSet] = [:]
  /// To remember once the transaction is committed.
  private(set) var learned: [ValueKey: ValueSet] = [:]
  /// By dimension: the value met last, and whether it keeps its name.
  private var last: [(key: ValueKey, value: ByteText)?] = Array(repeating: nil, count: 5)

  init(_ known: AdmittedValues) { self.known = known }

  /// Looks at calls among the rows to write. Call it when every trace is locked: others may wait for what is admitted here.
  /// Nothing is asked of the database while every value is known.
  mutating func apply(to changes: inout [TraceChange], _ connection: Connection) throws {
    var new: [ValueKey: Set<ByteText>] = [:]
    var hasOthers = false
    for i in changes.indices where !changes[i].isRepricing {
      for j in changes[i].written.indices where changes[i].written[j].decision.isCall {
        look(at: changes[i].written[j], &new, &hasOthers)
      }
    }
    if !new.isEmpty {
      try admit(new, connection)
      hasOthers = true
    }
    guard hasOthers else { return }
    for i in changes.indices where !changes[i].isRepricing {
      for j in changes[i].written.indices where changes[i].written[j].decision.isCall { fold(&changes[i].written[j]) }
    }
  }

  private mutating func look(at o: Observation, _ new: inout [ValueKey: Set<ByteText>], _ hasOthers: inout Bool) {
    if o.decision.endpoint == nil, o.decision.extras.isEmpty { return }
    var key = ValueKey(project: o.facts.project, day: UTCDay(o.startedAt), dimension: 0)
    if let endpoint = o.decision.endpoint { look(at: endpoint, key, &new, &hasOthers) }
    for value in o.decision.extras.prefix(4) {
      key.dimension += 1
      if !value.isEmpty { look(at: value, key, &new, &hasOthers) }
    }
  }

  private mutating func look(
    at text: String, _ key: ValueKey, _ new: inout [ValueKey: Set<ByteText>], _ hasOthers: inout Bool
  ) {
    let value = ByteText(text)
    if let last = last[Int(key.dimension)], last.value == value, last.key == key { return }
    if text == Self.other { return }
    guard text.utf8.count <= Self.bytesMax else {
      hasOthers = true
      return
    }
    if sets[key] == nil { sets[key] = known.set(key) }
    switch sets[key]?.admits(value) {
    case true?: last[Int(key.dimension)] = (key, value)
    case false?: hasOthers = true
    case nil: new[key, default: []].insert(value)
    }
  }

  /// Fills `sets` so that they answer for every value.
  private mutating func admit(_ new: [ValueKey: Set<ByteText>], _ connection: Connection) throws {
    try load(new.keys.sorted(), connection)
    // What another process has admitted, or this one before it was started, needs no lock.
    let open = new.filter { key, values in values.contains { sets[key]?.admits($0) == nil } }.keys.sorted()
    if open.isEmpty { return }
    let numbers = Set(open.map(\.lockNumber)).sorted()
    let lock: SQL = """
      select pg_advisory_xact_lock(\(Self.lockClass), n) from unnest(\(PostgresValue.int32s(numbers))) n
      """
    try connection.execute(lock.named("LockValues"))
    try load(open, connection)
    var added: [(key: ValueKey, value: ByteText)] = []
    for key in open {
      let values = (new[key] ?? []).filter { sets[key]?.admits($0) == nil }
        .sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
      let room = max(0, AdmittedValues.valuesMax - (sets[key]?.values.count ?? 0))
      for value in values.prefix(room) {
        sets[key, default: ValueSet()].values.insert(value)
        added.append((key, value))
      }
      learned[key] = sets[key]
    }
    if !added.isEmpty { try connection.execute(Self.insert(added).named("AdmitValues")) }
  }

  /// All values of the keys; of a key that has more than a few it is one short walk along the primary key.
  private mutating func load(_ keys: [ValueKey], _ connection: Connection) throws {
    let sql: SQL = """
      select k.n::integer, a.value
      from unnest(\(PostgresValue.int32s(keys.map { $0.project.rawValue })), \(PostgresValue.dates(keys.map { $0.day.number })),
        \(PostgresValue.int16s(keys.map { $0.dimension }))) with ordinality as k(project_id, day, dimension, n)
      cross join lateral (
        select value from admitted_values
        where project_id = k.project_id and day = k.day and dimension = k.dimension
      ) a
      """
    for (place, value) in try connection.query(sql.named("ReadValues"), { (try $0.int32(0), try $0.string(1)) }) {
      guard keys.indices.contains(Int(place) - 1) else { continue }
      sets[keys[Int(place) - 1], default: ValueSet()].values.insert(ByteText(value))
    }
    for key in keys { learned[key] = sets[key] }
  }

  private static func insert(_ rows: [(key: ValueKey, value: ByteText)]) -> SQL {
    """
    insert into admitted_values (project_id, day, dimension, value)
    select * from unnest(\(PostgresValue.int32s(rows.map { $0.key.project.rawValue })),
      \(PostgresValue.dates(rows.map { $0.key.day.number })), \(PostgresValue.int16s(rows.map { $0.key.dimension })),
      \(PostgresValue.texts(rows.map { $0.value.text })))
    on conflict do nothing
    """
  }

  // MARK: Beyond the limit

  private func fold(_ o: inout Observation) {
    var key = ValueKey(project: o.facts.project, day: UTCDay(o.startedAt), dimension: 0)
    if let endpoint = o.decision.endpoint, !admits(endpoint, key) { o.decision.endpoint = Self.other }
    for i in o.decision.extras.indices.prefix(4) {
      key.dimension += 1
      let value = o.decision.extras[i]
      if !value.isEmpty, !admits(value, key) { o.decision.extras[i] = Self.other }
    }
  }

  private func admits(_ value: String, _ key: ValueKey) -> Bool {
    value == Self.other || sets[key]?.admits(ByteText(value)) == true
  }
}
