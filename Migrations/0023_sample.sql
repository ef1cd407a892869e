-- What is kept of traces beside usage, calls and cost, which are never sampled: settings by version; payload blocks that wait for the end of
-- their trace; and the evidence of spans that are not among the observations, so that whatever comes later is decided as if they were.

create table sampling_settings (
  id integer generated always as identity primary key,
  project_id integer not null references projects (id),
  environment text not null default '',
  payload_share integer not null,
  span_share integer not null,
  keep jsonb not null default '{}',
  is_end boolean not null default false,
  created_at timestamptz not null default now(),
  created_by text not null,
  constraint sampling_settings_shares_known check (payload_share between 0 and 1000000 and span_share between 0 and 1000000),
  constraint sampling_settings_end_of_environment check (not is_end or environment <> '')
);
create index sampling_settings_latest on sampling_settings (project_id, environment, id desc);
comment on table sampling_settings is 'Versions, never changed: the latest of a project and environment is in force. environment '''' is the project''s own, for environments without settings.';
comment on column sampling_settings.payload_share is 'Millionths of traces whose payloads are kept; span_share: of which spans that are no calls are kept.';
comment on column sampling_settings.keep is '{"errors": true, "costAbovePico": "5000000000", "durationAboveMilliseconds": 30000, "users": [], "tags": [], "endpoints": [], "scored": true}; absent asks nothing.';
comment on column sampling_settings.is_end is 'The environment follows the project again.';

create table noise_filters (
  id integer generated always as identity primary key,
  project_id integer not null references projects (id),
  scopes text[] not null,
  created_at timestamptz not null default now(),
  created_by text not null
);
create index noise_filters_latest on noise_filters (project_id, id desc);
comment on table noise_filters is 'Versions, never changed: the latest of a project is in force. Plain spans of these instrumentation scopes are left out; "*" at the end means all that begin so.';

-- Class 0: written, not yet decided. A block keeps its id when it moves to its own class.
create table payloads_0 partition of payloads for values in (0) partition by range (block_id);
create table payload_signatures_0 partition of payload_signatures for values in (0) partition by range (block_id);
alter table payloads_0 alter column data set storage external;
alter table payload_signatures_0 alter column signature set storage plain;
create index payload_signatures_0_trace on payload_signatures_0 (project_id, trace_id);
comment on table payloads_0 is 'Partitions payloads_0_YYYYMMDDHHMM of ten minutes each: blocks of traces that sampling may drop. Swept 15 minutes after they end, then dropped.';
comment on column payloads.retention_days is 'The class that block_id tells, or 0 while the block waits for sampling to decide.';
comment on column payloads.block_id is 'Milliseconds since 1970 of writing << 16 | class (0: 7, 1: 30, 2: 90, 3: 400 days) << 14 | 1 << 13 when it holds bodies of omitted spans (while it waits) | 13 random bits.';

create table sampling_sweeps (
  project_id integer not null,
  slot timestamptz not null,
  environment text not null,
  rule smallint not null,
  settings_id integer not null,
  traces integer not null,
  blocks integer not null,
  bytes bigint not null,
  primary key (project_id, slot, environment, rule, settings_id)
);
comment on table sampling_sweeps is 'What became of the blocks of ten minutes: why a payload is not there, and what sampling saved.';
comment on column sampling_sweeps.rule is '0 dropped, else kept: 1 share, 2 error, 3 cost, 4 duration, 5 user, 6 tag, 7 endpoint, 8 score; 9 dropped with its omitted span.';
comment on column sampling_sweeps.settings_id is 'sampling_settings.id in force for the environment; 0 for none.';

alter table traces
  add column omitted_on date,
  add column sampled_spans integer,
  add column noise_spans integer;
comment on column traces.omitted_on is 'Partition of omitted_spans that holds its omitted spans; NULL: all rows are in observations.';
comment on column traces.sampled_spans is 'Derived: spans left out by sampling (noise_spans: by the noise filter). They count in observations and take part in times and decisions.';

create table omitted_spans (
  project_id integer not null,
  trace_id uuid not null,
  omitted_on date not null,
  spans integer not null,
  data bytea not null,
  constraint omitted_spans_pkey primary key (project_id, trace_id, omitted_on)
) partition by range (omitted_on);
alter table omitted_spans alter column data set storage external;
comment on table omitted_spans is 'Partitions omitted_spans_YYYYMMDD of one UTC day each. Evidence of spans that are no rows of observations, read under the trace''s lock whenever it changes; written by the one door only.';
comment on column omitted_spans.data is 'One zstd frame (Store/Sampling/OmittedSpans.swift).';

create table omitted_span_changes (
  project_id integer not null,
  day date not null,
  sampled integer not null,
  noise integer not null
);
comment on table omitted_span_changes is 'One row a commit and project, added up into omitted_spans_day by the minute; negative where spans came back.';

create table omitted_spans_day (
  project_id integer not null,
  day date not null,
  sampled bigint not null,
  noise bigint not null,
  primary key (project_id, day)
);
comment on table omitted_spans_day is 'Spans left out by the UTC day of writing, without what stands in omitted_span_changes.';
