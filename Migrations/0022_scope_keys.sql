-- Keys: money alone, expiry, limits, rotation with overlap, content policy, user group, who made them, and what they did.

alter table api_keys drop constraint api_keys_scopes_known;
alter table api_keys
  add column user_group_id integer references user_groups (id),
  add column expires_at timestamptz,
  add column content_policy smallint not null default 0,
  add column requests_per_minute integer,
  add column spans_per_minute integer,
  add column request_bytes_max integer,
  add column made_by text not null default '',
  add column made_by_member integer references members (id) on delete set null,
  add column previous_secret_sha256 bytea,
  add column previous_secret_until timestamptz,
  add column rotated_at timestamptz,
  add column revoked_by text,
  add column last_used_address text,
  add column names_users boolean not null default true,
  add column money_team_ids integer[],
  add constraint api_keys_scopes_known check (scopes <@ array['ingest', 'read', 'readMoney', 'admin']),
  add constraint api_keys_content_policy_known check (content_policy between 0 and 2),
  add constraint api_keys_limits_positive
    check (requests_per_minute > 0 and spans_per_minute > 0 and request_bytes_max > 0),
  add constraint api_keys_previous_secret_is_digest check (octet_length(previous_secret_sha256) = 32),
  add constraint api_keys_previous_secret_ends
    check ((previous_secret_sha256 is null) = (previous_secret_until is null));
create unique index api_keys_previous_secret on api_keys (previous_secret_sha256) where previous_secret_sha256 is not null;
comment on column api_keys.user_group_id is 'Group of the calls whose user is in none.';
comment on column api_keys.expires_at is 'Not taken from then on. NULL: until revoked.';
comment on column api_keys.content_policy is '0 keep what the project keeps, 1 mask, 2 drop; the stricter of project and key wins.';
comment on column api_keys.requests_per_minute is 'NULL: no limit; so for the other limits.';
comment on column api_keys.spans_per_minute is 'Spans, log records and events that the key may send in a minute.';
comment on column api_keys.request_bytes_max is 'Largest body, inflated.';
comment on column api_keys.made_by is 'Name of who made it, as the audit log has it; empty before it was noted.';
comment on column api_keys.made_by_member is 'NULL: not by a member, or the member is gone.';
comment on column api_keys.previous_secret_sha256 is 'The secret before the last rotation, taken until previous_secret_until.';
comment on column api_keys.names_users is 'Whether money by end user may be read: whether its maker might.';
comment on column api_keys.money_team_ids is 'Teams whose money may be read, as those of its maker were. NULL: all of the project.';
comment on column api_keys.last_used_address is 'Where the last use came from; with last_used_at to the minute.';

create table key_addresses (
  key_id integer not null references api_keys (id),
  address text not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  requests bigint not null,
  primary key (key_id, address)
);
comment on table key_addresses is 'Where each key was used from. Summed up in memory and added once a minute.';

create table key_days (
  key_id integer not null references api_keys (id),
  day date not null,
  route text not null,
  requests bigint not null,
  refused bigint not null,
  items bigint not null,
  bytes bigint not null,
  last_at timestamptz not null,
  primary key (key_id, day, route)
);
comment on table key_days is 'What each key did, per day of the organisation. Summed up in memory and added once a minute.';
comment on column key_days.route is 'Method and address as registered: "GET /api/v1/traces/:trace".';
comment on column key_days.refused is 'Requests, of all, that were answered with an error.';
comment on column key_days.items is 'Spans, events and scores that were accepted.';
comment on column key_days.bytes is 'Bodies as sent.';

create table key_windows (
  key_id integer primary key references api_keys (id),
  minute bigint not null,
  requests integer not null,
  spans integer not null
);
comment on table key_windows is 'Keys with limits: what processes have taken of the minute, in shares, so that few requests write.';
comment on column key_windows.minute is 'Minutes since 1970.';
