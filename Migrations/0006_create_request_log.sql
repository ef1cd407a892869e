-- The last requests received, for the Connect page ("is my SDK getting through, and what was refused?"). Bounded by age and number: a
-- background job removes the rest.

create table request_log (
  id bigint generated always as identity primary key,
  received_at timestamptz not null,
  project_id integer,
  public_key text,
  path text not null,
  sender text not null,
  status smallint not null,
  accepted integer not null,
  refused integer not null,
  reasons jsonb not null default '{}',
  bytes integer not null
);
create index request_log_time on request_log (received_at desc, id desc);
create index request_log_project on request_log (project_id, received_at desc, id desc) where project_id is not null;

comment on column request_log.project_id is 'NULL when no key was recognised.';
comment on column request_log.public_key is 'Public part of the key as sent; never a secret.';
comment on column request_log.reasons is 'Reason of refusal to count.';
comment on column request_log.bytes is 'Size of the body as received, before inflating.';
