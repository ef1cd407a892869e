-- How long payloads of a project are kept, what lies on the disk, and people who are forgotten.

alter table projects add column payload_days smallint;
alter table projects add constraint projects_payload_days_is_class check (payload_days in (7, 30, 90, 400));
comment on column projects.payload_days is 'Class that was chosen for the project; NULL: the installation''s. retention_days follows it.';

create table payload_moves (
  id integer generated always as identity primary key,
  project_id integer not null references projects (id),
  to_days smallint not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  blocks_moved bigint not null default 0,
  blocks_removed bigint not null default 0,
  finished_at timestamptz,
  constraint payload_moves_to_class check (to_days in (7, 30, 90, 400))
);
create unique index payload_moves_one_at_a_time on payload_moves (project_id) where finished_at is null;
comment on table payload_moves is 'Older blocks of a project brought to another class, on request; blocks keep their id.';
comment on column payload_moves.blocks_removed is 'Older than the class keeps.';

create table storage_days (
  day date not null,
  project_id integer not null references projects (id),
  what text not null,
  row_count bigint not null,
  bytes bigint not null,
  primary key (day, project_id, what),
  constraint storage_days_what_known check (what in ('observations', 'payloads'))
);
comment on table storage_days is 'What a UTC day''s partitions hold of each project, looked at once a day is over. bytes of observations is the project''s share of the partition by rows.';

create table storage_samples (
  taken_on date primary key,
  database_bytes bigint not null
);
comment on table storage_samples is 'Size of the database once a day: what growth is told from.';

create table erased_users (
  organisation_id integer not null references organisations (id),
  user_hash bytea not null,
  pseudonym text not null,
  erased_at timestamptz not null default now(),
  primary key (organisation_id, user_hash),
  constraint erased_users_hash_is_digest check (octet_length(user_hash) = 32)
);
comment on table erased_users is 'People who were erased, by keyed hash of their id: what arrives of them later is stored under the pseudonym. Nothing here tells who they were without the organisation''s secret.';

create table erasures (
  id integer generated always as identity primary key,
  organisation_id integer not null references organisations (id),
  user_id text,
  pseudonym text not null,
  reason text not null,
  requested_by text not null,
  requested_at timestamptz not null default now(),
  done_before date,
  traces bigint not null default 0,
  observations bigint not null default 0,
  blocks bigint not null default 0,
  scores bigint not null default 0,
  receipt jsonb,
  finished_at timestamptz,
  constraint erasures_end_without_the_name check ((finished_at is null) = (user_id is not null))
);
create unique index erasures_once_at_a_time on erasures (organisation_id, pseudonym) where finished_at is null;
comment on column erasures.user_id is 'Only while the job runs.';
comment on column erasures.done_before is 'Days of observations looked through so far.';

create table storage_counted (
  partition text primary key,
  day date not null,
  what text not null
);
comment on table storage_counted is 'Partitions that storage_days tells of.';

-- A combination that names an erased person may go once nothing refers to it; what a closed month refers to stays, and the receipt says so.
drop trigger dimension_sets_kept on dimension_sets;
create trigger dimension_sets_kept before update or truncate on dimension_sets for each statement execute function refuse_change();
create function refuse_removal_in_use() returns trigger language plpgsql as $$
begin
  if exists (select from statement_charges where set_id = old.id) or exists (select from charges_day where set_id = old.id) then
    raise exception 'row % of dimension_sets is in use', old.id using errcode = '23001', hint = 'Statements and charges refer to it.';
  end if;
  return old;
end $$;
create trigger dimension_sets_in_use before delete on dimension_sets for each row execute function refuse_removal_in_use();
