import Domain
import Postgres

/// Rows that a re-pricing is about: of a period, and of some models.
struct RepricingSelection: Sendable, Hashable {
  var range: TimeRange
  /// In lower case; "" is none; empty is all.
  let models: Set<String>

  init(range: TimeRange, models: [String]) {
    self.range = range
    self.models = Set(models.map(Self.folded))
  }

  /// ASCII only, like `lower(… collate "C")`.
  static func folded(_ name: String) -> String {
    String(decoding: name.utf8.map { (65...90).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
  }

  /// A row with a cost to decide, by the name it is booked under, or one that was sent.
  func includes(_ o: Observation) -> Bool {
    guard o.facts.isArrived, o.decision.cost.status != .none, range.contains(o.startedAt) else { return false }
    if models.isEmpty { return true }
    let names = [o.decision.model, o.facts.requestModel, o.facts.responseModel].compactMap { $0 }
    return names.isEmpty ? models.contains("") : names.contains { models.contains(Self.folded($0)) }
  }

  /// The same of rows `o` that start within `part` of the range and are not frozen; `p` is their project.
  func condition(_ part: TimeRange, projects: [ProjectID]) -> SQL {
    let time: SQL = """
      o.project_id = any(\(projects)) and o.started_at >= \(max(part.from, range.from))
        and o.started_at < \(min(part.to, range.to)) and o.started_at >= p.frozen_before
        and o.is_arrived and o.cost_status <> 0
      """
    if models.isEmpty { return time }
    let names = models.filter(\.isStorable).sorted()
    let columns = ["o.model", "o.request_model", "o.response_model"].map { column -> SQL in
      "lower(\(unescaped: column) collate \"C\") = any(\(names))"
    }
    let none: SQL =
      models.contains("") ? " or coalesce(o.model, o.request_model, o.response_model) is null" : ""
    return "\(time) and (\(columns.joined(by: " or "))\(none))"
  }

  /// Rows `o` decided by less than `target`.
  static func isBelow(_ target: DecisionRevisions) -> SQL {
    "(o.catalogue_revision < \(target.catalogue) or coalesce(o.price_revision, 0) < \(target.agreements))"
  }
}

/// Prices one observation whose counting is settled: fills provider, model and cost of its decision, and nothing else.
public typealias Reprice = @Sendable (inout Observation) -> Void

/// Which rows of a trace are priced anew, and by what.
struct TraceRepricing: Sendable {
  var selection: RepricingSelection
  var price: Reprice

  /// The row as it would be booked now.
  func repriced(_ row: Observation) -> Observation {
    var priced = row
    price(&priced)
    var result = row
    result.decision.provider = priced.decision.provider
    result.decision.model = priced.decision.model
    result.decision.cost = priced.decision.cost
    result.decision.keepFirstCharge(of: row.decision)
    return result
  }
}

extension TraceChanger {
  /// nil when no row changes.
  func repriced(_ stored: StoredTrace, _ repricing: TraceRepricing, _ limits: ProjectLimits) -> TraceChange? {
    var rows = stored.observations
    for i in rows.indices where repricing.selection.includes(rows[i]) && rows[i].startedAt >= limits.frozenBefore {
      rows[i] = repricing.repriced(rows[i])
    }
    var change = TraceChange(
      row: TraceRow(facts: stored.facts, receivedAt: stored.receivedAt, summary: TraceSummary(rows)))
    change.row.settleDueAt = stored.settleDueAt
    change.isRepricing = true
    Self.compare(rows, stored.observations, into: &change)
    change.keepOmitted(of: stored)
    return change.written.isEmpty ? nil : change
  }
}
