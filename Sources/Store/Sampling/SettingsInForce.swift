import Domain
import Postgres

/// The latest settings of projects, as writers and the sweep decide by them.
enum SettingsInForce {
  /// Only projects of which something is left out.
  static func read(_ projects: [ProjectID], _ c: Connection) throws -> [ProjectID: ProjectSampling] {
    let all = try readAll(projects, c)
    return all.filter { !$0.value.keepsEverything }
  }

  /// Every project that ever had settings.
  static func readAll(_ projects: [ProjectID], _ c: Connection) throws -> [ProjectID: ProjectSampling] {
    var found: [ProjectID: ProjectSampling] = [:]
    let noise = try noiseFilters(projects, c)
    let sql: SQL = """
      select p.id, o.secret, s.environment, \(unescaped: SamplingVersion.columns)
      from projects p join organisations o on o.id = p.organisation_id
      left join lateral (
        select distinct on (environment) * from sampling_settings where project_id = p.id order by environment, id desc
      ) s on not s.is_end
      where p.id = any(\(projects.map(\.rawValue)))
        and (s.id is not null or p.id = any(\(noise.keys.map(\.rawValue))))
      """
    try c.stream(sql.named("SettingsInForce")) { row in
      let project: ProjectID = try row.id(0)
      let secret = try row.bytes(1)
      var sampling = found[project] ?? ProjectSampling(secret: secret, noise: NoiseFilter(scopes: noise[project] ?? []))
      if let environment = try row.stringOrNil(2) {
        let policy = try SamplingVersion.policy(row, from: 3)
        if environment.isEmpty { sampling.standard = policy } else { sampling.environments[environment] = policy }
      }
      found[project] = sampling
    }
    return found
  }

  private static func noiseFilters(_ projects: [ProjectID], _ c: Connection) throws -> [ProjectID: [String]] {
    let sql: SQL = """
      select distinct on (project_id) project_id, scopes from noise_filters where project_id = any(\(projects.map(\.rawValue)))
      order by project_id, id desc
      """
    let rows = try c.query(sql.named("NoiseInForce")) { (try $0.id(0, as: ProjectID.self), try $0.strings(1)) }
    return Dictionary(rows, uniquingKeysWith: { first, _ in first })
  }
}

extension SamplingVersion {
  /// Of `sampling_settings` s, as `policy(_:from:)` reads them.
  static let columns = """
    s.id, s.payload_share, s.span_share, coalesce((s.keep->>'errors')::boolean, false), (s.keep->>'costAbovePico')::numeric,
      (s.keep->>'durationAboveMilliseconds')::bigint,
      array(select jsonb_array_elements_text(coalesce(s.keep->'users', '[]'))),
      array(select jsonb_array_elements_text(coalesce(s.keep->'tags', '[]'))),
      array(select jsonb_array_elements_text(coalesce(s.keep->'endpoints', '[]'))), coalesce((s.keep->>'scored')::boolean, false)
    """
  static let columnCount = 10

  static func policy(_ row: Row, from first: Int) throws -> SamplingPolicy {
    var keep = KeepRules()
    keep.errors = try row.bool(first + 3)
    keep.costAbove = try row.numericIntegerOrNil(first + 4).map { USD(pico: $0) }
    keep.durationAboveMilliseconds = try row.int64OrNil(first + 5)
    keep.users = try row.strings(first + 6)
    keep.tags = try row.strings(first + 7)
    keep.endpoints = try row.strings(first + 8)
    keep.scored = try row.bool(first + 9)
    return SamplingPolicy(
      payloads: SamplingShare(millionths: try row.int32(first + 1)), spans: SamplingShare(millionths: try row.int32(first + 2)), keep: keep,
      version: try row.int32(first))
  }

  /// Column `keep`.
  static func json(_ keep: KeepRules) -> SQL {
    """
    jsonb_strip_nulls(jsonb_build_object('errors', \(keep.errors ? true : nil)::boolean, 'costAbovePico', \(keep.costAbove?.pico.description)::text,
      'durationAboveMilliseconds', \(keep.durationAboveMilliseconds)::bigint, 'scored', \(keep.scored ? true : nil)::boolean))
      || jsonb_build_object('users', to_jsonb(\(keep.users)), 'tags', to_jsonb(\(keep.tags)), 'endpoints', to_jsonb(\(keep.endpoints)))
    """
  }
}
