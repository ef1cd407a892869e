-- A trace's row is its lock, its directory (where its observations lie), its context (what the root says and calls inherit) and its line in
-- lists. Observations hold the evidence and what was decided from it; they live as long as the money and carry no bodies.
-- Both are written by one function only (Store/Ingestion/ObservationDoor.swift). Everything of a trace carries project and trace id in its
-- primary key and nothing here has a trigger, sequence or foreign key, so that the tables can be distributed by Citus as they are.

create table traces (
  project_id integer not null,
  trace_id uuid not null,
  started_at timestamptz,
  first_started_at timestamptz,
  last_started_at timestamptz,
  last_ended_at timestamptz,
  sent_at timestamptz,
  received_at timestamptz not null,
  duration_us bigint,
  tokens bigint not null default 0,
  usage_input bigint, usage_cache_read bigint, usage_cache_write bigint,
  usage_cache_write_1h bigint, usage_output bigint, usage_reasoning bigint,
  usage_input_audio bigint, usage_cache_read_audio bigint, usage_output_audio bigint,
  usage_input_image bigint, usage_output_image bigint, usage_input_video bigint,
  usage_requests bigint, usage_searches bigint, usage_characters bigint,
  usage_pages bigint, usage_images bigint, usage_milliseconds bigint,
  observations integer not null default 0,
  calls integer not null default 0,
  errors integer not null default 0,
  unpriced integer not null default 0,
  costed integer not null default 0,
  is_public boolean,
  cost_pico numeric not null default 0,
  external_id text,
  name text,
  user_id text,
  session_id text,
  environment text,
  release text,
  version text,
  server_route text,
  endpoint_hint text,
  tags text[] not null default '{}',
  stamps bytea not null default '',
  parts bytea,
  primary key (project_id, trace_id),
  constraint traces_directory_ordered check (first_started_at <= last_started_at),
  constraint traces_counts_consistent check (calls <= observations and unpriced <= calls and costed <= calls)
) with (fillfactor = 80);
create index traces_time on traces (project_id, started_at desc, trace_id);
create index traces_session on traces (project_id, session_id, started_at desc) where session_id is not null;

comment on column traces.trace_id is '16 bytes: 32 hex digits as sent, else the first 16 bytes of the SHA-256 of external_id.';
comment on column traces.started_at is 'Time in lists: first start of an arrived observation, else sent_at, else received_at. NULL hides the trace: only content without its observation came so far.';
comment on column traces.first_started_at is 'Directory: earliest observations.started_at of any row of the trace, arrived or not; NULL without rows.';
comment on column traces.last_started_at is 'Directory: latest observations.started_at. Lookups touch only partitions from first to last.';
comment on column traces.last_ended_at is 'Latest end of an arrived observation.';
comment on column traces.sent_at is 'The trace''s own time in the batch protocol.';
comment on column traces.received_at is 'Receipt of the first message about it.';
comment on column traces.duration_us is 'Derived: last_ended_at − started_at in microseconds; NULL while nothing ended.';
comment on column traces.tokens is 'Derived: sum of the token buckets of its calls.';
comment on column traces.observations is 'Derived: arrived observations.';
comment on column traces.calls is 'Derived: unshadowed observations that carry usage or cost, or are a generation or embedding.';
comment on column traces.errors is 'Derived: arrived observations of level error.';
comment on column traces.unpriced is 'Derived: calls without a full price.';
comment on column traces.costed is 'Derived: calls with a cost. Zero means the cost is unknown, not zero.';
comment on column traces.cost_pico is 'Derived: pico-USD (10⁻¹² USD) over its calls; only meaningful when costed > 0.';
comment on column traces.usage_input is 'Derived: sums over its calls; usage_… NULL counts zero. Tokens, except requests, searches, characters, pages, images, milliseconds.';
comment on column traces.user_id is 'As said about the trace; calls hold their own effective value.';
comment on column traces.stamps is 'Which message set each field: 21 bytes a distinct stamp (Domain TraceStamps).';
comment on column traces.parts is 'Where the trace''s own bodies lie (Store/Payloads/StoredParts.swift).';

