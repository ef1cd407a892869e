import Domain
import Postgres

/// What a database holds, counted from the rows themselves: to compare a backup with what is restored from it.
public struct StoredTotals: Sendable, Hashable {
  /// All of them, calls and other steps.
  public let observations: Int
  public let traces: Int
  /// Unshadowed observations that carry usage or cost, or are a generation or embedding.
  public let calls: Int
  /// Calls without a full price.
  public let unpriced: Int
  /// The sum over calls; nil when no call has a cost.
  public let cost: USD?

  /// Reads every observation once. *Source:* `observations` and `traces` of any released schema.
  public init(_ connection: Connection) throws {
    let counted = try connection.first(Self.statement) { row in
      (try row.int(0), try row.int(1), try row.int(2), try row.int(3), try row.numericIntegerOrNil(4))
    }
    (observations, calls, unpriced, traces) = (counted?.0 ?? 0, counted?.1 ?? 0, counted?.2 ?? 0, counted?.3 ?? 0)
    cost = (counted?.4).map { USD(pico: $0) }
  }

  private static let statement = SQL(
    """
    select count(*), count(*) filter (where is_call), count(*) filter (where is_call and cost_status in (2, 3)),
      (select count(*) from traces), sum(cost_pico) filter (where is_call)
    from observations
    """
  ).uncached().named("StoredTotals")
}
