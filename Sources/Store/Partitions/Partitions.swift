import Domain
import Postgres

/// Makes day partitions before rows arrive. Always outside of the write transaction (CREATE, then ATTACH, which does
/// not stop writers of the parent), and there is no default partition that could swallow rows. Safe beside other
/// processes.
public actor Partitions {
  /// A partition by what it holds.
  enum Place: Sendable, Hashable {
    case observations(UTCDay)
    case payloads(RetentionClass, UTCDay)
    /// Blocks that wait for sampling, of ten minutes.
    case held(HoldingSlot)
    /// Evidence of spans that are no rows of `observations`.
    case omitted(UTCDay)
  }

  private let pool: ConnectionPool
  private var known: Set<Place> = []
  /// One creation at a time here; the others find it done.
  private var creating: Task<Void, any Error>?

  public init(pool: ConnectionPool) { self.pool = pool }

  /// Keeps today and the days after it ready, for every retention class in use.
  public func ensureAhead(days: Int32 = 3, now: Timestamp) async throws {
    let classes = try await pool.run { connection in
      try connection.query("select distinct retention_days from projects") { try $0.int16(0) }
    }
    var places: Set<Place> = []
    for day in (-1...max(0, days)).map({ UTCDay(now).adding($0) }) {
      places.insert(.observations(day))
      for retention in classes.compactMap({ RetentionClass(rawValue: $0) }) { places.insert(.payloads(retention, day)) }
    }
    try await ensure(places)
  }

  /// Returns once all of `places` exist.
  func ensure(_ places: Set<Place>) async throws {
    while !places.isSubset(of: known) {
      if let running = creating {
        // Its failure is its caller's; what is still missing is tried here.
        _ = await running.result
        continue
      }
      let missing = places.subtracting(known)
      let pool = pool
      let task = Task { try await Self.create(missing, pool) }
      creating = task
      defer { creating = nil }
      try await task.value
      known.formUnion(missing)
      for case .observations(let day) in missing { observationDays.insert(day) }
    }
  }

  /// Days whose observations have their partition, as far as is known here.
  private(set) var observationDays: Set<UTCDay> = []

  /// After a write met no partition: someone dropped one that was known here.
  func forgetAll() {
    known = []
    observationDays = []
  }

  private static func create(_ places: Set<Place>, _ pool: ConnectionPool) async throws {
    for place in places.sorted(by: { $0.name < $1.name }) {
      try await pool.transaction(attempts: 5) { connection in
        // Two processes meet here at midnight.
        try connection.execute("select pg_advisory_xact_lock(\(AdvisoryLock.partitions))")
        for (name, script) in place.tables {
          let exists = try connection.first("select to_regclass(\(name)) is not null") { try $0.bool(0) } ?? false
          if !exists { try connection.executeScript(script) }
        }
      }
    }
  }
}

extension Partitions.Place {
  var name: String {
    switch self {
    case .observations(let day): "observations_\(day.compact)"
    case .payloads(let retention, let day): "\(parent(of: retention))_\(day.compact)"
    case .held(let slot): "payloads_0_\(slot.compact)"
    case .omitted(let day): "omitted_spans_\(day.compact)"
    }
  }

  private func parent(of retention: RetentionClass) -> String { "payloads_\(retention.rawValue)" }

  /// Blocks and their signatures come and go together.
  private func signatureParent(of retention: RetentionClass) -> String { "payload_signatures_\(retention.rawValue)" }

  /// What is made for it: names and scripts.
  fileprivate var tables: [(name: String, script: String)] {
    switch self {
    case .observations(let day):
      let script = creation(
        of: name, in: "observations", from: "timestamptz '\(day.iso) 00:00:00+00'",
        to: "timestamptz '\(day.adding(1).iso) 00:00:00+00'")
      return [(name, script)]
    case .omitted(let day):
      return [(name, creation(of: name, in: "omitted_spans", from: "date '\(day.iso)'", to: "date '\(day.adding(1).iso)'"))]
    case .held(let slot):
      return ["payloads_0", "payload_signatures_0"].map { parent in
        let name = "\(parent)_\(slot.compact)"
        return (name, creation(of: name, in: parent, from: "\(slot.blocks.from)", to: "\(slot.blocks.to)"))
      }
    case .payloads(let retention, let day):
      return [parent(of: retention), signatureParent(of: retention)].map { parent in
        let name = "\(parent)_\(day.compact)"
        return (
          name, creation(of: name, in: parent, from: "date '\(day.iso)'", to: "date '\(day.adding(1).iso)'")
        )
      }
    }
  }

  private func creation(of name: String, in parent: String, from: String, to: String) -> String {
    """
    create table \(name) (like \(parent) including all);
    alter table \(parent) attach partition \(name) for values from (\(from)) to (\(to));
    """
  }
}

/// Keys of the advisory locks: one number each for the whole product.
enum AdvisoryLock {
  static let partitions: Int64 = 0x7175_6970_0001
  static let fold: Int64 = 0x7175_6970_0002
  /// Whoever writes `charges_day`; taken after `fold` where both are.
  static let charges: Int64 = 0x7175_6970_0003
  /// Whoever decides about held blocks.
  static let sampling: Int64 = 0x7175_6970_0010

  /// Takes it until the transaction ends; false when somebody else has it.
  static func tryTake(_ lock: Int64, _ connection: Connection) throws -> Bool {
    try connection.first("select pg_try_advisory_xact_lock(\(lock))") { try $0.bool(0) } ?? false
  }

  /// The same; who `waits` always gets it.
  static func take(_ lock: Int64, waits: Bool, _ connection: Connection) throws -> Bool {
    guard waits else { return try tryTake(lock, connection) }
    try connection.execute("select pg_advisory_xact_lock(\(lock))")
    return true
  }
}
