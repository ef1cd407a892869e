-- Files that are made later hold what was in reach when they were asked for: the whole scope is kept, not only its money.

alter table exports
  add column trace_project_ids integer[],
  add column content_project_ids integer[] default '{}',
  add column users text not null default 'shown';
update exports set trace_project_ids = project_ids;
alter table exports
  alter column content_project_ids drop default,
  alter column users drop default,
  add constraint exports_users_known check (users in ('shown', 'pseudonyms', 'hidden'));
comment on column exports.trace_project_ids is 'Projects whose traces were in reach; NULL: all. content_project_ids likewise for inputs and outputs.';
comment on column exports.users is 'How end users are told in it.';
