-- Reports over weeks and months read days, not hours (a month of 200 endpoints: 676 ms by hours). Nothing is written for them while calls
-- arrive: the fold only marks the days it touches, and a job sums past days from their hours. A marked day is read from its hours.

create table spend_day (
  project_id integer not null,
  day date not null,
  team_id integer not null,
  kind smallint not null,
  environment text not null,
  service text not null,
  provider text not null,
  model text not null,
  calls bigint not null default 0,
  errors bigint not null default 0,
  unpriced bigint not null default 0,
  costed bigint not null default 0,
  usage_input bigint not null default 0, usage_cache_read bigint not null default 0,
  usage_cache_write bigint not null default 0, usage_cache_write_1h bigint not null default 0,
  usage_output bigint not null default 0, usage_reasoning bigint not null default 0,
  usage_input_audio bigint not null default 0, usage_cache_read_audio bigint not null default 0,
  usage_output_audio bigint not null default 0, usage_input_image bigint not null default 0,
  usage_output_image bigint not null default 0, usage_input_video bigint not null default 0,
  usage_requests bigint not null default 0, usage_searches bigint not null default 0,
  usage_characters bigint not null default 0, usage_pages bigint not null default 0,
  usage_images bigint not null default 0, usage_milliseconds bigint not null default 0,
  latency_le_50 bigint not null default 0, latency_le_100 bigint not null default 0,
  latency_le_200 bigint not null default 0, latency_le_300 bigint not null default 0,
  latency_le_500 bigint not null default 0, latency_le_750 bigint not null default 0,
  latency_le_1000 bigint not null default 0, latency_le_1500 bigint not null default 0,
  latency_le_2000 bigint not null default 0, latency_le_3000 bigint not null default 0,
  latency_le_5000 bigint not null default 0, latency_le_7500 bigint not null default 0,
  latency_le_10000 bigint not null default 0, latency_le_15000 bigint not null default 0,
  latency_le_20000 bigint not null default 0, latency_le_30000 bigint not null default 0,
  latency_le_60000 bigint not null default 0, latency_le_120000 bigint not null default 0,
  latency_le_300000 bigint not null default 0, latency_over bigint not null default 0,
  cost_pico numeric not null default 0,
  primary key (project_id, day, team_id, environment, service, provider, model, kind)
) with (fillfactor = 80);

create table spend_endpoint_day (
  project_id integer not null,
  day date not null,
  team_id integer not null,
  environment text not null,
  endpoint text not null,
  model text not null,
  calls bigint not null default 0,
  errors bigint not null default 0,
  unpriced bigint not null default 0,
  costed bigint not null default 0,
  usage_input bigint not null default 0, usage_cache_read bigint not null default 0,
  usage_cache_write bigint not null default 0, usage_cache_write_1h bigint not null default 0,
  usage_output bigint not null default 0, usage_reasoning bigint not null default 0,
  usage_input_audio bigint not null default 0, usage_cache_read_audio bigint not null default 0,
  usage_output_audio bigint not null default 0, usage_input_image bigint not null default 0,
  usage_output_image bigint not null default 0, usage_input_video bigint not null default 0,
  usage_requests bigint not null default 0, usage_searches bigint not null default 0,
  usage_characters bigint not null default 0, usage_pages bigint not null default 0,
  usage_images bigint not null default 0, usage_milliseconds bigint not null default 0,
  cost_pico numeric not null default 0,
  primary key (project_id, day, team_id, environment, endpoint, model)
) with (fillfactor = 80);

comment on table spend_day is 'Sums of spend_hour by day of the organisation; only days that are not in days_to_sum hold.';
comment on table spend_endpoint_day is 'Sums of spend_endpoint_hour by day of the organisation; only days that are not in days_to_sum hold.';

create table days_to_sum (
  project_id integer not null,
  day date not null,
  marked_at timestamptz not null default now(),
  constraint days_to_sum_pkey primary key (project_id, day)
);
comment on table days_to_sum is 'Days whose hours changed since they were summed, or that were never summed; today is always among them.';

insert into days_to_sum (project_id, day)
select distinct s.project_id, (s.hour at time zone coalesce(g.time_zone, 'UTC'))::date
from spend_hour s left join projects p on p.id = s.project_id left join organisations g on g.id = p.organisation_id;
