/// Sums over calls.
public struct Measures: Sendable, Hashable {
  public var calls: Int64 = 0
  public var errors: Int64 = 0
  /// Calls without a full price; their unknown part is not in `cost`.
  public var unpricedCalls: Int64 = 0
  public var usage = Usage()
  /// Effective cost; nil only when no call in it has a cost.
  public var cost: USD?
  /// At list prices and at the organisation's own prices and terms, over the calls that have a cost; nil as `cost`, or not asked for.
  public var listCost: USD?
  public var contractedCost: USD?
  /// What calls that a cache answered would have cost; in no other sum.
  public var avoidedCost: USD = .zero
  /// Calls by how long they took; nil: not asked for.
  public var latency: LatencyHistogram?
  /// Distinct end users ever seen up to the range's end; nil: not asked for, or not known.
  public var users: Int64?
  /// Distinct end users in the range; nil as `users`.
  public var activeUsers: Int64?

  public init() {}

  /// Distinct users don't add up: they are nil in a sum.
  public static func + (a: Measures, b: Measures) -> Measures {
    var sum = Measures()
    sum.calls = a.calls &+ b.calls
    sum.errors = a.errors &+ b.errors
    sum.unpricedCalls = a.unpricedCalls &+ b.unpricedCalls
    sum.usage = a.usage + b.usage
    sum.cost = Self.joined(a.cost, b.cost, +)
    sum.listCost = Self.joined(a.listCost, b.listCost, +)
    sum.contractedCost = Self.joined(a.contractedCost, b.contractedCost, +)
    sum.avoidedCost = a.avoidedCost + b.avoidedCost
    sum.latency = Self.joined(a.latency, b.latency, +)
    return sum
  }

  private static func joined<T>(_ a: T?, _ b: T?, _ add: (T, T) -> T) -> T? {
    guard let a, let b else { return a ?? b }
    return add(a, b)
  }
}

/// Unit costs and shares. A unit cost is exact, rounded half even to whole pico-USD.
extension Measures {
  /// Share of prompt tokens that came from the provider's cache, 0…1; nil without prompt tokens.
  public var cacheHitRate: Double? {
    let input = usage.inputTokens
    return input > 0 ? Double(usage[.cacheRead] &+ usage[.cacheReadAudio]) / Double(input) : nil
  }

  /// 0…1; nil without calls.
  public var unpricedShare: Double? { calls > 0 ? Double(unpricedCalls) / Double(calls) : nil }

  /// Per call with a full price, so that unknown costs don't pull it down; nil without one.
  public var costPerRequest: USD? { cost?.divided(by: calls &- unpricedCalls) }

  /// Of all cost, prompts included, per 1,000 output tokens; nil without output.
  public var costPerThousandOutputTokens: USD? {
    cost.map { USD(pico: $0.pico &* 1000) }?.divided(by: usage.outputTokens)
  }

  public var costPerUser: USD? { users.flatMap { cost?.divided(by: $0) } }
  public var costPerActiveUser: USD? { activeUsers.flatMap { cost?.divided(by: $0) } }
}

extension USD {
  /// Rounded half even to whole pico-USD; nil unless `count` is above zero.
  public func divided(by count: Int64) -> USD? {
    guard count > 0 else { return nil }
    let divisor = UInt128(count)
    var (quotient, rest) = pico.magnitude.quotientAndRemainder(dividingBy: divisor)
    rest &*= 2
    if rest > divisor || (rest == divisor && quotient % 2 == 1) { quotient &+= 1 }
    let magnitude = Int128(truncatingIfNeeded: quotient)
    return USD(pico: pico < 0 ? -magnitude : magnitude)
  }
}