create table observations (
  project_id integer not null,
  key_id integer,
  trace_id uuid not null,
  id bigint not null,
  started_at timestamptz not null,
  received_at timestamptz not null,
  ended_at timestamptz,
  first_token_at timestamptz,
  parent_id bigint,
  shadowed_by bigint,
  cost_pico bigint,
  computed_cost_pico bigint,
  reported_cost_pico bigint,
  usage_input bigint, usage_cache_read bigint, usage_cache_write bigint,
  usage_cache_write_1h bigint, usage_output bigint, usage_reasoning bigint,
  usage_input_audio bigint, usage_cache_read_audio bigint, usage_output_audio bigint,
  usage_input_image bigint, usage_output_image bigint, usage_input_video bigint,
  usage_requests bigint, usage_searches bigint, usage_characters bigint,
  usage_pages bigint, usage_images bigint, usage_milliseconds bigint,
  team_id integer,
  user_group_id integer,
  catalogue_revision integer not null default 0,
  flags smallint not null,
  kind smallint not null,
  level smallint,
  cost_status smallint not null,
  owner_step smallint not null,
  shadow_reason smallint,
  usage_flags smallint,
  reported_cost_source smallint,
  is_arrived boolean not null,
  is_call boolean not null,
  environment text not null,
  external_id text,
  name text,
  status_message text,
  request_model text,
  response_model text,
  model text,
  sent_provider text,
  provider text,
  service_tier text,
  response_id text,
  usage_rule text,
  usage_raw text,
  prompt text,
  service text,
  release text,
  version text,
  user_id text,
  session_id text,
  endpoint text,
  endpoint_hint text,
  server_route text,
  scope text,
  price text,
  cost_reason text,
  stamps bytea not null,
  parts bytea,
  constraint observations_pkey primary key (project_id, trace_id, id, started_at),
  constraint observations_unpriced_has_no_cost check (cost_status <> 3 or cost_pico is null),
  constraint observations_call_has_arrived check (is_arrived or not is_call),
  constraint observations_usage_has_rule check ((usage_rule is null) = (usage_raw is null))
) partition by range (started_at);
create index observations_time on observations (project_id, started_at);

comment on table observations is 'Partitions observations_YYYYMMDD of one UTC day each, made by Store/Partitions before rows arrive; there is no default partition.';
comment on column observations.id is '8 bytes of the span id as a signed number; the SHA-256 prefix of external_id when the sender''s id is not 16 hex digits.';
comment on column observations.started_at is 'Sent start, else (flag 1) the sent end, else the time of receipt. In the primary key only because PostgreSQL demands it: identity is (project_id, trace_id, id).';
comment on column observations.received_at is 'Receipt of the first message about it.';
comment on column observations.flags is 'Bits: 1 start assumed; 2 user_id, 4 session_id, 8 environment said by the observation itself (else inherited); 16 kind said (else span).';
comment on column observations.kind is '1 generation, 2 span, 3 embedding, 4 tool, 5 agent, 6 chain, 7 retriever, 8 evaluator, 9 guardrail, 10 event.';
comment on column observations.level is '1 debug, 2 default, 3 warning, 4 error; NULL not said.';
comment on column observations.cost_status is '0 none (no call), 1 priced, 2 partial, 3 unpriced, 4 reported, 5 shadowed, 6 free. 2 and 3 count as unpriced.';
comment on column observations.cost_pico is 'The amount that counts, pico-USD (10⁻¹² USD); NULL is unknown, never zero.';
comment on column observations.computed_cost_pico is 'What the catalogue makes of the usage, pico-USD, also when a reported cost is used.';
comment on column observations.reported_cost_pico is 'Cost that came with the call, pico-USD.';
comment on column observations.reported_cost_source is '1 the provider, 2 the sender on purpose, 3 an instrumentation.';
comment on column observations.owner_step is 'Step that gave team_id: 0 unallocated, 1 fixed key, 2 rule, 3 user group, 4 default of the key.';
comment on column observations.team_id is 'Cost owner; NULL is Unallocated.';
comment on column observations.shadow_reason is 'Why shadowed_by counts instead: 1 same response id, 2 a descendant carries it, 3 another instrumentation''s sibling, 4 the row around it carries the usage.';
comment on column observations.is_arrived is 'False for content that came before its observation: hidden from lists and counts.';
comment on column observations.is_call is 'Counts in every total. Calls are exactly the rows that rollups sum.';
comment on column observations.environment is 'Effective value; so are user_id, session_id, endpoint, provider and model. What was sent is in the flags, sent_provider, request_model, response_model.';
comment on column observations.usage_input is 'Disjoint buckets; usage_… NULL counts zero. Tokens, except requests, searches, characters, pages, images, milliseconds.';
comment on column observations.usage_rule is 'Convention that read usage_raw; NULL: no usage was sent.';
comment on column observations.usage_raw is 'The sender''s usage object as JSON text, at most 2 KB.';
comment on column observations.usage_flags is 'Bits: 1 contradiction, 2 negative remainder, 4 unexplained tokens, 8 estimated by the sender, 16 a count that could not be read.';
comment on column observations.price is 'Price row used: provider/model@from.';
comment on column observations.stamps is 'Which message set each field: 21 bytes a distinct stamp (Domain Stamps).';
comment on column observations.parts is 'Where its bodies lie (Store/Payloads/StoredParts.swift).';
