/// Which rows of a trace are left out of `observations`: never a call or what repeats one, never an error, never what stands above a row
/// that stays. What is left out goes on taking part in every decision (Store keeps its evidence), so that no total can move.
public enum SpanOmission {
  /// Why a span is left out. Raw values are stored.
  public enum Reason: UInt8, Sendable, Hashable, CaseIterable {
    case sampled = 1
    case noise = 2
  }

  /// Rows to leave out, by id. `rows` are all of the trace, decided; `reason` says of a row that may be left out whether and why it is.
  public static func omitted(of rows: [Observation], _ reason: (Observation) -> Reason?) -> [ObservationID: Reason] {
    let tree = TraceTree(rows)
    let reasons = tree.rows.map { mayGo(rows[$0.position]) ? reason(rows[$0.position]) : nil }
    var stays = reasons.map { $0 == nil }
    for i in tree.topDown.reversed() where stays[i] {
      if let parent = tree.parents[i] { stays[parent] = true }
    }
    var omitted: [ObservationID: Reason] = [:]
    for i in tree.rows.indices where !stays[i] { omitted[tree.rows[i].id] = reasons[i] }
    return omitted
  }

  /// It has arrived, is no call and none that could be, no error, and names no route: that of a root is every call's endpoint.
  public static func mayGo(_ row: Observation) -> Bool {
    row.facts.isArrived && row.facts.usage == nil && row.facts.reportedCost == nil && !row.kind.isAlwaysCall && !row.decision.isCall
      && row.decision.shadowedBy == nil && !row.isError && row.facts.serverRoute == nil
  }
}
