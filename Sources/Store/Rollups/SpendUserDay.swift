extension Rollup {
  /// Money by day, project, team, user group, end user and model.
  static let spendUserDay = Rollup(
    name: "spend_user_day", code: 3,
    dimensions: [.slot, .project, .team, .model, .user, .userGroup],
    keys: [
      Key(column: "project_id", expression: "c.project_id"),
      Key(column: "day", expression: CallRelation.day),
      Key(column: "day_start", expression: CallRelation.dayStart, isDerived: true),
      Key(column: "team_id", expression: "c.team_id"),
      Key(column: "user_group_id", expression: "c.user_group_id"),
      Key(column: "user_id", expression: "c.user_id"),
      Key(column: "model", expression: "c.model"),
    ],
    timeColumn: "day_start")
}
