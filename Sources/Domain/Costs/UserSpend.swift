/// One end user over some days.
public struct UserSpend: Sendable, Hashable {
  /// As senders write it.
  public var user: String
  /// Of the latest call; nil: none.
  public var group: String?
  public var calls: Int64
  public var unpricedCalls: Int64
  /// nil only when no call has a cost.
  public var cost: USD?
  /// Last day with a call, in the organisation's calendar ("2026-11-22").
  public var lastDay: String

  public init(user: String, group: String?, calls: Int64, unpricedCalls: Int64, cost: USD?, lastDay: String) {
    self.user = user
    self.group = group
    self.calls = calls
    self.unpricedCalls = unpricedCalls
    self.cost = cost
    self.lastDay = lastDay
  }
}

/// The end users of one group, or of all together.
public struct UserGroupSpend: Sendable, Hashable {
  /// nil: users in no group.
  public var group: String?
  public var activeUsers: Int64
  public var calls: Int64
  public var unpricedCalls: Int64
  public var cost: USD?
  /// Of the tenth of its users (rounded up) who cost most.
  public var topTenthCost: USD
  public var lastDay: String

  public init(
    group: String?, activeUsers: Int64, calls: Int64, unpricedCalls: Int64, cost: USD?, topTenthCost: USD, lastDay: String
  ) {
    self.group = group
    self.activeUsers = activeUsers
    self.calls = calls
    self.unpricedCalls = unpricedCalls
    self.cost = cost
    self.topTenthCost = topTenthCost
    self.lastDay = lastDay
  }
}
