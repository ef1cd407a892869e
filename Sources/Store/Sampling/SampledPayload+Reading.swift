import Domain
import Postgres

extension SampledPayload {
  /// Why blocks are gone, when sampling dropped them; nil when something else did (retention).
  static func read(
    _ blocks: Set<BlockID>, isPartly: Bool, _ project: ProjectID, _ trace: TraceID, _ c: Connection
  ) throws -> SampledPayload? {
    let slots = Set(blocks.map { HoldingSlot($0).start.microseconds }).sorted()
    let sql: SQL = """
      select s.environment, v.payload_share, v.span_share, v.id, v.created_at, s.rule
      from sampling_sweeps s join sampling_settings v on v.id = s.settings_id
      where s.project_id = \(project) and s.slot = any(\(PostgresValue.timestamps(slots))) and s.rule in (0, 9)
      order by s.environment = coalesce((
          select t.environment from traces t where t.project_id = \(project) and t.trace_id = \(trace)), 'default') desc,
        s.rule, s.slot desc
      limit 1
      """
    return try c.first(sql.named("SampledPayload").uncached()) { row in
      let isOfSpan = try row.int16(5) == SweepRule.omitted.rawValue
      return SampledPayload(
        environment: try row.string(0), share: SamplingShare(millionths: try row.int32(isOfSpan ? 2 : 1)), version: try row.int32(3),
        settingsOf: try row.timestamp(4), isPartly: isPartly)
    }
  }
}
