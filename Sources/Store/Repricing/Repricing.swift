import Domain
import Postgres

/// What is to be re-priced, and why.
public struct RepricingRequest: Sendable, Hashable {
  /// Of the calls' starts.
  public var range: TimeRange
  /// As booked or as sent, any case; "" is calls without a model; none is all.
  public var models: [String]
  public var reason: String

  public init(range: TimeRange, models: [String] = [], reason: String) {
    self.range = range
    self.models = models
    self.reason = reason
  }
}

/// A process's prices, and what they are.
public struct Pricer: Sendable {
  public var revisions: DecisionRevisions
  public var price: Reprice

  public init(revisions: DecisionRevisions, price: @escaping Reprice) {
    self.revisions = revisions
    self.price = price
  }
}

/// A run that decides booked calls again at the prices of its time.
public struct Repricing: Sendable, Hashable {
  public var id: RepricingID
  public var organisation: OrganisationID
  public var range: TimeRange
  /// Empty is all.
  public var models: [String]
  public var reason: String
  /// No row of the range is below them at the end.
  public var target: DecisionRevisions
  public var createdAt: Timestamp
  public var createdBy: String
  /// Everything that starts before is done.
  public var doneBefore: Timestamp
  /// Visited and changed, if only in the revision.
  public var traces: Int64
  /// Decided again.
  public var rows: Int64
  /// Of them, those with another cost or status now; the two costs are theirs.
  public var rowsChanged: Int64
  public var before: USD
  public var after: USD
  public var finishedAt: Timestamp?
  /// Why it ended before its range was done.
  public var failure: String?

  public var isFinished: Bool { finishedAt != nil }
}

/// Why a re-pricing can't be begun, and what can.
public struct RepricingRefusal: Error, Sendable, Hashable {
  public var message: String
}

extension Repricing {
  static let select: SQL = """
    select id, organisation_id, from_time, to_time, models, reason, revision, price_revision, created_at, created_by,
      done_before, traces_done, rows_done, rows_changed, cost_pico_before, cost_pico_after, finished_at, failed
    from repricings
    """

  init(row: Row) throws {
    self.init(
      id: try row.id(0), organisation: try row.id(1),
      range: TimeRange(spanning: try row.timestamp(2), try row.timestamp(3)), models: try row.strings(4),
      reason: try row.string(5), target: DecisionRevisions(catalogue: try row.int32(6), agreements: try row.int32(7)),
      createdAt: try row.timestamp(8), createdBy: try row.string(9), doneBefore: try row.timestamp(10),
      traces: try row.int64(11), rows: try row.int64(12), rowsChanged: try row.int64(13),
      before: USD(pico: try row.numericInteger(14)), after: USD(pico: try row.numericInteger(15)),
      finishedAt: try row.timestampOrNil(16), failure: try row.stringOrNil(17))
  }

  /// What the audit log keeps of it.
  static let auditDetail = """
    jsonb_build_object('from', from_time, 'to', to_time, 'models', models, 'reason', reason, 'revision', revision,
      'price_revision', price_revision, 'traces', traces_done, 'rows', rows_done, 'rows_changed', rows_changed,
      'cost_pico_before', cost_pico_before::text, 'cost_pico_after', cost_pico_after::text, 'failed', failed)
    """

  static func audit(_ id: RepricingID, _ organisation: OrganisationID, _ actor: String, _ action: String, _ c: Connection)
    throws
  {
    try AuditEntry.append(
      organisation, actor, action, "re-pricing \(id)",
      detail: "(select \(unescaped: auditDetail) from repricings where id = \(id))", c)
  }
}
