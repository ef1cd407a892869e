-- Who sends, who reads, who pays: the small reference tables that everything else names by integer id.
-- They are never written on the ingest path (last_used_at of a key is set by a background job), so foreign keys are welcome here.

create table organisations (
  id integer generated always as identity primary key,
  name text not null,
  time_zone text not null default 'UTC',
  created_at timestamptz not null default now(),
  demo_anchor timestamptz,
  catalogue_revision integer not null default 0,
  constraint organisations_name_filled check (name <> '')
);
comment on column organisations.time_zone is 'IANA name. Hours and days of every rollup begin in it; changing it asks for a rebuild of the rollups.';
comment on column organisations.demo_anchor is 'Set in a demonstration organisation: the instant its generated data ends at.';
comment on column organisations.catalogue_revision is 'Revision of price catalogue and rules that rows should have been decided with.';

create table teams (
  id integer generated always as identity primary key,
  organisation_id integer not null references organisations (id),
  name text not null,
  cost_centre text,
  parent_id integer references teams (id),
  colour smallint not null default 0,
  created_at timestamptz not null default now(),
  constraint teams_name_key unique (organisation_id, name),
  constraint teams_name_filled check (name <> ''),
  constraint teams_parent_is_other check (parent_id <> id),
  constraint teams_colour_in_palette check (colour between 0 and 7)
);
comment on column teams.colour is 'Palette place 0…7, given at creation and kept on every page.';

create table projects (
  id integer generated always as identity primary key,
  organisation_id integer not null references organisations (id),
  slug text not null,
  name text not null,
  team_id integer not null references teams (id),
  frozen_before timestamptz not null default date_trunc('day', now() - interval '25 months', 'UTC'),
  retention_days smallint not null default 90,
  created_at timestamptz not null default now(),
  constraint projects_slug_key unique (slug),
  constraint projects_slug_filled check (slug <> ''),
  constraint projects_name_filled check (name <> ''),
  constraint projects_retention_is_class check (retention_days in (7, 30, 90, 400))
);
comment on column projects.team_id is 'Team that administers the project; never a fallback owner of cost.';
comment on column projects.frozen_before is 'Observations that start earlier are refused and rollups earlier are not rebuilt. Moved forward at least a minute before any observation is removed, because writers remember it for some seconds. By default the age that observations reach.';
comment on column projects.retention_days is 'Days that payloads written from now on are kept; one of the partition classes.';

create table api_keys (
  id integer generated always as identity primary key,
  project_id integer not null references projects (id),
  name text not null,
  public_key text not null,
  secret_sha256 bytea not null,
  secret_hint text not null,
  environment text,
  scopes text[] not null default '{ingest,read}',
  team_id integer references teams (id),
  team_mode smallint not null default 0,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  revoked_at timestamptz,
  constraint api_keys_public_key_key unique (public_key),
  constraint api_keys_secret_key unique (secret_sha256),
  constraint api_keys_secret_is_digest check (octet_length(secret_sha256) = 32),
  constraint api_keys_scopes_known check (scopes <@ array['ingest', 'read']),
  constraint api_keys_team_with_mode check ((team_mode = 0) = (team_id is null)),
  constraint api_keys_team_mode_known check (team_mode between 0 and 2)
);
create index api_keys_project on api_keys (project_id);
comment on column api_keys.secret_sha256 is 'SHA-256 of the secret; the secret itself is never stored.';
comment on column api_keys.secret_hint is 'First six and last four characters of the secret.';
comment on column api_keys.environment is 'Wins over what the sender says.';
comment on column api_keys.team_mode is '0 none, 1 default (used last), 2 fixed (always the owner).';

create table user_groups (
  id integer generated always as identity primary key,
  organisation_id integer not null references organisations (id),
  name text not null,
  team_id integer references teams (id),
  created_at timestamptz not null default now(),
  constraint user_groups_name_key unique (organisation_id, name),
  constraint user_groups_name_filled check (name <> '')
);
comment on table user_groups is 'Groups of end users of the traced applications; a group''s team owns what its users cost when no key or rule says otherwise.';

create table user_group_members (
  organisation_id integer not null references organisations (id),
  user_id text not null,
  group_id integer not null references user_groups (id) on delete cascade,
  primary key (organisation_id, user_id)
);
create index user_group_members_group on user_group_members (group_id);
comment on column user_group_members.user_id is 'End user as senders write it. One group each, so that a call has one owner.';

create table members (
  id integer generated always as identity primary key,
  organisation_id integer not null references organisations (id),
  email text not null,
  password_hash text not null,
  role text not null,
  created_at timestamptz not null default now(),
  constraint members_email_key unique (email),
  constraint members_email_is_lower check (email = lower(email) and email <> ''),
  constraint members_role_known check (role in ('owner', 'admin', 'finance', 'teamLead', 'engineer', 'viewer', 'auditor'))
);
comment on column members.password_hash is 'argon2id in its encoded form ($argon2id$v=…).';

create table member_sessions (
  token_sha256 bytea primary key,
  member_id integer not null references members (id) on delete cascade,
  csrf_token text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  last_seen_at timestamptz not null default now(),
  constraint member_sessions_token_is_digest check (octet_length(token_sha256) = 32)
);
create index member_sessions_member on member_sessions (member_id);
create index member_sessions_expiry on member_sessions (expires_at);

-- Counted by e-mail and by address over the last minutes; older rows are removed.
create table login_attempts (
  id bigint generated always as identity primary key,
  email text not null,
  address text not null,
  succeeded boolean not null,
  attempted_at timestamptz not null default now()
);
create index login_attempts_email on login_attempts (email, attempted_at);
create index login_attempts_address on login_attempts (address, attempted_at);
create index login_attempts_time on login_attempts (attempted_at);

create table settings (
  key text primary key,
  value text not null
);
comment on table settings is 'Installation-wide values that every process must see.';
