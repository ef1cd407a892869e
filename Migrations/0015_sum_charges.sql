-- Sums at list prices, at the organisation's own prices, and of what caches saved; by user group and key; by month; and charges: by day,
-- dimensions and unit prices, of which statements and FOCUS files are made. In keys '' and 0 stand for "none".

alter table spend_hour
  add column list_cost_pico numeric not null default 0, add column contracted_cost_pico numeric not null default 0,
  add column avoided_cost_pico numeric not null default 0;
alter table spend_day
  add column list_cost_pico numeric not null default 0, add column contracted_cost_pico numeric not null default 0,
  add column avoided_cost_pico numeric not null default 0;
alter table spend_endpoint_hour
  add column list_cost_pico numeric not null default 0, add column contracted_cost_pico numeric not null default 0,
  add column avoided_cost_pico numeric not null default 0;
alter table spend_endpoint_day
  add column list_cost_pico numeric not null default 0, add column contracted_cost_pico numeric not null default 0,
  add column avoided_cost_pico numeric not null default 0;
alter table spend_user_day
  add column list_cost_pico numeric not null default 0, add column contracted_cost_pico numeric not null default 0,
  add column avoided_cost_pico numeric not null default 0,
  add column user_group_id integer not null default 0,
  drop constraint spend_user_day_pkey,
  add constraint spend_user_day_pkey primary key (project_id, day, team_id, user_group_id, user_id, model);
comment on column spend_hour.list_cost_pico is 'At list prices, pico-USD, over the calls that have a cost; contracted_cost_pico at the organisation''s own prices; cost_pico is what counts.';
comment on column spend_hour.avoided_cost_pico is 'What calls that a cache answered would have cost, pico-USD; in no other sum.';

-- The same sums by user group and key.
create table spend_group_hour (like spend_endpoint_hour including defaults);
alter table spend_group_hour
  drop column environment, drop column endpoint,
  add column user_group_id integer not null, add column key_id integer not null,
  add primary key (project_id, hour, team_id, user_group_id, key_id, model);
alter table spend_group_hour set (fillfactor = 80);
create table spend_group_day (like spend_endpoint_day including defaults);
alter table spend_group_day
  drop column environment, drop column endpoint,
  add column user_group_id integer not null, add column key_id integer not null,
  add primary key (project_id, day, team_id, user_group_id, key_id, model);
comment on table spend_group_hour is 'Money by hour, project, team, user group, key and model; 0 is none.';
comment on table spend_group_day is 'Sums of spend_group_hour by day of the organisation; only days that are not in days_to_sum hold.';

-- Years are read by months.
create table spend_month (like spend_day including defaults);
alter table spend_month rename column day to month;
alter table spend_month add primary key (project_id, month, team_id, environment, service, provider, model, kind);
create table spend_endpoint_month (like spend_endpoint_day including defaults);
alter table spend_endpoint_month rename column day to month;
alter table spend_endpoint_month add primary key (project_id, month, team_id, environment, endpoint, model);
create table spend_group_month (like spend_group_day including defaults);
alter table spend_group_month rename column day to month;
alter table spend_group_month add primary key (project_id, month, team_id, user_group_id, key_id, model);
create table spend_user_month (like spend_user_day including defaults);
alter table spend_user_month rename column day to month;
alter table spend_user_month drop column day_start;
alter table spend_user_month add primary key (project_id, month, team_id, user_group_id, user_id, model);
comment on table spend_month is 'Sums of spend_day by month, named by its first day; only months that are not in months_to_sum hold. So are the other spend_…_month.';

create table months_to_sum (
  project_id integer not null,
  month date not null,
  marked_at timestamptz not null default now(),
  constraint months_to_sum_pkey primary key (project_id, month)
);
comment on table months_to_sum is 'Months of which a day changed since they were summed, or that were never summed; the running month is always among them. Marked with the day, in the same statement.';

-- Deltas of version 3 have money, groups and keys.
alter table deltas
  add column list_cost_pico numeric[], add column contracted_cost_pico numeric[], add column avoided_cost_pico numeric[],
  add column key_ids integer[], add column user_group_ids integer[];
