-- Bodies of one trace from one request, compressed together: 600 bytes an observation instead of 908 alone, and one index entry instead of
-- fifty. Partitioned by retention class and then by day, so that retention is a DROP. The id of a block tells its partition: no reference has
-- to carry it, and a lookup touches one partition.

create table payloads (
  project_id integer not null,
  trace_id uuid not null,
  block_id bigint not null,
  written_on date not null,
  retention_days smallint not null,
  data bytea not null,
  constraint payloads_pkey primary key (project_id, trace_id, block_id, retention_days, written_on),
  constraint payloads_block_names_day check (written_on = date '1970-01-01' + ((block_id >> 16) / 86400000)::integer)
) partition by list (retention_days);
create table payloads_7 partition of payloads for values in (7) partition by range (written_on);
create table payloads_30 partition of payloads for values in (30) partition by range (written_on);
create table payloads_90 partition of payloads for values in (90) partition by range (written_on);
create table payloads_400 partition of payloads for values in (400) partition by range (written_on);
alter table payloads alter column data set storage external;
alter table payloads_7 alter column data set storage external;
alter table payloads_30 alter column data set storage external;
alter table payloads_90 alter column data set storage external;
alter table payloads_400 alter column data set storage external;

comment on table payloads is 'Partitions payloads_CLASS_YYYYMMDD of one UTC day each.';
comment on column payloads.block_id is 'Milliseconds since 1970 of writing << 16 | class (0: 7, 1: 30, 2: 90, 3: 400 days) << 14 | 14 random bits.';
comment on column payloads.written_on is 'Derived from block_id: its UTC day.';
comment on column payloads.retention_days is 'Derived from block_id: its class.';
comment on column payloads.data is 'One zstd frame of the bodies'' UTF-8 texts, one after the other; StoredPart has offset and length.';
