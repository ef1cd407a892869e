-- Invitations, second factors, resets, sessions that are told apart.

alter table members alter column password_hash drop not null;
comment on column members.password_hash is 'argon2id in its encoded form ($argon2id$v=…). NULL: invited and not come yet, or signs in by a provider alone.';

alter table members
  add column disabled_at timestamptz,
  add column last_sign_in_at timestamptz,
  add column totp_secret bytea,
  add column totp_step bigint not null default 0,
  add constraint members_totp_secret_is_20_bytes check (octet_length(totp_secret) = 20);
comment on column members.totp_secret is 'Key of the six-digit codes (RFC 6238). NULL: no second factor. As secret as the password hashes beside it; whoever holds both can sign in.';
comment on column members.totp_step is 'Half-minute of the last code that was taken: no code counts twice.';

-- Ten at a time, 80 random bits each.
create table recovery_codes (
  member_id integer not null references members (id) on delete cascade,
  code_sha256 bytea not null,
  used_at timestamptz,
  primary key (member_id, code_sha256),
  constraint recovery_codes_is_digest check (octet_length(code_sha256) = 32)
);

create table member_links (
  token_sha256 bytea primary key,
  member_id integer not null references members (id) on delete cascade,
  purpose text not null,
  made_by text not null,
  made_at timestamptz not null default now(),
  expires_at timestamptz not null,
  constraint member_links_token_is_digest check (octet_length(token_sha256) = 32),
  constraint member_links_purpose_known check (purpose in ('invitation', 'reset')),
  constraint member_links_one_of_each unique (member_id, purpose)
);
comment on table member_links is 'Links by which a member sets a password: gone once used, replaced by the next of their purpose.';

create table sign_in_steps (
  token_sha256 bytea primary key,
  member_id integer not null references members (id) on delete cascade,
  csrf_token text not null,
  next text not null,
  totp_secret bytea,
  tries smallint not null default 0,
  started_at timestamptz not null default now(),
  expires_at timestamptz not null,
  constraint sign_in_steps_token_is_digest check (octet_length(token_sha256) = 32)
);
create index sign_in_steps_member on sign_in_steps (member_id, started_at);
comment on table sign_in_steps is 'Browsers that gave the right password and owe the second factor; no session yet.';
comment on column sign_in_steps.totp_secret is 'Offered for setting up, where the role needs a second factor and the member has none.';

alter table member_sessions
  add column id bigint generated always as identity,
  add column address text not null default '',
  add column agent text not null default '',
  add column totp_offered bytea,
  add constraint member_sessions_id_key unique (id);
comment on column member_sessions.id is 'By which its member, or who manages members, ends it; the token stays the browser''s.';
comment on column member_sessions.totp_offered is 'Second factor that is being set up in it.';

alter table organisations
  add column second_factor_roles text[] not null default '{}',
  add column payload_reads_audited boolean not null default false;
comment on column organisations.second_factor_roles is 'Whoever has one of these roles sets up a second factor at the next sign-in.';
comment on column organisations.payload_reads_audited is 'Each reading of inputs and outputs stands in the audit log.';
