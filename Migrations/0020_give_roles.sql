-- Roles in teams and projects, grants to read prompts and answers.

create table member_roles (
  member_id integer not null references members (id) on delete cascade,
  team_id integer references teams (id),
  project_id integer references projects (id),
  role text not null,
  constraint member_roles_one_place check ((team_id is null) <> (project_id is null)),
  constraint member_roles_role_fits check (role in ('engineer', 'viewer') or role = 'teamLead' and team_id is not null),
  constraint member_roles_once unique nulls not distinct (member_id, team_id, project_id)
);
comment on table member_roles is 'What team leads, engineers and viewers reach; other roles reach the whole organisation.';

create table content_grants (
  id integer generated always as identity primary key,
  member_id integer not null references members (id) on delete cascade,
  project_id integer references projects (id),
  given_by text not null,
  reason text not null default '',
  given_at timestamptz not null default now(),
  expires_at timestamptz,
  withdrawn_at timestamptz,
  withdrawn_by text,
  constraint content_grants_by_whom check (given_by <> '')
);
create index content_grants_member on content_grants (member_id) where withdrawn_at is null;
comment on table content_grants is 'Leave to read inputs, outputs, metadata values, error texts and comments. Withdrawn ones stay as a record.';
comment on column content_grants.project_id is 'NULL: every project that the member reaches.';
comment on column content_grants.expires_at is 'NULL: until withdrawn. An auditor''s own is never without.';

-- Whoever was here could read everything; nobody loses what they worked with.
insert into member_roles (member_id, team_id, role)
select m.id, t.id, m.role from members m join teams t on t.organisation_id = m.organisation_id
where m.role in ('teamLead', 'engineer', 'viewer');
insert into content_grants (member_id, given_by, reason)
select id, 'upgrade', 'could read it before roles held' from members where role in ('owner', 'admin', 'teamLead', 'viewer');

-- Two random UUIDs: 244 random bits, without an extension.
alter table organisations add column secret bytea not null
  default decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex');
alter table organisations add constraint organisations_secret_is_32_bytes check (octet_length(secret) = 32);
comment on column organisations.secret is 'Key of every keyed hash of this organisation: pseudonyms of users, masked values that stay equal. Never leaves the service; losing it makes them unequal to later ones.';
