import Domain
import Postgres

/// Which calls are to be attributed anew, and why.
public struct ReattributionRequest: Sendable, Hashable {
  /// Of the calls' starts.
  public var range: TimeRange
  public var reason: String

  public init(range: TimeRange, reason: String) {
    self.range = range
    self.reason = reason
  }
}

/// A run that decides owner, endpoint, group and dimensions of booked calls again by the rules of its time; nothing about their prices or
/// their counting.
public struct Reattribution: Sendable, Hashable {
  public var id: ReattributionID
  public var organisation: OrganisationID
  public var range: TimeRange
  public var reason: String
  /// Of the rules; everything in the range is decided by them at the end.
  public var revision: Int32
  public var createdAt: Timestamp
  public var createdBy: String
  /// Everything that starts before is done.
  public var doneBefore: Timestamp
  /// Looked at: a trace once for each stretch of time that it has rows in, calls once.
  public var traces: Int64
  public var calls: Int64
  /// Calls with another team, endpoint, group or dimension now.
  public var changed: Int64
  /// Cost of the calls with another team.
  public var moved: USD
  public var finishedAt: Timestamp?
  /// Why it ended before its range was done.
  public var failure: String?

  public var isFinished: Bool { finishedAt != nil }
}

/// Why a re-attribution can't be begun, and what can.
public struct ReattributionRefusal: Error, Sendable, Hashable {
  public var message: String
}

/// What became of an attempt to work.
public enum ReattributionStep: Sendable, Hashable {
  /// There is no run.
  case nothingToDo
  /// A part of a run is done, and it goes on.
  case workedOn(ReattributionID)
  case finished(ReattributionID)
  /// Another process is at work on it.
  case elsewhere(ReattributionID)
}

extension Reattribution {
  static let select: SQL = """
    select id, organisation_id, from_time, to_time, reason, revision, created_at, created_by, done_before, traces_done, rows_done,
      rows_changed, cost_pico_moved, finished_at, failed
    from reattributions
    """

  init(row: Row) throws {
    self.init(
      id: try row.id(0), organisation: try row.id(1), range: TimeRange(spanning: try row.timestamp(2), try row.timestamp(3)),
      reason: try row.string(4), revision: try row.int32(5), createdAt: try row.timestamp(6), createdBy: try row.string(7),
      doneBefore: try row.timestamp(8), traces: try row.int64(9), calls: try row.int64(10), changed: try row.int64(11),
      moved: USD(pico: try row.numericInteger(12)), finishedAt: try row.timestampOrNil(13), failure: try row.stringOrNil(14))
  }

  static func audit(
    _ id: ReattributionID, _ organisation: OrganisationID, _ actor: String, _ action: String, _ c: Connection
  ) throws {
    let detail: SQL = """
      (select jsonb_build_object('from', from_time, 'to', to_time, 'reason', reason, 'revision', revision, 'calls', rows_done,
        'changed', rows_changed, 'cost_pico_moved', cost_pico_moved::text, 'failed', failed)
      from reattributions where id = \(id))
      """
    try AuditEntry.append(organisation, actor, action, "re-attribution \(id)", detail: detail, c)
  }
}
