-- What an organisation agreed to pay, and the runs that apply a change of it to what is already booked. Rows are ended (deleted_at), never
-- overwritten: what a call was priced with can be looked up for as long as the call is kept.

alter table organisations add column price_revision integer not null default 0;
comment on column organisations.price_revision is 'Rises with every change of its listings, terms, aliases and switches; a writer compares it under the commit with the one it decided by.';

alter table organisations add column repriced_catalogue_revision integer not null default 0;
comment on column organisations.repriced_catalogue_revision is 'Largest catalogue revision that a re-pricing has decided by: rows decided by an older one are not written any more.';

-- What a write must have been decided by at least: {catalogue, own prices}. Whoever raises either holds the lock alone, so that nothing decided
-- by less can commit after it. A function of its own, because each statement in it sees what was committed while it waited for the lock.
create function hold_price_revisions(organisation integer) returns integer[] language plpgsql volatile as $$
begin
  perform pg_advisory_xact_lock_shared(1903521906, organisation);
  return (select array[o.repriced_catalogue_revision, o.price_revision] from organisations o where o.id = organisation);
end $$;

alter table api_keys add column cost_trust smallint;
alter table api_keys add constraint api_keys_cost_trust_known check (cost_trust between 1 and 3);
comment on column api_keys.cost_trust is 'What a cost that came with a call is worth: 1 it counts, 2 kept beside, 3 ignored; NULL: the default of its source. A change raises price_revision.';

create table price_listings (
  id integer generated always as identity primary key,
  organisation_id integer not null references organisations (id),
  provider text,
  pattern_kind text not null,
  pattern text not null,
  valid_from timestamptz,
  valid_to timestamptz,
  conditions jsonb not null default '{}',
  prices jsonb not null,
  source text not null,
  checked_at timestamptz,
  created_at timestamptz not null default now(),
  created_by text not null,
  deleted_at timestamptz,
  deleted_by text,
  constraint price_listings_kind_known check (pattern_kind in ('exact', 'prefix', 'suffix', 'contains', 'regex')),
  constraint price_listings_range_forward check (valid_from < valid_to)
);
comment on table price_listings is 'Price rows of an organisation: dated, per unit, under conditions; they win over the catalogue.';
comment on column price_listings.prices is 'Catalogue unit key to US dollars with context tiers: {"input_mtok": "1.25 >200000:2.5"}.';

create table price_terms (
  id integer generated always as identity primary key,
  organisation_id integer not null references organisations (id),
  provider text,
  pattern_kind text,
  pattern text,
  valid_from timestamptz,
  valid_to timestamptz,
  factor numeric(12, 9) not null,
  source text not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  deleted_at timestamptz,
  deleted_by text,
  constraint price_terms_kind_known check (pattern_kind in ('exact', 'prefix', 'suffix', 'contains', 'regex')),
  constraint price_terms_pattern_whole check ((pattern is null) = (pattern_kind is null)),
  constraint price_terms_factor_sane check (factor between 0 and 100),
  constraint price_terms_range_forward check (valid_from < valid_to)
);
comment on column price_terms.factor is 'On the list price: 0.85 is 15 % off. List cost stays as it is; contracted cost is list times this.';

create table model_aliases (
  id integer generated always as identity primary key,
  organisation_id integer not null references organisations (id),
  provider text,
  pattern_kind text not null,
  pattern text not null,
  valid_from timestamptz,
  valid_to timestamptz,
  target_provider text,
  target_model text not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  deleted_at timestamptz,
  deleted_by text,
  constraint model_aliases_kind_known check (pattern_kind in ('exact', 'prefix', 'suffix', 'contains', 'regex')),
  constraint model_aliases_range_forward check (valid_from < valid_to)
);

create table providers_without_catalogue (
  organisation_id integer not null references organisations (id),
  provider text not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  constraint providers_without_catalogue_pkey primary key (organisation_id, provider)
);
comment on table providers_without_catalogue is 'Providers whose catalogue prices don''t hold for the organisation: only its own listings do.';

create table repricings (
  id integer generated always as identity primary key,
  organisation_id integer not null references organisations (id),
  from_time timestamptz not null,
  to_time timestamptz not null,
  models text[] not null default '{}',
  reason text not null,
  revision integer not null,
  price_revision integer not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  -- Progress: everything that starts before is done.
  done_before timestamptz not null,
  traces_done bigint not null default 0,
  rows_done bigint not null default 0,
  rows_changed bigint not null default 0,
  cost_pico_before numeric not null default 0,
  cost_pico_after numeric not null default 0,
  finished_at timestamptz,
  failed text,
  constraint repricings_range_forward check (from_time < to_time),
  constraint repricings_reason_filled check (reason <> '')
);
comment on table repricings is 'Runs that decide booked calls again at today''s prices: resumable by done_before, one at a time an organisation.';
create unique index repricings_one_at_a_time on repricings (organisation_id) where finished_at is null;
comment on column repricings.revision is 'Target: catalogue revision that no row of the range is below at the end; price_revision is that of the organisation''s own prices.';
comment on column repricings.rows_done is 'Rows decided again; rows_changed of them have another cost or status now, and the two costs are theirs.';
comment on column repricings.failed is 'Why it ended before its range was done.';
comment on column repricings.models is 'Models of the catalogue or as sent; empty is all.';

create table audit_entries (
  id bigint generated always as identity primary key,
  organisation_id integer not null references organisations (id),
  at timestamptz not null default now(),
  actor text not null,
  action text not null,
  subject text not null,
  detail jsonb not null default '{}'
);
comment on table audit_entries is 'Append-only: who changed what that others must be able to follow.';
create index audit_entries_time on audit_entries (organisation_id, at);

-- computed_cost_pico is the contracted cost: at the organisation's own prices and terms. NULL is cheaper than a number that says
-- nothing: the list cost stands only where it differs.
alter table observations
  add column list_cost_pico bigint,
  add column first_cost_pico bigint,
  add column first_cost_status smallint,
  add column price_revision integer,
  add column region text;
comment on column observations.list_cost_pico is 'At list prices, pico-USD; NULL: as computed_cost_pico.';
comment on column observations.first_cost_pico is 'What was charged first, pico-USD; only where a re-pricing changed it (first_cost_status is set).';
comment on column observations.first_cost_status is 'cost_status before the first re-pricing; NULL: never re-priced.';
comment on column observations.price_revision is 'Revision of the organisation''s own prices that decided the row; NULL: 0.';
comment on column observations.region is 'Where the provider served the call, as sent: a condition of prices.';

-- Few calls lack a price, and the report about them must not read the others. Days that exist already go without it: building it there would
-- read all of them during the upgrade.
create index observations_unpriced on only observations (project_id, started_at) where cost_status in (2, 3);
