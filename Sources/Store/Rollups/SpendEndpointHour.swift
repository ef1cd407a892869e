extension Rollup {
  /// Money by hour, project, team, environment, endpoint and model.
  static let spendEndpointHour = Rollup(
    name: "spend_endpoint_hour", code: 2,
    dimensions: [.slot, .project, .team, .environment, .model, .endpoint],
    keys: [
      Key(column: "project_id", expression: "c.project_id"),
      Key(column: "hour", expression: CallRelation.hour),
      Key(column: "team_id", expression: "c.team_id"),
      Key(column: "environment", expression: "c.environment"),
      Key(column: "endpoint", expression: "c.endpoint"),
      Key(column: "model", expression: "c.model"),
    ],
    timeColumn: "hour")
}
