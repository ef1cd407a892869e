-- Judgements on traces, observations and sessions. They may arrive before what they judge, so nothing refers to other tables.

create table scores (
  project_id integer not null,
  id text not null,
  stamp bytea not null,
  trace_id uuid,
  observation_id bigint,
  created_at timestamptz not null,
  number double precision,
  data_type smallint not null,
  source smallint not null,
  session_id text,
  name text not null,
  text text,
  comment text,
  metadata text,
  environment text not null,
  primary key (project_id, id),
  constraint scores_data_type_known check (data_type between 1 and 5),
  constraint scores_source_known check (source between 1 and 3),
  constraint scores_stamp_is_17_bytes check (octet_length(stamp) = 17)
);
create index scores_trace on scores (project_id, trace_id) where trace_id is not null;
create index scores_session on scores (project_id, session_id) where session_id is not null;
create index scores_time on scores (project_id, created_at desc, id);

comment on column scores.stamp is 'Of the message that wrote it; the latest wins. Bytes sort as the stamp does (time with its sign bit flipped, rank, hash).';
comment on column scores.data_type is '1 numeric, 2 categorical, 3 boolean, 4 text, 5 correction.';
comment on column scores.source is '1 api, 2 eval, 3 annotation.';
comment on column scores.metadata is 'JSON text.';
