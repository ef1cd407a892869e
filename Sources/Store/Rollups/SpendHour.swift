extension Rollup {
  /// Money by hour, project, team, environment, service, provider, model and kind; the only one with latencies.
  static let spendHour = Rollup(
    name: "spend_hour", code: 1,
    dimensions: [.slot, .project, .team, .kind, .environment, .service, .provider, .model],
    keys: [
      Key(column: "project_id", expression: "c.project_id"),
      Key(column: "hour", expression: CallRelation.hour),
      Key(column: "team_id", expression: "c.team_id"),
      Key(column: "environment", expression: "c.environment"),
      Key(column: "service", expression: "c.service"),
      Key(column: "provider", expression: "c.provider"),
      Key(column: "model", expression: "c.model"),
      Key(column: "kind", expression: "c.kind"),
    ],
    timeColumn: "hour", hasLatency: true)
}
