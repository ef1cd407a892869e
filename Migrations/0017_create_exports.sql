-- Large exports: made in the background, kept in pieces, so that any process can make and serve them.

create table exports (
  id integer generated always as identity primary key,
  organisation_id integer not null references organisations (id),
  question text not null,
  file_name text not null,
  media_type text not null,
  project_ids integer[],
  team_ids integer[],
  created_at timestamptz not null default now(),
  created_by text not null,
  -- Progress of the attempt at work.
  attempts smallint not null default 0,
  days_total integer not null,
  days_done integer not null default 0,
  rows_done bigint not null default 0,
  bytes_done bigint not null default 0,
  chunks integer not null default 0,
  finished_at timestamptz,
  failed text,
  constraint exports_days_within check (days_done between 0 and days_total)
);
comment on table exports is 'Files that were asked for: made by one process at a time under an advisory lock, begun anew when that process is gone, removed after a week.';
comment on column exports.question is 'As asked, in the form of a query string.';
comment on column exports.project_ids is 'Projects whose calls it may hold; NULL: all. team_ids likewise. Who sees less may not have the file.';
comment on column exports.failed is 'Why there is no file.';
create index exports_organisation on exports (organisation_id, id);
create index exports_waiting on exports (id) where finished_at is null;

create table export_chunks (
  export_id integer not null references exports (id) on delete cascade,
  position integer not null,
  -- 0: as it is, 1: a zstd frame.
  encoding smallint not null,
  bytes bytea not null,
  constraint export_chunks_pkey primary key (export_id, position)
);
alter table export_chunks alter column bytes set storage external;
comment on table export_chunks is 'Up to 1 MiB of a file each, in order.';
