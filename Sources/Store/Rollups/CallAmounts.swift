/// What a call adds to sums of money, as `CostOutcome.amounts` says, over a row `o` of `observations`.
enum CallAmounts {
  /// In the order of `MeasureColumns.money`; avoided is NULL for zero, which sum() skips without a call.
  static let columns = """
    coalesce(o.cost_pico, 0)::numeric as cost_pico,
    case when o.cost_pico is null then 0 else coalesce(o.list_cost_pico, o.computed_cost_pico, o.cost_pico) end::numeric
      as list_cost_pico,
    case when o.cost_pico is null then 0 else coalesce(o.computed_cost_pico, o.cost_pico) end::numeric
      as contracted_cost_pico,
    o.avoided_cost_pico::numeric as avoided_cost_pico
    """

  /// The unit prices that the contracted cost was made with, 0 for none: where it was said or saved, usage and unit
  /// prices don't make it.
  static let rate = """
    case when o.cost_pico is null or o.computed_cost_pico is null or o.avoided_cost_pico is not null then 0
      else coalesce(o.rate_id, 0) end
    """
}
