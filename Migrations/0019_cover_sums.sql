-- Pages ask for calls and cost by one or two dimensions: indexes that hold these columns read a third of what the tables would. Nothing is
-- written here while calls arrive: days and months are summed in the background.
create index spend_day_cover on spend_day (project_id, day)
  include (team_id, environment, service, provider, model, kind, calls, errors, unpriced, costed, cost_pico);
create index spend_endpoint_day_cover on spend_endpoint_day (project_id, day)
  include (team_id, environment, endpoint, model, calls, errors, unpriced, costed, cost_pico);
create index spend_group_day_cover on spend_group_day (project_id, day)
  include (team_id, user_group_id, key_id, model, calls, errors, unpriced, costed, cost_pico);
create index spend_month_cover on spend_month (project_id, month)
  include (team_id, environment, service, provider, model, kind, calls, errors, unpriced, costed, cost_pico);
create index spend_endpoint_month_cover on spend_endpoint_month (project_id, month)
  include (team_id, environment, endpoint, model, calls, errors, unpriced, costed, cost_pico);
create index spend_group_month_cover on spend_group_month (project_id, month)
  include (team_id, user_group_id, key_id, model, calls, errors, unpriced, costed, cost_pico);
-- The largest endpoints by day or hour of a long range.
create index spend_endpoint_day_endpoint on spend_endpoint_day (endpoint, day);
