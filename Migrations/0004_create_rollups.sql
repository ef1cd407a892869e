-- Sums over calls. Every commit that changes calls appends one row to `deltas` (−old +new); the fold moves them into the rollups. No request
-- updates a hot counter row, and there is no watermark: commits are not in sequence order, so the fold deletes what it has seen.
-- Rollups are derived: `quipu rollup rebuild` makes them again from observations, to the last digit.
-- In their keys '' and team 0 stand for "none", so that a primary key works.

create table deltas (
  id bigint generated always as identity primary key,
  committed_at timestamptz not null default clock_timestamp(),
  version smallint not null,
  slots timestamptz[] not null,
  project_ids integer[] not null,
  team_ids integer[] not null,
  kinds smallint[] not null,
  latencies smallint[] not null,
  environments text[] not null,
  services text[] not null,
  providers text[] not null,
  models text[] not null,
  endpoints text[] not null,
  user_ids text[] not null,
  calls integer[] not null,
  errors integer[] not null,
  unpriced integer[] not null,
  costed integer[] not null,
  usage_input bigint[], usage_cache_read bigint[], usage_cache_write bigint[],
  usage_cache_write_1h bigint[], usage_output bigint[], usage_reasoning bigint[],
  usage_input_audio bigint[], usage_cache_read_audio bigint[], usage_output_audio bigint[],
  usage_input_image bigint[], usage_output_image bigint[], usage_input_video bigint[],
  usage_requests bigint[], usage_searches bigint[], usage_characters bigint[],
  usage_pages bigint[], usage_images bigint[], usage_milliseconds bigint[],
  cost_pico numeric[] not null,
  constraint deltas_version_known check (version = 1)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
comment on table deltas is 'One row a commit, one array element per group of calls that share slot and dimensions. Element counts are signed.';
comment on column deltas.slots is 'Start of the call, rounded down to a quarter of an hour UTC: local hours and days of every time zone begin on one.';
comment on column deltas.latencies is 'Place in the latency histogram of spend_hour, from 0; −1 for calls without an end.';
comment on column deltas.usage_input is 'NULL when the bucket is zero in every element.';

-- Arrays of a large commit are compressed out of line; lz4 (where the server was built with it) costs half of what pglz does.
do $$
declare name text;
begin
  if (select 'lz4' = any (enumvals) from pg_settings s where s.name = 'default_toast_compression') then
    for name in select attname from pg_attribute where attrelid = 'deltas'::regclass and attnum > 0 and attlen = -1 loop
      execute format('alter table deltas alter column %I set compression lz4', name);
    end loop;
  end if;
end $$;

create table spend_hour (
  project_id integer not null,
  hour timestamptz not null,
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
  primary key (project_id, hour, team_id, environment, service, provider, model, kind)
) with (fillfactor = 80);

create table spend_endpoint_hour (
  project_id integer not null,
  hour timestamptz not null,
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
  primary key (project_id, hour, team_id, environment, endpoint, model)
) with (fillfactor = 80);

create table spend_user_day (
  project_id integer not null,
  day date not null,
  day_start timestamptz not null,
  team_id integer not null,
  user_id text not null,
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
  primary key (project_id, day, team_id, user_id, model)
) with (fillfactor = 80);

comment on column spend_hour.team_id is 'Cost owner; 0 is Unallocated.';
comment on column spend_hour.unpriced is 'Calls without a full price; their unknown part is not in cost_pico.';
comment on column spend_hour.costed is 'Calls with a cost. Zero means the sum is unknown, not zero.';
comment on column spend_hour.cost_pico is 'pico-USD (10⁻¹² USD).';
comment on column spend_hour.usage_input is 'Tokens, except requests, searches, characters, pages, images, milliseconds.';

comment on column spend_endpoint_hour.team_id is 'Cost owner; 0 is Unallocated.';
comment on column spend_endpoint_hour.unpriced is 'Calls without a full price; their unknown part is not in cost_pico.';
comment on column spend_endpoint_hour.costed is 'Calls with a cost. Zero means the sum is unknown, not zero.';
comment on column spend_endpoint_hour.cost_pico is 'pico-USD (10⁻¹² USD).';
comment on column spend_endpoint_hour.usage_input is 'Tokens, except requests, searches, characters, pages, images, milliseconds.';

comment on column spend_user_day.team_id is 'Cost owner; 0 is Unallocated.';
comment on column spend_user_day.unpriced is 'Calls without a full price; their unknown part is not in cost_pico.';
comment on column spend_user_day.costed is 'Calls with a cost. Zero means the sum is unknown, not zero.';
comment on column spend_user_day.cost_pico is 'pico-USD (10⁻¹² USD).';
comment on column spend_user_day.usage_input is 'Tokens, except requests, searches, characters, pages, images, milliseconds.';
comment on column spend_hour.hour is 'The instant a local hour of the organisation begins.';
comment on column spend_endpoint_hour.hour is 'The instant a local hour of the organisation begins.';
comment on column spend_user_day.day is 'Day of the organisation''s calendar.';
comment on column spend_user_day.day_start is 'Derived: the instant that day begins.';
comment on column spend_hour.latency_le_50 is 'Calls whose start to end took up to 50 ms; each latency_le_N holds those above the bound before it and up to N ms.';
