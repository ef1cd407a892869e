import Domain

/// A run that decides owner, endpoint, group and dimensions of booked calls again by the rules of today.
public struct ReattributionView: Sendable {
  public var id: ReattributionID
  public var range: TimeRange
  public var reason: String
  public var createdAt: Timestamp
  public var createdBy: String
  /// Everything that starts before is done.
  public var doneBefore: Timestamp
  public var rowsDone: Int64
  public var rowsChanged: Int64
  /// Cost of calls with another team now.
  public var costMoved: USD
  public var finishedAt: Timestamp?
  public var failure: String?

  public init(
    id: ReattributionID, range: TimeRange, reason: String, createdAt: Timestamp, createdBy: String, doneBefore: Timestamp,
    rowsDone: Int64, rowsChanged: Int64, costMoved: USD, finishedAt: Timestamp?, failure: String?
  ) {
    self.id = id
    self.range = range
    self.reason = reason
    self.createdAt = createdAt
    self.createdBy = createdBy
    self.doneBefore = doneBefore
    self.rowsDone = rowsDone
    self.rowsChanged = rowsChanged
    self.costMoved = costMoved
    self.finishedAt = finishedAt
    self.failure = failure
  }

  /// 0…100 by time; calls are not spread evenly, so it is no promise.
  var percent: Double {
    if finishedAt != nil { return 100 }
    let whole = Double(range.durationMicroseconds)
    return whole > 0 ? min(99, max(0, Double(doneBefore.since(range.from)) / whole * 100)) : 0
  }
}

/// What was chosen, as typed.
public struct ReattributionChoice: Sendable, Hashable {
  public var from: String
  public var to: String
  public var reason: String

  public init(from: String, to: String, reason: String) {
    self.from = from
    self.to = to
    self.reason = reason
  }
}

/// One team's calls, as they are and as they would be.
public struct TeamMovementView: Sendable {
  public var name: String
  public var callsBefore: Int64
  public var callsAfter: Int64
  /// nil: no call has a known cost.
  public var before: USD?
  public var after: USD?

  public init(name: String, callsBefore: Int64, callsAfter: Int64, before: USD?, after: USD?) {
    self.name = name
    self.callsBefore = callsBefore
    self.callsAfter = callsAfter
    self.before = before
    self.after = after
  }
}

/// What a re-attribution would change; nothing is written by it.
public struct ReattributionDryRunView: Sendable {
  public struct Change: Sendable {
    public var startedAt: Timestamp
    public var name: String
    /// Its page.
    public var address: String
    public var before: String
    public var after: String
    public var cost: USD?
    public init(startedAt: Timestamp, name: String, address: String, before: String, after: String, cost: USD?) {
      self.startedAt = startedAt
      self.name = name
      self.address = address
      self.before = before
      self.after = after
      self.cost = cost
    }
  }

  /// A closed month with calls that get another team.
  public struct ClosedMonth: Sendable {
    public var month: String
    public var calls: Int64
    public var cost: USD?
    public init(month: String, calls: Int64, cost: USD?) {
      self.month = month
      self.calls = calls
      self.cost = cost
    }
  }

  public var calls: Int64
  /// Calls with another team, endpoint, group or dimension.
  public var changed: Int64
  /// Those with another team.
  public var moved: Int64
  public var movedCost: USD?
  public var teams: [TeamMovementView]
  /// Some of the calls that change.
  public var changes: [Change]
  public var closedMonths: [ClosedMonth]
  /// What was looked at, when that is less than was asked for.
  public var onlyFrom: Timestamp?

  public init(
    calls: Int64, changed: Int64, moved: Int64, movedCost: USD?, teams: [TeamMovementView], changes: [Change] = [],
    closedMonths: [ClosedMonth] = [], onlyFrom: Timestamp? = nil
  ) {
    self.calls = calls
    self.changed = changed
    self.moved = moved
    self.movedCost = movedCost
    self.teams = teams
    self.changes = changes
    self.closedMonths = closedMonths
    self.onlyFrom = onlyFrom
  }
}
