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

/// What a re-attribution would change; nothing is written by it.
public struct ReattributionDryRunView: Sendable {
  public struct Team: Sendable {
    public var name: String
    /// Calls it would get and lose.
    public var gained: Int64
    public var lost: Int64
    public var before: USD
    public var after: USD
    public init(name: String, gained: Int64, lost: Int64, before: USD, after: USD) {
      self.name = name
      self.gained = gained
      self.lost = lost
      self.before = before
      self.after = after
    }
  }

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

  /// A closed month that would get corrections.
  public struct Correction: Sendable {
    public var month: String
    public var team: String
    public var amount: USD
    public init(month: String, team: String, amount: USD) {
      self.month = month
      self.team = team
      self.amount = amount
    }
  }

  public var calls: Int64
  /// Calls with another team, endpoint, group or dimension.
  public var changed: Int64
  public var costMoved: USD
  public var teams: [Team]
  /// The first of the calls that change.
  public var changes: [Change]
  public var corrections: [Correction]
  /// Closed months that the period touches.
  public var closedMonths: [String]

  public init(
    calls: Int64, changed: Int64, costMoved: USD, teams: [Team], changes: [Change], corrections: [Correction], closedMonths: [String]
  ) {
    self.calls = calls
    self.changed = changed
    self.costMoved = costMoved
    self.teams = teams
    self.changes = changes
    self.corrections = corrections
    self.closedMonths = closedMonths
  }
}
