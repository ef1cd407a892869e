-- What of prompts and answers is kept, files taken out of them, and how much was masked.

create table content_rules (
  project_id integer primary key references projects (id),
  level smallint not null default 0,
  kinds text[] not null,
  is_hashed boolean not null default false,
  masks_identifiers boolean not null default false,
  pattern_names text[] not null default '{}',
  patterns text[] not null default '{}',
  body_bytes_max integer not null default 1048576,
  changed_at timestamptz not null default now(),
  changed_by text not null,
  constraint content_rules_level_known check (level between 0 and 3),
  constraint content_rules_patterns_named check (cardinality(pattern_names) = cardinality(patterns)),
  constraint content_rules_bytes_in_reach check (body_bytes_max between 4096 and 67108864)
);
comment on table content_rules is 'Projects that keep content otherwise than as it comes; the others have no row.';
comment on column content_rules.level is '0 full, 1 masked, 2 metadata only, 3 none.';
comment on column content_rules.is_hashed is 'Masked values stand as a keyed hash, so that equal ones stay equal.';

create table content_counts (
  project_id integer not null,
  counted_on date not null,
  what text not null,
  count bigint not null,
  primary key (project_id, counted_on, what)
);
comment on table content_counts is 'Values masked, fields cut or left out, files taken out, by UTC day of arrival; resends count again.';

-- Files (images, sound, documents) that stood in bodies as base64.
create table media (
  project_id integer not null,
  sha256 bytea not null,
  type text not null,
  data bytea not null,
  byte_count integer not null,
  first_seen_at timestamptz not null default now(),
  kept_until date not null,
  primary key (project_id, sha256),
  constraint media_sha256_is_32_bytes check (octet_length(sha256) = 32)
);
alter table media alter column data set storage external;
create index media_kept_until on media (kept_until);
comment on column media.kept_until is 'As long as the payloads that name it: moved on when it is seen again.';

create table media_uses (
  project_id integer not null,
  trace_id uuid not null,
  sha256 bytea not null,
  primary key (project_id, trace_id, sha256)
);
create index media_uses_file on media_uses (project_id, sha256);
comment on table media_uses is 'Traces whose bodies name a file, so that erasing a trace can tell whether anyone else has it.';
