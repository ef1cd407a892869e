-- Each declared key is bounded by admitted_values; combinations of several are bounded here, so that dimension_sets and charges_day are.

create table admitted_sets (
  project_id integer not null,
  digest uuid not null,
  day date not null,
  until date,
  constraint admitted_sets_pkey primary key (project_id, digest, day),
  constraint admitted_sets_until_later check (until > day)
);
comment on table admitted_sets is 'Combinations of values of declared keys that calls keep whole: the first 1,000 new ones of a project and UTC day. In others the first value stays and the rest are "(other)". Once written a row stays, so that deciding again gives the same.';
comment on column admitted_sets.digest is 'The first 16 bytes of SHA-256 over the values (Store/Ingestion/SetGuard).';
comment on column admitted_sets.day is 'Of the call that it was new on; it holds for all days from then.';
comment on column admitted_sets.until is 'The first later day that was full before: what was folded there stays so. NULL: holds for all later days.';
create index admitted_sets_ended on admitted_sets (project_id, until) where until is not null;

create table admitted_set_days (
  project_id integer not null,
  day date not null,
  sets integer not null,
  constraint admitted_set_days_pkey primary key (project_id, day)
);
comment on table admitted_set_days is 'How many combinations of admitted_sets were new on a day; at 1,000 the day is full.';