alter table deltas drop constraint deltas_version_known;
alter table deltas add constraint deltas_version_known check (version in (2, 3));
comment on column deltas.version is '3; rows of 2 are of a process of the release before: what they change is made anew from observations (days_to_rebuild).';
comment on column deltas.rollup is '1 spend_hour, 2 spend_endpoint_hour, 3 spend_user_day, 4 spend_group_hour.';
comment on column deltas.list_cost_pico is 'NULL when it is cost_pico in every element; so is contracted_cost_pico. avoided_cost_pico NULL when it is zero in every element.';
do $$
declare name text;
begin
  if (select 'lz4' = any (enumvals) from pg_settings s where s.name = 'default_toast_compression') then
    foreach name in array array['list_cost_pico', 'contracted_cost_pico', 'avoided_cost_pico', 'key_ids', 'user_group_ids'] loop
      execute format('alter table deltas alter column %I set compression lz4', name);
    end loop;
  end if;
end $$;

-- What is there so far lacks all of that, and is made again in the background, day by day.
create table days_to_rebuild (
  project_id integer not null,
  day date not null,
  constraint days_to_rebuild_pkey primary key (project_id, day)
);
comment on table days_to_rebuild is 'Days with calls that a release before this one summed: calls, usage and cost_pico of their rollups hold; list, contracted and avoided cost, spend_group_… and user groups don''t yet.';
insert into days_to_rebuild (project_id, day) select project_id, day from spend_day union select project_id, day from days_to_sum;

create table dimension_sets (
  id integer generated always as identity primary key,
  digest bytea not null,
  team_id integer not null,
  kind smallint not null,
  user_group_id integer not null,
  key_id integer not null,
  environment text not null,
  service text not null,
  provider text not null,
  model text not null,
  endpoint text not null,
  service_tier text not null,
  region text not null,
  extra_1 text not null, extra_2 text not null, extra_3 text not null, extra_4 text not null,
  constraint dimension_sets_digest_key unique (digest)
);
comment on table dimension_sets is 'What calls of charges_day share, each combination once. Never changed or removed.';
comment on column dimension_sets.digest is 'SHA-256 of all columns as the text of an array (Store/Charges).';
comment on column dimension_sets.service_tier is 'As the call says; so is region.';

create table charges_day (
  project_id integer not null,
  day date not null,
  set_id integer not null,
  rate_id integer not null,
  calls bigint not null,
  errors bigint not null,
  unpriced bigint not null,
  costed bigint not null,
  usage_input bigint not null, usage_cache_read bigint not null,
  usage_cache_write bigint not null, usage_cache_write_1h bigint not null,
  usage_output bigint not null, usage_reasoning bigint not null,
  usage_input_audio bigint not null, usage_cache_read_audio bigint not null,
  usage_output_audio bigint not null, usage_input_image bigint not null,
  usage_output_image bigint not null, usage_input_video bigint not null,
  usage_requests bigint not null, usage_searches bigint not null,
  usage_characters bigint not null, usage_pages bigint not null,
  usage_images bigint not null, usage_milliseconds bigint not null,
  requests_charged bigint not null,
  list_cost_pico numeric not null,
  contracted_cost_pico numeric not null,
  cost_pico numeric not null,
  avoided_cost_pico numeric not null,
  primary key (project_id, day, set_id, rate_id)
);
comment on table charges_day is 'Calls by day of the organisation, dimensions and unit prices; only days that are not in charge_days_to_sum hold. Usage, with requests_charged for usage_requests, times rates.contracted_pico is contracted_cost_pico exactly, where rate_id is not 0.';
comment on column charges_day.rate_id is 'rates.id of priced calls; 0: no unit prices are known, or none were charged.';
comment on column charges_day.requests_charged is 'usage_requests with the one request that is charged to a call that counted none (rates.charges_requests).';

create table charge_days_to_sum (
  project_id integer not null,
  day date not null,
  marked_at timestamptz not null default now(),
  marks bigint not null default 1,
  constraint charge_days_to_sum_pkey primary key (project_id, day)
) with (fillfactor = 50);
comment on table charge_days_to_sum is 'Days with calls that changed since charges_day was summed, or that were never summed; today is always among them. They are read from observations.';
comment on column charge_days_to_sum.marks is 'Rises with every fold that touches the day: who sums it must find it unchanged at the end.';
insert into charge_days_to_sum (project_id, day) select project_id, day from days_to_rebuild;
insert into months_to_sum (project_id, month)
select distinct project_id, date_trunc('month', day)::date from days_to_rebuild;
