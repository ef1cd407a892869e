-- What makes bodies searchable without an index on them (one in the database would cost 16 times the whole write): beside each payload block a
-- small signature of the pieces of words in it, in a table narrow enough to be read for a whole day. A search asks the signatures, then reads
-- the blocks that may fit, newest first. Partitioned and dropped like the blocks. No key and no B-tree: a row is only ever read by its time, for
-- which BRIN costs next to nothing, and is written in the same transaction as its block.

create table payload_signatures (
  block_id bigint not null,
  trace_id uuid not null,
  first_started_at timestamptz not null,
  last_started_at timestamptz not null,
  project_id integer not null,
  inflated_bytes integer not null,
  written_on date not null,
  retention_days smallint not null,
  continues boolean not null,
  signature bytea,
  constraint payload_signatures_ordered check (first_started_at <= last_started_at)
) partition by list (retention_days);
create table payload_signatures_7 partition of payload_signatures for values in (7) partition by range (written_on);
create table payload_signatures_30 partition of payload_signatures for values in (30) partition by range (written_on);
create table payload_signatures_90 partition of payload_signatures for values in (90) partition by range (written_on);
create table payload_signatures_400 partition of payload_signatures for values in (400) partition by range (written_on);
-- In the row itself, never compressed: half of the bits are set, and a search reads all of them.
alter table payload_signatures alter column signature set storage plain;
alter table payload_signatures_7 alter column signature set storage plain;
alter table payload_signatures_30 alter column signature set storage plain;
alter table payload_signatures_90 alter column signature set storage plain;
alter table payload_signatures_400 alter column signature set storage plain;
create index payload_signatures_time on payload_signatures using brin (last_started_at, first_started_at) with (pages_per_range = 32);

comment on table payload_signatures is 'Partitions payload_signatures_CLASS_YYYYMMDD of one UTC day each, those of payloads.';
comment on column payload_signatures.first_started_at is 'Earliest start of an observation with bodies in the block, when it was written.';
comment on column payload_signatures.last_started_at is 'Latest such start; searches go by it, newest first.';
comment on column payload_signatures.inflated_bytes is 'Size of the block''s texts.';
comment on column payload_signatures.continues is 'It holds bodies of an observation that has others in an earlier block: words may be spread over both.';
comment on column payload_signatures.signature is 'Bloom filter of the texts'' pieces, 8 to 4096 bytes, a power of two (Store/Search/BlockSignature.swift). NULL: stored before there were signatures, may hold anything.';

-- Blocks of before may hold anything; their traces say when.
do $$
declare
  place record;
begin
  for place in
    select child.relname as name, regexp_replace(child.relname, '^payloads', 'payload_signatures') as signatures,
      regexp_replace(parent.relname, '^payloads', 'payload_signatures') as parent, pg_get_expr(child.relpartbound, child.oid) as bound
    from pg_inherits i join pg_class child on child.oid = i.inhrelid join pg_class parent on parent.oid = i.inhparent
    where i.inhparent in ('payloads_7'::regclass, 'payloads_30'::regclass, 'payloads_90'::regclass, 'payloads_400'::regclass)
  loop
    execute format('create table %I partition of %I %s', place.signatures, place.parent, place.bound);
    execute format(
      'insert into %I (block_id, trace_id, first_started_at, last_started_at, project_id, inflated_bytes, written_on, retention_days, continues)
       select p.block_id, p.trace_id, coalesce(t.first_started_at, t.started_at, t.received_at),
         coalesce(t.last_started_at, t.started_at, t.received_at), p.project_id, least(octet_length(p.data)::bigint * 6, 2147483647), p.written_on, p.retention_days, true
       from %I p join traces t on t.project_id = p.project_id and t.trace_id = p.trace_id', place.signatures, place.name);
  end loop;
end $$;

-- Traces of a user, whenever they were: 1 KB for 32 pages of traces instead of an entry each.
create index traces_user on traces using brin (user_id text_bloom_ops) with (pages_per_range = 32);
