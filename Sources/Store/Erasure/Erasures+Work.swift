import Domain
import Postgres

extension Erasures {
  private static let tracesAtOnce = 100

  /// Does a part of the oldest erasure that runs; false when there is none. Any process may; a trace that two meet is erased once.
  public func work() async throws -> Bool {
    guard let job = try await next() else { return false }
    let named = try await namedTraces(job)
    if !named.isEmpty {
      try await erase(named, job)
      return true
    }
    guard let day = try await nextDay(job) else {
      try await sumAnew()
      try await finish(job)
      return true
    }
    while true {
      let found = try await traces(of: job, on: day)
      if found.isEmpty { break }
      try await erase(found, job)
    }
    try await pass(job, day)
    return true
  }

  private struct Job: Sendable {
    var id: ErasureID
    var organisation: OrganisationID
    var name: ErasedName
    var doneBefore: Int32?
    var requestedBy: String
  }

  private func next() async throws -> Job? {
    let sql: SQL = """
      select id, organisation_id, user_id, pseudonym, (done_before - date '1970-01-01')::integer, requested_by from erasures
      where finished_at is null order by id limit 1
      """
    return try await pool.run { c in
      try c.first(sql) {
        Job(
          id: try $0.id(0), organisation: try $0.id(1), name: ErasedName(user: try $0.string(2), pseudonym: try $0.string(3)),
          doneBefore: try $0.int32OrNil(4), requestedBy: try $0.string(5))
      }
    }
  }

  private func erase(_ traces: [TraceKey], _ job: Job) async throws {
    try Task.checkCancellation()
    for (project, keys) in Dictionary(grouping: traces, by: \.project) {
      try await door.erase(keys.map(\.trace), in: project, TraceErasure(name: job.name), countedFor: job.id)
    }
  }

  /// Traces that name the user themselves.
  private func namedTraces(_ job: Job) async throws -> [TraceKey] {
    let sql: SQL = """
      select t.project_id, t.trace_id from traces t join projects p on p.id = t.project_id
      where p.organisation_id = \(job.organisation) and t.user_id = \(job.name.user) limit \(Self.tracesAtOnce)
      """
    return try await pool.transaction(Repricings.reading) { c in
      try c.query(sql.named("ErasureTraces")) { TraceKey(project: try $0.id(0), trace: try $0.traceID(1)) }
    }
  }

  /// Traces in which only an observation of that day names the user.
  private func traces(of job: Job, on day: UTCDay) async throws -> [TraceKey] {
    let sql: SQL = """
      select distinct o.project_id, o.trace_id from \(unescaped: Partitions.Place.observations(day).name) o join projects p on p.id = o.project_id
      where p.organisation_id = \(job.organisation) and o.user_id = \(job.name.user) limit \(Self.tracesAtOnce)
      """
    return try await pool.transaction(Repricings.reading) { c in
      try c.query(sql.uncached()) { TraceKey(project: try $0.id(0), trace: try $0.traceID(1)) }
    }
  }

  private func nextDay(_ job: Job) async throws -> UTCDay? {
    let days = try await pool.run { c in try Repricings.observationDays(c) }
    return days.filter { $0.number >= job.doneBefore ?? .min }.min()
  }

  private func pass(_ job: Job, _ day: UTCDay) async throws {
    try await pool.run { c in
      _ = try c.execute(
        "update erasures set done_before = \(unescaped: "date '\(day.adding(1).iso)'") where id = \(job.id) and finished_at is null")
    }
  }

  /// Sums that were made under the name are made again under the pseudonym now, not minutes later: a fold that runs at the
  /// moment is waited for, else there would seem to be nothing to sum.
  private func sumAnew() async throws {
    while try await Fold(pool: pool).run(waits: true) > 0 {}
    while try await DailySums(pool: pool).sumNext(restSeconds: 0, waits: true) {}
    while try await SumsToDate(pool: pool).sumNext(waits: true) {}
    while try await MonthlySums(pool: pool).sumNext(restSeconds: 0, waits: true) {}
    while try await ChargeSums(pool: pool).sumNext(restSeconds: 0, waits: true) {}
  }

