extension Rollup {
  /// Money by hour, project, team, user group, key and model.
  static let spendGroupHour = Rollup(
    name: "spend_group_hour", code: 4,
    dimensions: [.slot, .project, .team, .model, .userGroup, .key],
    keys: [
      Key(column: "project_id", expression: "c.project_id"),
      Key(column: "hour", expression: CallRelation.hour),
      Key(column: "team_id", expression: "c.team_id"),
      Key(column: "user_group_id", expression: "c.user_group_id"),
      Key(column: "key_id", expression: "c.key_id"),
      Key(column: "model", expression: "c.model"),
    ],
    timeColumn: "hour")
}
