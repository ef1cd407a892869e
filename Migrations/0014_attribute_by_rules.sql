-- Who owns a call and what it was for, by dated rules; and what of a call they need that was not kept so far.

alter table teams
  add column gl_account text,
  add column owner text,
  add column valid_from date,
  add column valid_to date,
  add constraint teams_range_forward check (valid_from < valid_to);
comment on column teams.owner is 'Who answers for its cost: a name or an e-mail address.';
comment on column teams.valid_from is 'First day, in the organisation''s time zone, that it can own cost; NULL: always. valid_to is the first day that it can''t any more.';

alter table user_groups add column removed_at timestamptz;
comment on column user_groups.removed_at is 'It has no members and gives no team any more; its name stays for the calls that it had.';

alter table organisations add column attribution_revision integer not null default 0;
comment on column organisations.attribution_revision is 'Rises with every change of its rules, its teams'' dates and declared keys, and with every re-attribution.';

-- What a write must have been decided by at least: {catalogue, own prices, attribution}.
create or replace function hold_price_revisions(organisation integer) returns integer[] language plpgsql volatile as $$
begin
  perform pg_advisory_xact_lock_shared(1903521906, organisation);
  return (select array[o.repriced_catalogue_revision, o.price_revision, o.attribution_revision] from organisations o where o.id = organisation);
end $$;

create table declared_keys (
  organisation_id integer not null references organisations (id),
  key text not null,
  place smallint,
  label text not null,
  declared_at timestamptz not null default now(),
  declared_by text not null,
  constraint declared_keys_pkey primary key (organisation_id, key),
  constraint declared_keys_place_key unique (organisation_id, place),
  constraint declared_keys_place_known check (place between 1 and 4),
  constraint declared_keys_key_filled check (key <> '' and octet_length(key) <= 200)
);
comment on table declared_keys is 'Metadata keys (or attribute names) whose values are kept with the money, from declared_at on: for rules, and with a place as a dimension of reports. Never removed: their values stay with their calls.';
comment on column declared_keys.place is 'Which of observations.extra_1 … extra_4 holds its value; NULL: only rules read it.';

create table attribution_rules (
  id integer generated always as identity primary key,
  organisation_id integer not null references organisations (id),
  position integer not null,
  name text not null,
  conditions jsonb not null,
  team_id integer references teams (id),
  endpoint text,
  user_group_id integer references user_groups (id),
  valid_from timestamptz,
  valid_to timestamptz,
  created_at timestamptz not null default now(),
  created_by text not null,
  deleted_at timestamptz,
  deleted_by text,
  constraint attribution_rules_name_filled check (name <> ''),
  constraint attribution_rules_gives_something check (num_nonnulls(team_id, endpoint, user_group_id) > 0),
  constraint attribution_rules_endpoint_filled check (endpoint <> ''),
  constraint attribution_rules_range_forward check (valid_from < valid_to)
);
comment on table attribution_rules is 'Rules in the order of position; the first that matches a call and gives a team (endpoint, user group) decides it. Ended (deleted_at), never overwritten: a change is a new row.';
comment on column attribution_rules.conditions is 'All of [{"field": "metadata:tenant", "match": "equals", "values": ["acme"], "not": false}].';
create index attribution_rules_live on attribution_rules (organisation_id, position) where deleted_at is null;

create table reattributions (
  id integer generated always as identity primary key,
  organisation_id integer not null references organisations (id),
  from_time timestamptz not null,
  to_time timestamptz not null,
  reason text not null,
  revision integer not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  -- Progress: everything that starts before is done.
  done_before timestamptz not null,
  traces_done bigint not null default 0,
  rows_done bigint not null default 0,
  rows_changed bigint not null default 0,
  cost_pico_moved numeric not null default 0,
  finished_at timestamptz,
  failed text,
  constraint reattributions_range_forward check (from_time < to_time),
  constraint reattributions_reason_filled check (reason <> '')
);
comment on table reattributions is 'Runs that decide owner, endpoint, group and dimensions of booked calls again by the rules of today: resumable, one at a time an organisation.';
create unique index reattributions_one_at_a_time on reattributions (organisation_id) where finished_at is null;
comment on column reattributions.rows_changed is 'Calls with another team, endpoint, group or dimension now; cost_pico_moved is the cost of those with another team.';

create table admitted_values (
  project_id integer not null,
  day date not null,
  dimension smallint not null,
  value text not null,
  constraint admitted_values_pkey primary key (project_id, day, dimension, value),
  constraint admitted_values_dimension_known check (dimension between 0 and 4)
);
comment on table admitted_values is 'Guard against unbounded values: the first 1,000 of a UTC day, project and dimension (0 endpoint, 1 … 4 extra) keep their name, all others are "(other)". Once written a value stays, so that deciding again gives the same.';

create table rates (
  id integer generated always as identity primary key,
  digest bytea not null,
  price text not null,
  variant text,
  context_over bigint,
  contracted_pico bigint[] not null,
  list_pico bigint[] not null,
  charges_requests boolean not null,
  constraint rates_digest_key unique (digest)
);
comment on table rates is 'Unit prices that calls were charged at, each set once: usage times these is their computed cost, exactly. Never changed or removed.';
comment on column rates.contracted_pico is 'pico-USD per smallest unit, by place of the bucket among observations.usage_… (from 1); NULL: no price. list_pico the same at list prices.';
comment on column rates.charges_requests is 'A call that counted no request is charged for one.';
comment on column rates.price is 'Price row: provider/model@from. variant: the conditions it was met under; context_over: the context tier''s threshold.';

alter table observations
  add column avoided_cost_pico bigint,
  add column rate_id integer,
  add column rule_id integer,
  add column extra_1 text, add column extra_2 text, add column extra_3 text, add column extra_4 text,
  add column declared bytea;
comment on column observations.avoided_cost_pico is 'What a call that a cache answered would have cost, pico-USD; NULL: it was none.';
comment on column observations.rate_id is 'Unit prices (rates) that computed_cost_pico was made with; NULL: none, or decided before they were kept.';
comment on column observations.rule_id is 'attribution_rules.id that gave team_id, when owner_step is 2.';
comment on column observations.extra_1 is 'Effective value of the declared key with place 1; NULL: none was said. So are the others.';
comment on column observations.declared is 'Values of declared keys that came with it, each with its stamp (Domain DeclaredValues).';
alter table traces add column declared bytea;
comment on column traces.declared is 'Values of declared keys said about the trace as a whole (Domain DeclaredValues).';