  /// What lies elsewhere goes, the name is forgotten, and the receipt says what could not be reached.
  private func finish(_ job: Job) async throws {
    try await pool.transaction(TransactionOptions(statementTimeoutMilliseconds: 600_000)) { c in
      let rest = try Self.removeElsewhere(job.organisation, job.name.user, c)
      let sql: SQL = """
        update erasures set user_id = null, finished_at = now(), receipt = jsonb_build_object(
          'pseudonym', pseudonym, 'reason', reason, 'requestedBy', requested_by, 'requestedAt', requested_at, 'finishedAt', now(),
          'erased', jsonb_build_object('traces', traces, 'observations', observations, 'payloadBlocks', blocks, 'scores', scores,
            'exportFiles', \(rest.exports), 'admittedValues', \(rest.values), 'requestLogLines', \(rest.requests)),
          'notReached', jsonb_build_object(
            'backups', 'Backups and write-ahead logs made before ' || to_char(now() at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC hold what they held. Delete them, or erase again after restoring one.',
            'auditEntriesThatNameTheUser', \(rest.auditEntries), 'settingsThatNameTheUser', \(rest.settings), 'namesInChargesOfClosedMonths', \(rest.dimensionSets),
            'rulesAndSettingsThatNameTheUser', \(rest.rules)))
        where id = \(job.id) and finished_at is null
        """
      guard try c.execute(sql) > 0 else { return }
      try AuditEntry.append(
        job.organisation, job.requestedBy, "erasure of a user finished", "erasure \(job.id)",
        detail: "(select receipt from erasures where id = \(job.id))", c)
    }
  }

  /// As `ErasedName.replaced(in:)` looks for it.
  private static func pattern(_ user: String) -> String {
    let isOfWord = { (character: Character?) in character.map { $0.isASCII && ($0.isLetter || $0.isNumber) } ?? false }
    let escaped = user.map { isOfWord($0) || $0 == " " || !$0.isASCII ? String($0) : "\\\($0)" }.joined()
    return (isOfWord(user.first) ? "(^|[^A-Za-z0-9])" : "") + escaped + (isOfWord(user.last) ? "($|[^A-Za-z0-9])" : "")
  }

  private struct Rest {
    var exports: Int64
    var values: Int64
    var requests: Int64
    var auditEntries: Int64
    /// Versions of keep rules, and attribution rules, ended ones too: they tell how it was decided.
    var settings: Int64
    var dimensionSets: Int64
    /// Attribution rules and sampling settings of today: they are for their owners to change.
    var rules: Int64
  }

  private static func removeElsewhere(_ organisation: OrganisationID, _ user: String, _ c: Connection) throws -> Rest {
    // A short name stands in many a word: it must stand alone. Characters that mean something in a pattern are escaped.
    let pattern = pattern(user)
    let isNamed = { (text: String) -> SQL in "(\(unescaped: text)) ~ \(pattern)" }
    let projects: SQL = "(select id from projects where organisation_id = \(organisation))"
    // Files can be made again, and none of them tells whom it holds.
    let exports = try c.execute("delete from exports where organisation_id = \(organisation)")
    let values = try c.execute("delete from admitted_values where project_id in \(projects) and (value = \(user) or \(isNamed("value")))")
    let requests = try c.execute(
      "delete from request_log where project_id in \(projects) and \(isNamed("reasons::text || ' ' || sender"))")
    let audit = try c.first(
      "select count(*) from audit_entries where organisation_id = \(organisation) and \(isNamed("concat_ws(' ', detail::text, before::text, after::text, subject)"))"
    ) { try $0.int64(0) }
    let settings = try c.first(
      """
      select (select count(*) from sampling_settings where project_id in \(projects) and position(\(user) in keep::text) > 0)
        + (select count(*) from attribution_rules where organisation_id = \(organisation) and position(\(user) in conditions::text) > 0)
      """
    ) { try $0.int64(0) }
    let named = isNamed("concat_ws(' ', endpoint, extra_1, extra_2, extra_3, extra_4)")
    try c.execute(
      """
      delete from dimension_sets s where \(named) and not exists (select from statement_charges f where f.set_id = s.id)
        and not exists (select from charges_day d where d.set_id = s.id)
      """)
    let sets = try c.first("select count(*) from dimension_sets where \(named)") { try $0.int64(0) }
    let rules = try c.first(
      """
      select (select count(*) from attribution_rules r where r.organisation_id = \(organisation) and r.deleted_at is null and \(isNamed("r.conditions::text")))
        + (select count(*) from sampling_settings s where s.project_id in \(projects) and \(isNamed("s.keep::text")))
      """
    ) { try $0.int64(0) }
    return Rest(
      exports: Int64(exports), values: Int64(values), requests: Int64(requests), auditEntries: audit ?? 0, settings: settings ?? 0,
      dimensionSets: sets ?? 0,
      rules: rules ?? 0)
  }
}
