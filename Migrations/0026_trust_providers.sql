-- Sign-in by an identity provider (OpenID Connect).

create table sign_in_providers (
  id integer generated always as identity primary key,
  organisation_id integer not null references organisations (id),
  name text not null,
  issuer text not null,
  client_id text not null,
  secret_source text not null,
  secret_sealed bytea,
  scopes text not null,
  claim_email text not null,
  claim_verified text not null,
  claim_roles text not null,
  is_enabled boolean not null default false,
  links_members boolean not null default false,
  admits_unknown boolean not null default false,
  email_domains text[] not null default '{}',
  default_role text,
  changed_at timestamptz not null default now(),
  changed_by text not null,
  constraint sign_in_providers_name_key unique (organisation_id, name),
  constraint sign_in_providers_filled check (name <> '' and issuer <> '' and client_id <> ''),
  constraint sign_in_providers_secret_source_known check (secret_source in ('stored', 'setting', 'none')),
  constraint sign_in_providers_secret_where_stored check ((secret_source = 'stored') = (secret_sealed is not null)),
  constraint sign_in_providers_default_role_known
    check (default_role in ('owner', 'admin', 'finance', 'teamLead', 'engineer', 'viewer', 'auditor'))
);
comment on column sign_in_providers.secret_sealed is 'AES-256-GCM with a key derived from organisations.secret: no listing, audit entry or log holds it in clear. Whoever holds the whole database can open it; QUIPU_OIDC_SECRET keeps it out.';
comment on column sign_in_providers.claim_roles is 'Claim whose values are mapped to roles. Empty: roles are given by hand.';
comment on column sign_in_providers.links_members is 'A verified e-mail that is a member''s links the account at its first sign-in; never an owner''s.';
comment on column sign_in_providers.default_role is 'Of whom no mapping names. NULL: nobody is let in without.';

create table sign_in_mappings (
  provider_id integer not null references sign_in_providers (id) on delete cascade,
  position smallint not null,
  value text not null,
  team_id integer references teams (id),
  role text not null,
  primary key (provider_id, position),
  constraint sign_in_mappings_value_filled check (value <> ''),
  constraint sign_in_mappings_role_fits check (
    case when team_id is null then role in ('owner', 'admin', 'finance', 'teamLead', 'engineer', 'viewer', 'auditor')
    else role in ('teamLead', 'engineer', 'viewer') end)
);
comment on table sign_in_mappings is 'The first that matches gives the role: one in the organisation (team_id is NULL), one in each team.';

-- Kept by issuer, not by provider: whoever changes a provider's issuer does not inherit who was linked.
create table sign_in_identities (
  organisation_id integer not null references organisations (id),
  issuer text not null,
  subject text not null,
  member_id integer not null references members (id) on delete cascade,
  email text not null,
  linked_at timestamptz not null default now(),
  linked_by text not null,
  last_used_at timestamptz,
  given_teams integer[] not null default '{}',
  given_roles text[] not null default '{}',
  primary key (organisation_id, issuer, subject),
  constraint sign_in_identities_given_in_pairs check (cardinality(given_teams) = cardinality(given_roles))
);
create index sign_in_identities_member on sign_in_identities (member_id);
comment on column sign_in_identities.email is 'As the provider said last, for people to tell accounts apart; never looked up.';
comment on column sign_in_identities.given_teams is 'Teams in which the last sign-in gave given_roles: what the claims no longer say is taken away, what was given by hand stays.';

create table sign_in_states (
  state_sha256 bytea primary key,
  browser_sha256 bytea not null,
  provider_id integer not null references sign_in_providers (id) on delete cascade,
  tester_id integer references members (id) on delete cascade,
  nonce text not null,
  verifier text not null,
  next text not null,
  address text not null,
  expires_at timestamptz not null,
  constraint sign_in_states_are_digests check (octet_length(state_sha256) = 32 and octet_length(browser_sha256) = 32)
);
create index sign_in_states_expiry on sign_in_states (expires_at);
create index sign_in_states_address on sign_in_states (address);
comment on table sign_in_states is 'Browsers on their way to a provider and back: each is taken once, by the browser that holds the cookie.';
comment on column sign_in_states.tester_id is 'Whoever manages members and tests the provider; nobody is signed in by it.';

create table sign_in_tests (
  provider_id integer not null references sign_in_providers (id) on delete cascade,
  member_id integer not null references members (id) on delete cascade,
  tested_at timestamptz not null default now(),
  report text not null,
  issuer text not null,
  subject text,
  email text,
  primary key (provider_id, member_id)
);
comment on table sign_in_tests is 'The last test of each, for its maker''s eyes.';
