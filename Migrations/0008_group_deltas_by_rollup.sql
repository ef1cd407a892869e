-- Deltas are grouped by rollup: calls of one commit mostly share hour, model and endpoint, so that the fold has few elements to add (it took
-- 7.6 µs of PostgreSQL a span, a quarter of storing it). A row holds the changes to one rollup; arrays of dimensions it lacks are NULL.

alter table deltas drop constraint deltas_version_known;
alter table deltas add column rollup smallint not null default 0;
alter table deltas alter column rollup drop default;
alter table deltas alter column kinds drop not null, alter column environments drop not null, alter column services drop not null,
  alter column providers drop not null, alter column models drop not null, alter column endpoints drop not null,
  alter column user_ids drop not null;
alter table deltas
  add column latency_le_50 bigint[], add column latency_le_100 bigint[], add column latency_le_200 bigint[],
  add column latency_le_300 bigint[], add column latency_le_500 bigint[], add column latency_le_750 bigint[],
  add column latency_le_1000 bigint[], add column latency_le_1500 bigint[], add column latency_le_2000 bigint[],
  add column latency_le_3000 bigint[], add column latency_le_5000 bigint[], add column latency_le_7500 bigint[],
  add column latency_le_10000 bigint[], add column latency_le_15000 bigint[], add column latency_le_20000 bigint[],
  add column latency_le_30000 bigint[], add column latency_le_60000 bigint[], add column latency_le_120000 bigint[],
  add column latency_le_300000 bigint[], add column latency_over bigint[];

-- What waits to be folded: each row becomes one for every rollup.
do $$
declare
  histogram text[] := array['latency_le_50', 'latency_le_100', 'latency_le_200', 'latency_le_300', 'latency_le_500', 'latency_le_750',
    'latency_le_1000', 'latency_le_1500', 'latency_le_2000', 'latency_le_3000', 'latency_le_5000', 'latency_le_7500', 'latency_le_10000',
    'latency_le_15000', 'latency_le_20000', 'latency_le_30000', 'latency_le_60000', 'latency_le_120000', 'latency_le_300000', 'latency_over'];
  measures text := 'calls, errors, unpriced, costed, usage_input, usage_cache_read, usage_cache_write, usage_cache_write_1h, usage_output,
    usage_reasoning, usage_input_audio, usage_cache_read_audio, usage_output_audio, usage_input_image, usage_output_image, usage_input_video,
    usage_requests, usage_searches, usage_characters, usage_pages, usage_images, usage_milliseconds, cost_pico';
  counts text;
begin
  select string_agg(format(
    '(select array_agg(case when u.l = %s then u.c else 0 end::bigint order by u.n) from unnest(d.latencies, d.calls) with ordinality as u(l, c, n))',
    place - 1), ', ' order by place)
  into counts from generate_subscripts(histogram, 1) place;
  execute format('insert into deltas (version, rollup, slots, project_ids, team_ids, latencies, kinds, environments, services, providers, models, %s, %s)
    select 2, 1, slots, project_ids, team_ids, latencies, kinds, environments, services, providers, models, %s, %s from deltas d where version = 1',
    measures, array_to_string(histogram, ', '), measures, counts);
  execute format('insert into deltas (version, rollup, slots, project_ids, team_ids, latencies, environments, models, endpoints, %s)
    select 2, 2, slots, project_ids, team_ids, latencies, environments, models, endpoints, %s from deltas where version = 1', measures, measures);
  execute format('insert into deltas (version, rollup, slots, project_ids, team_ids, latencies, models, user_ids, %s)
    select 2, 3, slots, project_ids, team_ids, latencies, models, user_ids, %s from deltas where version = 1', measures, measures);
end $$;
delete from deltas where version = 1;
alter table deltas drop column latencies;
alter table deltas add constraint deltas_version_known check (version = 2);

do $$
declare name text;
begin
  if (select 'lz4' = any (enumvals) from pg_settings s where s.name = 'default_toast_compression') then
    for name in select attname from pg_attribute where attrelid = 'deltas'::regclass and attnum > 0 and attlen = -1 and not attisdropped loop
      execute format('alter table deltas alter column %I set compression lz4', name);
    end loop;
  end if;
end $$;

comment on table deltas is 'One row a commit and rollup, one array element per group of calls that share slot and the rollup''s dimensions. Element counts are signed.';
comment on column deltas.rollup is '1 spend_hour, 2 spend_endpoint_hour, 3 spend_user_day.';
comment on column deltas.kinds is 'NULL, like every other array, when the rollup has no such dimension.';
comment on column deltas.latency_le_50 is 'NULL, like the others of the histogram and usage_…, when it is zero in every element; only of spend_hour.';
